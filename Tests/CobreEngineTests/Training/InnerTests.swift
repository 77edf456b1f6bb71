internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// The deterministic upper bound: never below the optimum, never rising, and closing in on the lower bound.
@Suite struct InnerTests {
  /// Random systems whose penalties bound the slopes: the virtual inflow buys missing water back.
  private static func study(seed: Int, features: SystemFeatures) throws -> StudyCase {
    var study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    study.configuration.upperBound = UpperBoundSettings(
      enabled: true, initialIteration: 1, intervalIterations: 4, lipschitzFallback: nil, lipschitzScale: 1)
    return study
  }

  @Test(arguments: [6, 13, 20, 27, 34, 41])
  func enclosesTheExtensiveForm(seed: Int) throws {
    try check(Self.study(seed: seed, features: [.blocks, .network, .virtualInflow, .uncertainLoad]))
  }

  @Test(arguments: 101...104)
  func enclosesWithBatteries(seed: Int) throws {
    try check(Self.study(seed: seed, features: [.batteries, .blocks, .virtualInflow, .network]))
  }

  @Test(arguments: 101...104)
  func enclosesWithOperatingRules(seed: Int) throws {
    let order: SystemFeatures = seed.isMultiple(of: 2) ? [] : .chronological
    try check(Self.study(seed: seed, features: [.operatingRules, .blocks, .virtualInflow, .network, order]))
  }

  @Test(arguments: 101...104)
  func enclosesTheRiskAverseExtensiveForm(seed: Int) throws {
    try check(Self.study(seed: seed, features: [.risk, .discount, .virtualInflow, .network]))
  }

  @Test(arguments: [
    RiskMeasure.worstCase, .entropic(gamma: 1e-6), .wasserstein(radius: 0.4), .modifiedChiSquared(radius: 0.8),
    .combination([.init(weight: 0.5, measure: .entropic(gamma: 1e-5)), .init(weight: 0.5, measure: .worstCase)]),
  ])
  func enclosesUnderOtherMeasures(measure: RiskMeasure) throws {
    var study = try Self.study(seed: 102, features: [.discount, .virtualInflow, .network])
    for stage in study.stages.indices { study.stages[stage].riskMeasure = measure }
    try check(study)
  }

  @Test(arguments: [102, 103])
  func enclosesWithLagsInTheState(seed: Int) throws {
    let study = try Self.study(seed: seed, features: [.autoregression, .virtualInflow, .network])
    try #require(OpeningTree(study: study, seed: 1).inflow.layout.hasLags)
    try check(study)
  }

  private func check(_ study: StudyCase) throws {
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 60) {
      guard let gap = $0.provenGap?.share else { return false }
      return gap < 1e-7
    }
    let bounds = run.reports.compactMap(\.deterministicUpperBound)
    #expect(bounds.allSatisfy { $0 >= optimum - 1e-7 * scale })
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
    let last = try #require(run.reports.last?.provenGap?.share)
    #expect(last < 1e-4, "the gap stays open")
    let first = try #require(run.reports.first?.provenGap?.share)
    #expect(last <= first)
  }

  /// SDDP.jl `test/Inner.jl`: 45.8333 with slopes 11·(T − t).
  ///
  /// The hard minimum storage wants them given.
  @Test func reachesThePublishedUpperBound() throws {
    let problem = KnownProblem.dearSpill(stages: 4, optimum: 45.833333333333336)
    var study = try problem.text.study()
    study.configuration.upperBound = UpperBoundSettings(
      enabled: true, initialIteration: 2, intervalIterations: 3, lipschitzFallback: nil, lipschitzScale: 1)
    let error = #expect(throws: PolicyMismatch.self) { try TrainingRun(study, iterations: 3) }
    #expect(error?.description.contains("fallback_value") == true)
    study.configuration.upperBound.lipschitzFallback = 44
    let run = try TrainingRun(study, iterations: 40)
    #expect(run.reports[0].deterministicUpperBound == nil)
    #expect(abs(try #require(run.reports.last?.deterministicUpperBound) - problem.optimum) <= 1e-4)
  }

  @Test func targetGapUsesTheDeterministicBound() throws {
    let study = try Self.study(seed: 101, features: [.risk, .discount, .virtualInflow, .network])
    let run = try TrainingRun(
      study, iterations: 100,
      options: .adjusted(study) { $0.otherRules = [.targetGap(tolerance: 1e-3, iterations: 2)] })
    #expect(run.result.stopReason == .targetGap)
    #expect(try #require(run.reports.last?.provenGap?.share) <= 1e-3)
    #expect(run.reports.last?.gap == run.reports.last?.provenGap?.share)
  }

  @Test func simulatesWithVertices() throws {
    try Self.checkSimulation(
      Self.study(seed: 13, features: [.blocks, .network, .virtualInflow]), iterations: 9, scenarios: 300)
  }

  /// A policy of vertices costs at most its bound, on average.
  static func checkSimulation(_ study: StudyCase, iterations: Int, scenarios: Int) throws {
    let options = TrainingOptions(study: study)
    let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
    let report = try trainer.train { $0.iteration < iterations }.lastReport
    let bound = try #require(report.deterministicUpperBound)
    let simulator = try Simulator(
      study: study, policy: trainer.policy, options: options, communicator: LocalCommunicator(),
      inner: trainer.innerTemplates)
    let costs = try simulator.run(scenarios: scenarios).statistics
    #expect(costs.mean - 2 * costs.halfWidth <= bound)
    #expect(costs.mean + 3 * costs.halfWidth >= report.lowerBound)
  }
}
