import CobreTestSupport
import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Costs by payer against the totals that the run has recorded, and proofs of violations against themselves.
@Suite struct CostExplanationTests {
  private let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  @Test(arguments: [CaseTemplate.cascade, .fourAreas]) func partsAddUpToTheCostOfTheRun(template: CaseTemplate) throws {
    let run = try AskedRun(template: template, in: home)
    let answer = try CostExplanation(run.evidence)
    let recorded = try run.evidence.store.simulatedCosts().compactMap { $0 }
    #expect(answer.totals.count == recorded.count)
    for (one, other) in zip(answer.totals, recorded) {
      let distance: Double = abs(one - other)
      #expect(distance <= 1e-6 * abs(other))
    }
    let tolerance: Double = 1e-9 * answer.total
    let payers: Double = answer.byPayer.values.reduce(0, +)
    #expect(abs(payers - answer.total) <= tolerance)
    let stages: [Double] = answer.byStage.map { $0.values.reduce(0, +) }
    #expect(abs(stages.reduce(0, +) - answer.total) <= tolerance)
    // Categories as the simulation records them by stage, undiscounted; the first stage has a factor of 1.
    let figures = try run.evidence.store.figures(kind: "system", name: "cost.thermal")
    let first: Double = figures.first { $0.stage == 0 }?.mean ?? .nan
    let thermal: Double = answer.byStage[0][.thermal] ?? 0
    #expect(abs(thermal - first) <= tolerance)
    let shown: [JSONValue] = answer.json["periods"]?["rows"]?.array ?? []
    let periods: [Double] = shown.compactMap { $0.array?[1].number }
    #expect(abs(periods.reduce(0, +) - answer.total) <= tolerance)
  }

  /// Weighted with their duals the limits add up to the least that is missed, and a deficit that nothing avoids is all
  /// of it.
  @Test(
    .enabled(if: ReferenceCollection.areAvailable, Comment(rawValue: ReferenceCollection.absence)),
    arguments: ["d20-operational-violations"])
  func theLimitsProveTheLeastViolation(name: String) throws {
    let run = try AskedRun(ReferenceCollection.path(name: name), in: home, iterations: 2, scenarios: 3)
    let answer = try ViolationExplanation(run.evidence)
    let least = try #require(answer.least)
    #expect(answer.worst != nil)
    #expect(answer.amount > 0)
    #expect(least <= answer.amount + 1e-6)
    let parts: [Double] = answer.limits.map { $0.bound * $0.effect }
    let distance: Double = abs(parts.reduce(0, +) - least)
    #expect(distance <= 1e-6 * max(1, least))
    let sentences: Int = answer.json["summary"]?.array?.count ?? 0
    #expect(sentences >= 2)
  }

  /// Of a load of 48 MW the turbines serve 40 m³/s · 0.9 MW/(m³/s) and each thermal plant 1 MW at most: 10 MW are left.
  @Test func theLeastDeficitIsWhatTheLimitsLeave() throws {
    let answer = try ViolationExplanation(AskedRun(shortOfPowerIn: home, scenarios: 4).evidence, ReplayScope(stage: 0))
    let least = try #require(answer.least)
    #expect(abs(least - 10) < 1e-6)
    #expect(answer.amount > least)
    let effects: [String: Double] = Dictionary(uniqueKeysWithValues: answer.limits.map { ($0.text, $0.effect) })
    #expect(effects.count == 4)
    for (text, effect) in [
      ("load of TOWN", 1), ("largest turbined flow of LAKE", -0.9), ("largest generation of GAS", -1),
      ("largest generation of DIESEL", -1),
    ] {
      let found: Double = effects[text] ?? .nan
      #expect(abs(found - effect) < 1e-9, "\(text)")
      #expect(answer.limits.first { $0.text == text }?.unit == (text.contains("turbined") ? "m3/s" : "MW"))
    }
  }

  /// Generation of at least 100,000 MW is missed by nearly all of it in both blocks of every month, at 10 $/MWh: in the
  /// mean by Σ d_t · 10 · 100,000 · hours_t with d_t = 1.08^(−days before the month / 365.25), which is less than
  /// without a discount.
  @Test func whatIsMissedHasBlockUnitAndDiscount() throws {
    let directory = home.path + "/impossible"
    _ = try CaseTemplate.cascade.write(to: directory)
    let constraint = """
      {"constraints": [{"id": 1, "name": "MUCH", "expression": "thermal_generation(1)", "sense": ">=",
        "slack": {"enabled": true, "penalty": 10}}]}
      """
    let study = try #require(CaseReader.read(directory: directory).study)
    let bounds = "constraint_id,stage_id,bound\n" + study.stages.map { "1,\($0.id),100000\n" }.joined()
    _ = try CaseEditor().edit(
      directory,
      [
        CaseEdit(file: "constraints/generic_constraints.json", operation: .content(constraint)),
        CaseEdit(file: "constraints/generic_constraint_bounds.csv", operation: .content(bounds)),
      ])
    let run = try AskedRun(directory, in: home, name: "run-impossible", iterations: 1, scenarios: 3)
    let answer = try ViolationExplanation(run.evidence)
    let tally = try #require(answer.tallies.first { $0.key.entity == .constraint }?.value)
    var (expected, plain, days) = (0.0, 0.0, 0.0)
    for stage in study.stages {
      let cost = 10 * 100_000 * 24 * Double(stage.days)
      expected += pow(1.08, -days / 365.25) * cost
      plain += cost
      days += Double(stage.days)
    }
    #expect(abs(tally.cost / expected - 1) < 0.002)
    #expect(tally.cost < 0.98 * plain)
    let blocks = study.stages[0].blocks.count
    let row = try #require(answer.limits.first { $0.text.contains("constraint MUCH") })
    #expect(blocks > 1 && row.text.contains("in block ") && row.unit == "MW")
    #expect(answer.json["worst"]?["unit"] == "MW")
    #expect(answer.json["missed"]?["money"]?.string?.contains("discounted") == true)
  }

  /// A line whose flow costs something in one hour one way and in another hour the other way is one payer.
  @Test func bothDirectionsOfALineAreOnePayer() throws {
    let run = try AskedRun(template: .fourAreas, in: home)
    let answer = try CostExplanation(run.evidence)
    let rows: [JSONValue] = answer.json["payers"]?["rows"]?.array ?? []
    var seen: Set<[String]> = []
    for row in rows.compactMap(\.array) {
      let key = row.prefix(3).map { $0.string ?? "" }
      #expect(seen.insert(key).inserted, "\(key)")
    }
    #expect(!rows.isEmpty)
    #expect(!answer.byPayer.keys.contains { $0.label.kind == .reverse })
  }

  @Test func nothingMissedIsSaid() throws {
    let run = try AskedRun(template: .singleHydro, in: home)
    let answer = try ViolationExplanation(run.evidence, ReplayScope(stage: 0))
    if answer.worst == nil {
      #expect(answer.json["summary"] == ["No scenario has a deficit or misses a limit."])
    } else {
      #expect(answer.least != nil)
    }
    #expect(throws: RunError.self) { try ViolationExplanation(run.evidence, ReplayScope(stage: 50)) }
    #expect(throws: RunError.self) { try CostExplanation(run.evidence, ReplayScope(stage: 50)) }
  }
}
