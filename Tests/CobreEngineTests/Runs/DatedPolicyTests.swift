import CobreBase
import CobreTestSupport
import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Policies of another study, found by the dates of its stages.
@Suite struct DatedPolicyTests {
  private func study(_ edit: (inout CaseDraft) -> Void = { _ in }, of base: CaseDraft = .cascade) throws -> StudyCase {
    var draft = base
    edit(&draft)
    let report = draft.read()
    return try #require(report.study, "\(report.errors.map(\.description))")
  }

  /// A converged policy, as a file would hold it.
  private func trained(_ study: StudyCase) throws -> (stored: StoredPolicy, bound: Double) {
    let trainer = try Trainer(
      study: study, options: TrainingOptions(study: study), communicator: LocalCommunicator())
    let result = try trainer.train { _ in true }
    return (trainer.storedPolicy(withStarts: false), result.lastReport.lowerBound)
  }

  private func bound(_ study: StudyCase, _ boundary: Policy.Pool) throws -> Double {
    let trainer = try Trainer(
      study: study, options: TrainingOptions(study: study), communicator: LocalCommunicator(), boundary: boundary)
    return try trainer.train { _ in true }.lastReport.lowerBound
  }

  /// The first two months of the cascade.
  private static func shorten(_ draft: inout CaseDraft) {
    draft.set("stages.json", "stages[2]", nil)
    draft.inflows((0..<2).flatMap { [[7, Double($0), 12, 0], [9, Double($0), 8, 0]] })
    draft.loads((0..<2).map { [1, Double($0), 80, 0] })
  }

  @Test("N21 in two parts: the later one stands behind the earlier one", arguments: [0, 0.1])
  func boundary(rate: Double) throws {
    let setRate: (inout CaseDraft) -> Void = {
      $0.set("stages.json", "policy_graph.annual_discount_rate", .double(rate))
    }
    let (stored, optimum) = try trained(study(setRate))
    if rate == 0 { #expect(abs(optimum - 6_231_900) <= 1e-9 * 6_231_900) }
    let short = try study {
      setRate(&$0)
      Self.shorten(&$0)
    }
    let (pool, notes) = try stored.boundaryByDate(for: short, isStrict: true)
    #expect(notes.isEmpty)
    let found = try bound(short, pool)
    #expect(abs(found - optimum) <= 1e-9 * optimum, "\(found)")
  }

  /// N37: water takes 300 hours from plant 7 to plant 9, so that what leaves in the last 300 hours of February arrives
  /// in March; at 4,132,800 $ Novomodelo 0.19.1 solves the three months in one piece.
  private func travelling(_ draft: inout CaseDraft) {
    draft.set(
      "system/hydros.json", "hydros[1]", CaseDraft.plant(9, storage: (0, 0), maxTurbined: 80, maxGeneration: 70))
    draft.set("initial_conditions.json", "storage", [["hydro_id": 7, "value_hm3": 60.0]])
    draft.set("system/hydros.json", "hydros[0].travel_time_hours", 300.0)
    draft.set(
      "initial_conditions.json", "past_defluences",
      [["hydro_id": 7, "start_date": "2026-12-01", "end_date": "2027-01-01", "value_m3s": 30.0]])
  }

  @Test("N37 in two parts: water crosses the boundary")
  func waterOnItsWay() throws {
    let (stored, optimum) = try trained(
      study {
        travelling(&$0)
        $0.inflows((0..<3).flatMap { [[7, Double($0), 22, 0], [9, Double($0), 0, 0]] })
      })
    #expect(abs(optimum - 4_132_800) <= 1e-9 * 4_132_800)
    func short(_ hours: Double?) throws -> StudyCase {
      try study {
        travelling(&$0)
        Self.shorten(&$0)
        $0.inflows((0..<2).flatMap { [[7, Double($0), 22, 0], [9, Double($0), 0, 0]] })
        guard let hours else { return }
        $0.json(
          "post_study_stages.json",
          ["stages": [["start_date": "2027-03-01", "duration_hours": .double(hours)]], "thermal_bounds": []])
      }
    }
    let whole = try short(744)
    let (pool, notes) = try stored.boundaryByDate(for: whole, isStrict: false)
    #expect(notes.isEmpty, "\(notes)")
    let found = try bound(whole, pool)
    #expect(abs(found - optimum) <= 1e-9 * optimum, "\(found) \(optimum)")
    // Without a stage that it could arrive in it is lost, which is said.
    #expect(try stored.boundaryByDate(for: short(nil), isStrict: false).notes.contains { $0.contains("300.0 hours") })
  }

  @Test func componentsAreFoundByEntity() throws {
    let (stored, _) = try trained(study())
    // The same plants in another order, and one more that the policy does not know.
    let other = try study {
      Self.shorten(&$0)
      $0.set("system/hydros.json", "hydros[0].operational_start_date", "2001-01-01")
      $0.set("system/hydros.json", "hydros[2]", CaseDraft.plant(5, storage: (0, 10)))
      $0.set("system/hydro_production_models.json", "production_models[2]", CaseDraft.productivity(5))
      $0.inflows((0..<2).flatMap { [[7, Double($0), 12, 0], [9, Double($0), 8, 0], [5, Double($0), 0, 0]] })
    }
    #expect(other.hydros.map(\.id) == [5, 9, 7])
    let (pool, notes) = try stored.boundaryByDate(for: other, isStrict: true)
    let source = stored.policy.pools[1]
    #expect(pool.intercepts == source.intercepts)
    for cut in 0..<pool.count {
      #expect(
        Array(pool.slopes[(3 * cut)..<(3 * cut + 3)]) == [0, source.slopes[2 * cut + 1], source.slopes[2 * cut]])
    }
    #expect(notes.count == 1 && notes[0].contains("storage[5]"))
    // The other way round a component is left over.
    let single = try study(of: .monthly)
    #expect(try stored.boundaryByDate(for: single, isStrict: false).notes.first?.contains("storage[9]") == true)
    #expect(throws: PolicyMismatch.self) { try stored.boundaryByDate(for: single, isStrict: true) }
  }

