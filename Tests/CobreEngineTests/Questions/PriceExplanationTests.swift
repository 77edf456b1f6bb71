import CobreTestSupport
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
