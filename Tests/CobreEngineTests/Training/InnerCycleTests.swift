internal import CobreTestSupport
internal import Testing

@testable internal import CobreCase
@testable internal import CobreEngine

/// The deterministic upper bound of infinite horizons.
@Suite struct InnerCycleTests {
  private static func bounded(_ study: StudyCase, fallback: Double?) -> StudyCase {
    var study = study
    study.configuration.upperBound = UpperBoundSettings(
      enabled: true, initialIteration: 1, intervalIterations: 1, lipschitzFallback: fallback, lipschitzScale: 1)
    return study
  }

  /// Never below the stationary value that value iteration on a grid gives, never rising, and closing in on it.
  ///
  /// A unit more can be spilled at once and a unit less costs thermal energy once, so no slope exceeds 10.
  @Test(arguments: ["endless", "seasons", "late cycle"])
  func enclosesTheStationaryValue(name: String) throws {
    let (problem, endless): (KnownProblem, KnownProblem.Endless) =
      name == "endless" ? (.endless, .endless) : name == "seasons" ? (.seasons, .seasons) : (.lateCycle, .lateCycle)
    let value = KnownProblem.valueByIteration(of: endless)
    let run = try TrainingRun(Self.bounded(problem.text.study(), fallback: 10), iterations: 3)
    let bounds = run.reports.compactMap(\.deterministicUpperBound)
    #expect(bounds.count == run.reports.count, "a bound from the first iteration on")
    #expect(bounds.allSatisfy { $0 >= value - 1e-7 * value })
    #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $1 <= $0 })
    #expect(try #require(bounds.last) <= value + 1e-3 * value, "the gap stays open")
  }

  /// Slopes from the penalties, risk, and inflows that remember, round the cycle too.
  @Test(
    arguments: [
      (6, [.blocks, .network, .virtualInflow]), (101, [.risk, .virtualInflow, .network]),
      (102, [.autoregression, .virtualInflow, .network]),
    ] as [(Int, SystemFeatures)])
  func closesOnRandomSystems(seed: Int, features: SystemFeatures) throws {
    try closes(RandomSystem(seed: UInt64(seed), features: features).text.study(), features)
  }

  @Test(arguments: [RiskMeasure.entropic(gamma: 1e-6), .wasserstein(radius: 0.3), .modifiedChiSquared(radius: 0.5)])
  func closesUnderOtherMeasures(measure: RiskMeasure) throws {
    let features: SystemFeatures = [.virtualInflow, .network]
    var study = try RandomSystem(seed: 101, features: features).text.study()
    for stage in study.stages.indices { study.stages[stage].riskMeasure = measure }
    try closes(study, features)
  }

  private func closes(_ system: StudyCase, _ features: SystemFeatures) throws {
    var study = system
    let count = study.stages.count
    study.graph = PolicyGraph(
      kind: .cyclic, annualDiscountRate: 8,
      transitions: (0..<count).map {
        Transition(source: $0, target: ($0 + 1) % count, probability: 1, annualDiscountRate: 8)
      })
    let run = try TrainingRun(Self.bounded(study, fallback: nil), iterations: 4)
    let bounds = run.reports.compactMap(\.deterministicUpperBound)
    // Each upper bound against the best lower bound known, which only a wrong one could fall under.
    #expect(bounds.allSatisfy { $0 >= run.lowerBound - 1e-7 * abs(run.lowerBound) })
    let (first, last) = (try #require(bounds.first), try #require(bounds.last))
    // With lags the state has many components, and vertices fill it slowly.
    let share = features.contains(.autoregression) ? 0.7 : 0.1
    let gap = last - run.lowerBound
    #expect(gap <= max(share * (first - run.reports[0].lowerBound), 1e-5 * run.lowerBound), "\(bounds)")
  }

  /// A stage that goes on for ever, inflow = φ · last inflow + noise: a unit of memory brings φ + d·φ² + d²·φ³ and so
  /// on.
  @Test func memoryFadesGeometrically() throws {
    var study = try RandomSystem(seed: 102, features: [.autoregression, .virtualInflow]).text.study()
    let process = OpeningTree(study: study, seed: 1).inflow
    let hydro = try #require(study.hydros.indices.first { process.layout.lagCounts[$0] == 1 })
    let component = process.layout.lag(1, hydro: hydro)
    let last = study.stages.count - 1
    study.graph = PolicyGraph(
      kind: .cyclic, annualDiscountRate: 0.5,
      transitions: (0...last).map {
        Transition(source: $0, target: $0 < last ? $0 + 1 : last, probability: 1, annualDiscountRate: 0.5)
      })
    let memory = LagWater(study: study, process: process)
    #expect(memory.fades)
    let factor = process.coefficients(stage: last, hydro: hydro).first ?? 0
    let discount = study.discountFactor(stage: last)
    let expected = 0.0036 * study.stages[last].hours * abs(factor) / (1 - discount * abs(factor))
    let volume = memory.volume(after: last, hydro: hydro, component: component)
    #expect(factor != 0)
    #expect(abs(volume - expected) <= 1e-12 * expected)
  }

  @Test func simulatesWithVertices() throws {
    try InnerTests.checkSimulation(
      Self.bounded(KnownProblem.lateCycle.text.study(), fallback: 10), iterations: 4, scenarios: 20)
  }
}