  /// Thermal 8 decides three months ahead.
  ///
  /// What it delivers in January to March was fixed before.
  private func anticipated(_ draft: inout CaseDraft, months: Int) {
    for month in 2..<months { draft.set("stages.json", "stages[\(month)]", CaseDraft.stage(month)) }
    draft.inflows((0..<months).map { [7, Double($0), 22, 0] })
    draft.loads((0..<months).map { [1, Double($0), 62, 0] })
    draft.set("system/thermals.json", "thermals[1]", CaseDraft.thermal(8, most: 30, price: 40))
    draft.set("system/thermals.json", "thermals[1].anticipated_config", ["lead_stages": 3])
    draft.set(
      "initial_conditions.json", "past_anticipated_commitments",
      .array(
        ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"].dropLast().enumerated().map { index, start in
          [
            "thermal_id": 8, "start_date": .string(start),
            "end_date": .string(["2027-02-01", "2027-03-01", "2027-04-01"][index]),
            "value_mw": .double([10, 12, 7][index]),
          ]
        }))
  }

  @Test func deliveriesAfterTheHorizonAreFoundByTheirDays() throws {
    let (stored, optimum) = try trained(study({ anticipated(&$0, months: 4) }, of: .monthly))
    #expect(stored.stateNames == ["storage[7]", "commitment[8,1]", "commitment[8,2]", "commitment[8,3]"])
    let short = try study(
      {
        anticipated(&$0, months: 2)
        // What March gets was fixed before the study; April is decided in January.
        $0.json(
          "post_study_stages.json",
          [
            "stages": [
              ["start_date": "2027-03-01", "duration_hours": 744.0],
              ["start_date": "2027-04-01", "duration_hours": 720.0],
            ],
            "thermal_bounds": [
              [
                "thermal_id": 8, "post_study_stage_index": 1, "cost_per_mwh": 40.0, "min_mw": 0.0, "max_mw": 30.0,
              ]
            ],
          ])
      }, of: .monthly)
    let (pool, notes) = try stored.boundaryByDate(for: short, isStrict: false)
    #expect(
      notes == [
        "The case lacks state components of the policy, which count as 0: commitment[8,3].",
        "The policy says nothing on state components of the case: commitment[8,3].",
      ])
    let found = try bound(short, pool)
    #expect(abs(found - optimum) <= 1e-9 * optimum, "\(found) \(optimum)")
  }

  @Test func aWeekHasItsShareOfTheSlopeOfAMonth() throws {
    let short = try study(
      {
        $0.set("system/thermals.json", "thermals[1]", CaseDraft.thermal(8, most: 30, price: 40))
        $0.set("system/thermals.json", "thermals[1].anticipated_config", ["lead_stages": 2])
        $0.set(
          "initial_conditions.json", "past_anticipated_commitments",
          [
            ["thermal_id": 8, "start_date": "2027-01-01", "end_date": "2027-02-01", "value_mw": 10.0],
            ["thermal_id": 8, "start_date": "2027-02-01", "end_date": "2027-03-01", "value_mw": 10.0],
            // A week of March that is fixed.
            ["thermal_id": 8, "start_date": "2027-03-15", "end_date": "2027-03-22", "value_mw": 20.0],
          ])
        $0.json(
          "post_study_stages.json",
          [
            "stages": [
              ["start_date": "2027-03-01", "duration_hours": 168.0],
              ["start_date": "2027-03-08", "duration_hours": 168.0],
            ],
            "thermal_bounds": [
              ["thermal_id": 8, "post_study_stage_index": 0, "cost_per_mwh": 40.0, "min_mw": 0.0, "max_mw": 30.0],
              ["thermal_id": 8, "post_study_stage_index": 1, "cost_per_mwh": 40.0, "min_mw": 0.0, "max_mw": 30.0],
            ],
          ])
      }, of: .monthly)
    #expect(short.stateNames == ["storage[7]", "commitment[8,1]", "commitment[8,2]"])
    var stored = StoredPolicy(
      policy: Policy(
        stateDimension: 2, pools: [Policy.Pool(), Policy.Pool(intercepts: [1000], slopes: [-5, -310]), Policy.Pool()]),
      stateNames: ["storage[7]", "commitment[8,1]"])
    #expect(throws: PolicyMismatch.self) { try stored.boundaryByDate(for: short, isStrict: false) }
    stored.periods = [(1, 1), (2, 1), (3, 1)].map { month, day in
      PolicyPeriod(
        start: CalendarDate(year: 2027, month: month, day: day) ?? CalendarDate(dayNumber: 0),
        end: CalendarDate(year: 2027, month: month + 1, day: day) ?? CalendarDate(dayNumber: 0))
    }
    let pool = try stored.boundaryByDate(for: short, isStrict: true).pool
    // 7 of 31 days: −310·7/31 = −70 for each week, and 20 MW of the fixed one.
    for (slope, wanted) in zip(pool.slopes, [-5.0, -70, -70]) { #expect(abs(slope - wanted) <= 1e-12 * abs(wanted)) }
    #expect(pool.slopes.count == 3 && abs(pool.intercepts[0] - (1000 - 70 * 20)) <= 1e-9)
  }

  @Test func aPolicyWithoutAStageAtTheHorizonIsRefused() throws {
    let (stored, _) = try trained(study(Self.shorten))
    let error = #expect(throws: PolicyMismatch.self) { try stored.boundaryByDate(for: study(), isStrict: false) }
    #expect(error?.description.contains("2027-04-01") == true)
    // The last stage of the policy ends there, but nothing follows it.
    #expect(throws: PolicyMismatch.self) { try stored.boundaryByDate(for: study(Self.shorten), isStrict: false) }
  }

  @Test func cutsServeTheStagesThatEndOnTheSameDays() throws {
    let (stored, optimum) = try trained(study())
    let groups = [1, 1, 1]
    #expect(try stored.fittedByDate(to: study(), groups: groups).policy == stored)
    // February and March alone: the cuts at the end of February are known from the start.
    let late = try study {
      $0.set("stages.json", "stages[0]", nil)
      $0.inflows((1..<3).flatMap { [[7, Double($0), 12, 0], [9, Double($0), 8, 0]] })
      $0.loads((1..<3).map { [1, Double($0), 80, 0] })
      $0.set("system/hydro_production_models.json", "production_models[0].stage_ranges[0].start_stage_id", 1)
      $0.set("system/hydro_production_models.json", "production_models[1].stage_ranges[0].start_stage_id", 1)
    }
    let (fitted, notes) = try stored.fittedByDate(to: late, groups: [1, 1])
    #expect(
      fitted.policy.pools[0]
        == Policy.Pool(intercepts: stored.policy.pools[1].intercepts, slopes: stored.policy.pools[1].slopes))
    #expect(fitted.policy.pools[1].count == 0)
    #expect(notes == ["Cuts of the policy were taken for 1 of 1 stages, those that end on the same days."])
    let warm = try Trainer(study: late, options: TrainingOptions(study: late), communicator: LocalCommunicator())
    try warm.restore(warm.checkpoint(from: fitted, resumes: false), policy: fitted.policy, elapsedSeconds: 0)
    var bounds: [Double] = []
    _ = try warm.train {
      bounds.append($0.lowerBound)
      return true
    }
    let cold = try TrainingRun(late)
    #expect(bounds[0] > cold.reports[0].lowerBound)
    #expect(abs((bounds.last ?? 0) - cold.lowerBound) <= 1e-9 * cold.lowerBound)
    #expect(cold.lowerBound < optimum)
    // January and February: another horizon, which makes the cuts too high.
    let early = try stored.fittedByDate(to: study(Self.shorten), groups: [1, 1]).notes
    #expect(early.contains { $0.contains("another horizon") })
    var shifted = stored
    shifted.periods = stored.periods.map {
      PolicyPeriod(
        start: CalendarDate(dayNumber: $0.start.dayNumber + 7), end: CalendarDate(dayNumber: $0.end.dayNumber + 7))
    }
    #expect(throws: PolicyMismatch.self) { try shifted.fittedByDate(to: study(), groups: groups) }
  }

  @Test func filesKeepTheDays() throws {
    let (stored, _) = try trained(study())
    let directory = try TemporaryDirectory()
    try PolicyFile.write(stored, to: directory.path + "/" + PolicyFile.name)
    let read = try PolicyFile.read(directory.path)
    #expect(read.periods == stored.periods && read.policy == stored.policy)
    #expect(stored.periods.map(\.end.description) == ["2027-02-01", "2027-03-01", "2027-04-01"])
    try FileManager.default.removeItem(atPath: directory.path + "/" + PolicyFile.name)
    try Data("x".utf8).write(to: URL(filePath: directory.path + "/manifest.bin"))
    let error = #expect(throws: RunError.self) { try PolicyFile.read(directory.path) }
    #expect(error?.message.contains("Novomodelo") == true)
  }

  @Test func aRunTakesTheBoundaryFromBesideItsCase() throws {
    let root = try TemporaryDirectory()
    func run(_ name: String, _ edit: (inout CaseDraft) -> Void) throws -> [Double] {
      var draft = CaseDraft.cascade
      edit(&draft)
      let place = "\(root.path)/\(name)"
      for (path, bytes) in draft.files {
        let file = URL(filePath: "\(place)/case/\(path)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
      }
      let input = try CaseInput(directory: place + "/case")
      let directory = RunDirectory(path: place + "/run")
      try Disk.createDirectory(directory.path)
      let settings = RunSettings(
        iterations: 20, forwardPasses: 1, timeLimitSeconds: nil, seed: nil, simulateScenarios: 0, restarts: 0)
      _ = try RankProgram(
        directory: directory, settings: settings, study: input.study, communicator: LocalCommunicator()
      ).run()
      return try RunStore.openForReading(directory.databasePath).convergence(since: 0).compactMap(\.lowerBound)
    }
    let long = try #require(try run("long") { _ in }.last)
    let short = try run("short") {
      Self.shorten(&$0)
      $0.set("config.json", "policy", ["boundary": ["path": "../../long/run/policy", "strict": true]])
    }
    #expect(abs(try #require(short.last) - long) <= 1e-9 * long)
  }
}
