import CobreTestSupport
import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Prices as sums of parts, against duals and against stage LPs with one MW more of load.
@Suite struct PriceExplanationTests {
  private let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  static let references = [
    "d01-thermal-dispatch", "d02-single-hydro", "d03-two-hydro-cascade", "d04-transmission", "d05-fpha-constant-head",
    "d06-fpha-variable-head", "d08-evaporation", "d10-inflow-nonnegativity", "d13-generic-constraint",
    "d14-block-factors", "d16-par1-lag-shift", "d20-operational-violations", "d22-per-block-min-outflow",
    "d25-discount-rate",
  ]

  /// Holds every bus, block and stage of some scenarios to what another MW costs.
  private func check(_ run: AskedRun) throws {
    let replay = try PolicyReplay(run.evidence, scenarios: 3, bounds: .anywhere)
    var exact = 0
    var moved = 0
    try replay.walk(through: nil, seconds: 300) { solver, pool, _ in
      let names = StageLPNames(solver.template, study: replay.study, states: replay.states)
      let solved = solver.solvedStage(pool: pool)
      let blocks = replay.study.stages[solved.stage].blocks
      var base = 0.0
      for (cost, value) in zip(solved.lp.model.objective, solved.lp.columnValues) { base += cost * value }
      for bus in replay.study.buses.indices {
        for block in blocks.indices {
          let parts = PriceParts(
            solved, names: names, template: solver.template, bus: bus, block: block, hours: blocks.map(\.hours))
          let sum: Double = parts.parts.map(\.value).reduce(0, +)
          let distance: Double = abs(sum - parts.price)
          let allowed: Double = 1e-6 * max(1, abs(parts.price))
          #expect(parts.isExact, "bus \(bus) block \(block) stage \(solved.stage): \(sum) for \(parts.price)")
          #expect(distance <= allowed)
          #expect(parts.low <= parts.price)
          #expect(parts.price <= parts.high)
          exact += 1
          // The optimum is convex in the load: what one MW more costs lies between the price above and the price there.
          let row = solver.template.layout.loadBalance[bus * blocks.count + block]
          let scale = StageLPTemplate.objectiveScale * blocks[block].hours
          guard solved.stage % 3 == 0, let more = try? solved.lp.dual(ofRow: row, movedBy: 1) else { continue }
          let cost: Double = (more.objective - base) / scale
          let tolerance: Double = 1e-6 * max(1, abs(parts.high)) + 1e-7 * abs(base) / scale
          let above: Double = more.dual / scale + tolerance
          #expect(cost >= parts.high - tolerance)
          #expect(cost <= above)
          let reach: Double = parts.reach?.distance ?? .infinity
          if reach >= 1 { #expect(abs(cost - parts.price) <= tolerance) }
          moved += 1
        }
      }
    }
    #expect(exact > 0 && moved > 0)
  }

  @Test(arguments: [CaseTemplate.singleHydro, .cascade, .twoAreas])
  func pricesOfTemplatesAddUp(template: CaseTemplate) throws {
    try check(AskedRun(template: template, in: home))
  }

  @Test(
    .enabled(if: ReferenceCollection.areAvailable, Comment(rawValue: ReferenceCollection.absence)),
    arguments: references)
  func pricesOfReferenceCasesAddUp(name: String) throws {
    try check(AskedRun(ReferenceCollection.path(name: name), in: home, iterations: 2, scenarios: 3))
  }

  @Test func theAnswerIsThePriceOfTheRun() throws {
    let run = try AskedRun(template: .twoAreas, in: home)
    let recorded = try run.evidence.store.figures(kind: "bus", name: "marginal_cost")
    let buses = try run.evidence.requiredStudy().buses
    for bus in buses {
      let answer = try PriceExplanation(.init(bus: bus.name, stage: 4), run.evidence)
      let mean: Double = recorded.first { $0.entity == bus.id && $0.stage == 4 }?.mean ?? .nan
      #expect(abs(answer.meanPrice - mean) <= 1e-9 * max(1, mean))
      let rows: [JSONValue] = answer.json["parts"]?["rows"]?.array ?? []
      let values: [Double] = rows.compactMap { $0.array?[1].number }
      let distance: Double = abs(values.reduce(0, +) - answer.meanPrice)
      #expect(distance <= 1e-6 * max(1, mean))
      let causes: [JSONValue] = answer.json["causes"]?["rows"]?.array ?? []
      let shares: [Double] = causes.compactMap { $0.array?[1].number }
      #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
    }
  }

  /// 48 MW times a quarter in 100 h are 12 MW of gas (25 MW at 60 $/MWh), three quarters in 200 h 36 MW with diesel at
  /// the margin (15 MW at 180), and all in 420 h more than the 40 MW that there are: the deficit costs 1,000.
  @Test func hoursOfBlocksAreShares() throws {
    let directory = home.path + "/blocks"
    try FileManager.default.copyItem(
      atPath: ReferenceCollection.packageRoot + "/examples/single-hydro", toPath: directory)
    let edits = """
      [{"file": "stages.json", "at": "stages[id=0]", "merge": {"blocks": [
         {"id": 0, "name": "LOW", "hours": 100}, {"id": 1, "name": "MID", "hours": 200},
         {"id": 2, "name": "HIGH", "hours": 420}]}},
       {"file": "scenarios/load_factors.json", "content": "{\\"load_factors\\": [{\\"bus_id\\": 1, \\"stage_id\\": 0, \\"block_factors\\": [{\\"block_id\\": 0, \\"factor\\": 0.25}, {\\"block_id\\": 1, \\"factor\\": 0.75}]}]}"},
       {"file": "system/hydros.json", "at": "hydros[id=1].generation", "merge": {"max_turbined_m3s": 0, "max_generation_mw": 0}},
       {"file": "penalties.json", "merge": {"bus": {"deficit_segments": [{"depth_mw": null, "cost": 1000}]}}}]
      """
    _ = try CaseEditor().edit(
      directory, CaseEdit.list(JSONParser.parse(Array(edits.utf8)).array ?? []), CaseEditor.Options())
    let run = try AskedRun(directory, in: home, name: "run-blocks", iterations: 1, scenarios: 4)
    let answer = try PriceExplanation(.init(bus: "TOWN", stage: 0), run.evidence)
    let rows: [JSONValue] = answer.json["causes"]?["rows"]?.array ?? []
    var shares: [String: (share: Double, price: Double)] = [:]
    for row in rows {
      guard let cells = row.array, let name = cells[0].string else { continue }
      shares[name] = (cells[1].number ?? .nan, cells[2].number ?? .nan)
    }
    for (name, hours, price) in [
      ("thermal plant GAS", 100.0, 60.0), ("thermal plant DIESEL", 200, 180), ("deficit at TOWN", 420, 1000),
    ] {
      let found = try #require(shares[name], "\(name) among \(shares)")
      let (share, mean): (Double, Double) = (abs(found.share - hours / 720), abs(found.price - price))
      #expect(share < 1e-9 && mean < 1e-6, "\(name)")
    }
    let expected: Double = (100 * 60 + 200 * 180 + 420 * 1000) / 720.0
    let distance: Double = abs(answer.meanPrice - expected)
    #expect(shares.count == 3 && distance < 1e-6)
    // One block alone is all of its share.
    let alone = try PriceExplanation(.init(bus: "TOWN", stage: 0, block: 1), run.evidence)
    #expect(abs(alone.meanPrice - 180) < 1e-6)
    #expect(alone.json["causes"]?["rows"]?.array?.count == 1)
  }

  @Test func whatIsNotThereIsNamed() throws {
    let run = try AskedRun(template: .singleHydro, in: home, iterations: 1, scenarios: 2)
    func failure(_ request: PriceExplanation.Request) -> String {
      do {
        _ = try PriceExplanation(request, run.evidence)
        return ""
      } catch {
        return (error as? RunError)?.message ?? "\(error)"
      }
    }
    #expect(failure(.init(bus: "nowhere")).contains("There is no bus"))
    #expect(failure(.init(stage: 99)).contains("from 0 to 11"))
    #expect(failure(.init(date: "1900-01")).contains("No stage holds"))
    #expect(failure(.init(date: "soon")).contains("2027-05"))
    #expect(failure(.init(block: 7)).contains("`block`"))
    #expect(failure(.init(seconds: 0)).contains("fewer scenarios"))
  }
}
