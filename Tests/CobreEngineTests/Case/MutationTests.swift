import CobreBase
import CobreCase
import CobreEngine
import Foundation
import Testing

/// Whatever bytes a case holds: findings or a case, never a trap or a hang.
@Suite("Mutated cases") struct MutationTests {
  /// Mutants per test, of which two read cases.
  ///
  /// `make fuzz` reads a million.
  private static let count = Int(ProcessInfo.processInfo.environment["COBRE_FUZZ_COUNT"] ?? "") ?? 250

  @Test(.timeLimit(.minutes(60))) func bytesOfOneFileChange() {
    var generator = SplitMix(state: 5)
    let drafts = [CaseDraft.smallest, CaseDraft.valley]
    for _ in 0..<MutationTests.count {
      var draft = drafts[generator.below(2)]
      let files = draft.files.keys.sorted()
      let file = files[generator.below(files.count)]
      draft.files[file] = generator.mutate(draft.files[file] ?? [])
      let report = draft.read()
      #expect((report.study == nil) == !report.errors.isEmpty)
    }
  }

  /// Values of other kinds and sizes where the text still parses, so that the later layers see them.
  @Test(.timeLimit(.minutes(60))) func valuesOfOneFileChange() {
    var generator = SplitMix(state: 6)
    let values = [
      "-1", "0", "1", "2", "7", "99", "2147483647", "-2147483648", "1e308", "-1e308", "0.5", "null", "[]", "{}",
    ]
    for _ in 0..<MutationTests.count {
      var draft = CaseDraft.valley
      let files = draft.files.keys.sorted()
      let file = files[generator.below(files.count)]
      let text = String(decoding: draft.files[file] ?? [], as: UTF8.self)
      let numbers = text.matches(of: /-?[0-9]+(\.[0-9]+)?/)
      guard !numbers.isEmpty else { continue }
      let chosen = numbers[generator.below(numbers.count)]
      draft.write(file, text.replacingCharacters(in: chosen.range, with: values[generator.below(values.count)]))
      let report = draft.read()
      #expect((report.study == nil) == !report.errors.isEmpty)
      if let study = report.study { _ = CaseDescription(study) }
    }
  }

  @Test func refusesCasesTooLargeToResolve() {
    var draft = CaseDraft.smallest
    let stages = (0..<4500).map {
      """
      {"id": \($0), "start_date": "2027-01-01", "end_date": "2027-02-01", "num_scenarios": 1,
       "blocks": [{"id": 0, "name": "A", "hours": 744}]}
      """
    }
    draft.write(
      "stages.json",
      """
      {"policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0}, "stages": [\(stages.joined(separator: ","))]}
      """)
    let buses = (0..<4500).map { "{\"id\": \($0), \"name\": \"B\"}" }
    draft.write("system/buses.json", "{\"buses\": [\(buses.joined(separator: ","))]}")
    #expect(draft.read().errors.map(\.code) == [112])
  }

  @Test func refusesTablesOutOfProportion() {
    var draft = CaseDraft.smallest
    var absent = draft.valueOfHydro(id: 8).object ?? JSONObject()
    absent["exit_stage_id"] = 0
    let hydros = (100..<900).map { id -> JSONValue in
      absent["id"] = .int(Int64(id))
      return .object(absent)
    }
    draft.set("system/hydros.json", "hydros", .array([draft.valueOfHydro(id: 7)] + hydros))
    draft.set(
      "initial_conditions.json", "storage",
      .array(([7] + (100..<900)).map { ["hydro_id": .int(Int64($0)), "value_hm3": 60.0] }))
    let rows = (0..<1400).map { "0,\($0),7,1\n" }.joined()
    draft.write("scenarios/inflow_openings.csv", "stage_id,opening_index,hydro_id,value_m3s\n" + rows + "1,0,7,1\n")
    #expect(draft.read().errors.map(\.code) == [112])
  }

  @Test func boundsTheNumberOfFindings() {
    var draft = CaseDraft.smallest
    draft.write(
      "scenarios/load_seasonal_stats.csv",
      "bus_id,stage_id,mean_mw,std_mw\n" + String(repeating: "x,0,1,1\n", count: 100_000))
    let report = draft.read()
    #expect(report.findings.count < 100)
    // Reading stops at the 20,000th error, of which 50 of a kind are listed.
    #expect(report.findings.contains { $0.message.contains("more findings of this rule") })
    #expect(report.findings.contains { $0.message.contains("more than 20000 errors") })
  }
}
