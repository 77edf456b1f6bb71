import CobreTestSupport
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Prices for a little less and a little more load, against the engine's own optimum of the case with that load.
///
/// The load is changed in the case, so that every LP is built, warm-started and completed again by the ways of
/// training, and no copy of a program is trusted.
@Suite struct PriceSlopeTests {
  private let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private struct Place: Hashable {
    var stage: Int
    var bus: Int
    var block: Int
    var scenario: Int
  }

  /// Optimum of each stage with its future, in $, by scenario and stage.
  private func optima(_ study: StudyCase, _ run: AskedRun, scenarios: Int) throws -> [[Int]: Double] {
    var optima: [[Int]: Double] = [:]
    let simulator = try simulator(study, run)
    simulator.watch = { solver, _, scenario in optima[[scenario, solver.template.stage]] = solver.objective }
    _ = try simulator.run(scenarios: scenarios, while: { true }, receive: { _ in })
    return optima
  }

  private func simulator(_ study: StudyCase, _ run: AskedRun) throws -> Simulator {
    let policy = try RunPolicy(manifest: run.evidence.manifest, store: run.evidence.store, bounds: .anywhere).policy
    return try Simulator(
      study: study, policy: policy, options: run.evidence.manifest.settings.options(for: study),
      communicator: LocalCommunicator())
  }

  /// Compares all prices of every so many stages, and returns how many were ranges.
  ///
  /// A change of the load in a stage leaves the states before it as they are.
  @discardableResult
  private func check(_ run: AskedRun, scenarios: Int = 2, every: Int = 1) throws -> Int {
    var study = try run.evidence.requiredStudy()
    study.configuration.simulation.enumeratesPaths = false
    var told: [Place: PriceParts] = [:]
    let simulator = try simulator(study, run)
    let states = InflowProcess(study: study).layout
    simulator.watch = { solver, pool, scenario in
      let stage = solver.template.stage
      guard stage % every == 0 else { return }
      let solved = solver.solvedStage(pool: pool)
      let names = StageLPNames(solver.template, study: study, states: states)
      for bus in study.buses.indices {
        for block in study.stages[stage].blocks.indices {
          told[Place(stage: stage, bus: bus, block: block, scenario: scenario)] = PriceParts(
            solved, names: names, template: solver.template, bus: bus, block: block,
            hours: study.stages[stage].blocks.map(\.hours),
            cutReach: { changes in pool.flatMap { solver.reach(ofCutsOf: $0, along: changes) } })
        }
      }
    }
    _ = try simulator.run(scenarios: scenarios, while: { true }, receive: { _ in })
    let base = try optima(study, run, scenarios: scenarios)
    var (compared, ranges) = (0, 0)
    for stage in stride(from: 0, to: study.stages.count, by: every) {
      for bus in study.buses.indices {
        // Where there is no mean load a factor moves nothing.
        let load = study.meanLoad(stage: stage, bus: bus)
        guard load > 1e-6, study.loadStatistics(stage: stage, bus: bus).deviation == 0 else { continue }
        for block in study.stages[stage].blocks.indices {
          let factor = study.loadFactors[stage, bus, block]
          for sign in [-1.0, 1.0] {
            guard sign > 0 || factor * load > 0.1 else { continue }
            // Of a convex function quotients come down to the slope as the step gets smaller, until rounding drowns
            // them.
            var quotients: [[Int]: [(quotient: Double, rounding: Double)]] = [:]
            for step in [0.05, 0.005] {
              var moved = study
              moved.loadFactors[stage, bus, block] = factor + sign * step / load
              let optima: [[Int]: Double]
              do { optima = try self.optima(moved, run, scenarios: scenarios) } catch { continue }
              for (key, value) in optima where key[1] == stage {
                guard let before = base[key] else { continue }
                let hours = study.stages[stage].blocks[block].hours
                quotients[key, default: []].append(
                  (sign * (value - before) / (step * hours), 1e-9 * abs(before) / (step * hours)))
              }
            }
            for (key, list) in quotients {
              let parts = try #require(told[Place(stage: stage, bus: bus, block: block, scenario: key[0])])
              let slope = sign > 0 ? parts.high : parts.low
              let isMet = list.contains { abs($0.quotient - slope) <= 1e-5 * max(1, abs(slope)) + $0.rounding }
              #expect(
                isMet,
                "stage \(stage) bus \(bus) block \(block) sign \(sign): \(slope) of \(parts.price) for \(list)")
              compared += 1
            }
            if sign > 0 {
              for scenario in 0..<scenarios {
                guard let parts = told[Place(stage: stage, bus: bus, block: block, scenario: scenario)] else {
                  continue
                }
                if parts.high - parts.low > 1e-6 * max(1, abs(parts.price)) { ranges += 1 }
              }
            }
          }
        }
      }
    }
    #expect(compared > 0)
    return ranges
  }

  @Test(arguments: [CaseTemplate.singleHydro, .cascade, .riverRules])
  func slopesOfTemplatesAreThoseOfTheOptimum(template: CaseTemplate) throws {
    try check(AskedRun(template: template, in: home), every: 3)
  }

  @Test(
    .enabled(if: ReferenceCollection.areAvailable, Comment(rawValue: ReferenceCollection.absence)),
    arguments: PriceExplanationTests.references)
  func slopesOfReferenceCasesAreThoseOfTheOptimum(name: String) throws {
    try check(AskedRun(ReferenceCollection.path(name: name), in: home, iterations: 2, scenarios: 2))
  }

  /// Plants of 10 MW at 10, 20 and 30 $/MWh, and deficits at 100: at a load of 20 MW the price is 20 for less and 30
  /// for more, and at 30 MW it is 30 or 100.
  @Test func aLoadAtTheEdgeOfAPlantHasTwoPrices() throws {
    for (load, low, high) in [(15.0, 20.0, 20.0), (20, 20, 30), (30, 30, 100)] {
      let model = LPModel(
        columnLower: [0, 0, 0, 0], columnUpper: [10, 10, 10, .infinity], objective: [10, 20, 30, 100],
        rowLower: [load], rowUpper: [load], entries: (0..<4).map { (0, $0, 1) })
      let storage = LPModelStorage(model)
      var solver = try ChosenSolver(.clp)
      try solver.load(storage.view)
      try solver.solve(.changed)
      let solved = SolvedLP(
        model: model, columnValues: (0..<4).map { solver.columnValues[$0] }, rowDuals: [solver.rowDuals[0]],
        basis: (0..<5).map { solver.basis[$0] })
      let (down, up): (Double, Double) = (try solved.slope(ofRow: 0, sign: -1), try solved.slope(ofRow: 0, sign: 1))
      #expect(abs(down - low) < 1e-9 && abs(up - high) < 1e-9, "\(load): \(down), \(up)")
    }
  }
}
