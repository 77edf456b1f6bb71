internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Graphs in which a stage has several successors, against the extensive form over all paths.
@Suite struct BranchingTests {
  /// Stage 0 leads on or leaves stage 1 out.
  ///
  /// With four stages stage 1 may be the last one.
  private static func study(seed: Int, features: SystemFeatures) throws -> StudyCase {
    var study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    let rates = study.stages.indices.map { stage in
      study.graph.transitions.first { $0.source == stage }?.annualDiscountRate ?? 0
    }
    func arc(_ source: Int, _ target: Int, _ probability: Double) -> Transition {
      Transition(source: source, target: target, probability: probability, annualDiscountRate: rates[source])
    }
    try #require(study.stages.count >= 3)
    study.graph.transitions =
      study.stages.count == 3
      ? [arc(0, 1, 0.6), arc(0, 2, 0.4), arc(1, 2, 1)]
      : [arc(0, 1, 0.5), arc(0, 2, 0.3), arc(0, 3, 0.2), arc(1, 3, 1), arc(2, 3, 1)]
    return study
  }

  /// Seeds whose systems have three or four stages.
  static let seeds = (201...260).filter { seed in
    let count = try? RandomSystem(seed: UInt64(seed), features: [.blocks]).text.study().stages.count
    return (count ?? 0) >= 3
  }.prefix(8)

  @Test(arguments: seeds, [CutFormulation.single, .multi])
  func convergesToTheExtensiveForm(seed: Int, formulation: CutFormulation) throws {
    try check(Self.study(seed: seed, features: [.blocks, .network, .operatingLimits, .discount]), formulation)
  }

  @Test(arguments: seeds.prefix(4), [CutFormulation.single, .multi])
  func convergesUnderRisk(seed: Int, formulation: CutFormulation) throws {
    try check(Self.study(seed: seed, features: [.risk, .discount, .sources]), formulation)
  }

  private func check(_ study: StudyCase, _ formulation: CutFormulation) throws {
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let options = TrainingOptions.adjusted(study) { $0.cutFormulation = formulation }
    let run = try TrainingRun(study, iterations: 400, options: options) {
      ($0.lowerBound - optimum) / scale > -2e-8
    }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
  }

  @Test(arguments: seeds.prefix(3))
  func upperBoundEnclosesAndSimulationAgrees(seed: Int) throws {
    var study = try Self.study(seed: seed, features: [.blocks, .virtualInflow, .discount])
    study.configuration.upperBound = UpperBoundSettings(
      enabled: true, initialIteration: 1, intervalIterations: 5, lipschitzFallback: nil, lipschitzScale: 1)
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 60)
    let upper = try #require(run.reports.last?.deterministicUpperBound)
    #expect(run.reports.compactMap(\.deterministicUpperBound).allSatisfy { $0 >= optimum - 1e-7 * scale })
    #expect(upper - optimum <= 1e-3 * scale)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: TrainingOptions(study: study), communicator: LocalCommunicator())
    var visits = [Int](repeating: 0, count: study.stages.count)
    let result = try #require(
      try simulator.run(scenarios: 2000, while: { true }, receive: { visits[$0.stage] = $0.scenarios }))
    #expect(abs(result.statistics.mean - optimum) <= 2.5 * result.statistics.halfWidth + 1e-6 * scale)
    // 2000 draws of 0.6 or 0.5: within five deviations.
    let share = Double(visits[1]) / 2000
    #expect(visits[0] == 2000 && abs(share - (study.stages.count == 3 ? 0.6 : 0.5)) < 0.06)
  }
}
