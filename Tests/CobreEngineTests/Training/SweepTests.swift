import CobreCommunication
import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Trajectories of an iteration that walk with the cuts of those before them.
@Suite struct SweepTests {
  @Test func allWalkTogetherWhereStatesAreFewOrTheCaseSaysSo() {
    #expect(SweepRule(passes: 8, components: 64).size(after: []) == 8)
    #expect(SweepRule(passes: 2, components: 300).size(after: []) == 2)
    #expect(SweepRule(passes: 1, components: 300).size(after: []) == 1)
    #expect(SweepRule(passes: 8, fixed: 3, components: 2).size(after: [1, 1, 1, 1, 1, 1]) == 3)
    #expect(SweepRule(passes: 8, fixed: 9, components: 300).size(after: []) == 8)
    #expect(SweepRule(passes: 8, fixed: .max, components: 300).sweeps(after: []) == [Sweep(number: 0, count: 1)])
    #expect(SweepRule(passes: 8, fixed: .min, components: 300).sweeps(after: []).count == 8)
  }

  @Test func theirNumberDoublesWhereTheBoundRisesSlowly() {
    let rule = SweepRule(passes: 7, components: 65)
    #expect(rule.size(after: []) == 2)
    // Nothing is compared before the fifth bound.
    #expect(rule.size(after: [5, 5, 5, 5]) == 2)
    #expect(rule.size(after: [5, 5, 5, 5, 5]) == 4)
    #expect(rule.size(after: [0, 0, 0, 0, 5]) == 2)
    // 98.9 to 100 is a rise of 1.1 %, 99.1 to 100 one of 0.9 %.
    #expect(rule.size(after: [98.9, 99, 99, 99, 100]) == 2)
    #expect(rule.size(after: [99.1, 99.2, 99.3, 99.4, 100]) == 4)
    #expect(rule.size(after: [-101.1, -101, -101, -101, -100]) == 2)
    // Once doubled, it stays so, whatever comes, up to all of them.
    #expect(rule.size(after: [5, 5, 5, 5, 5, 50, 500, 5000]) == 4)
    #expect(rule.size(after: [5, 5, 5, 5, 5, 5]) == 7)
    #expect(rule.size(after: [5, 5, 5, 5, 5, 5, 5]) == 7)
    #expect(rule.size(after: [.nan, .nan, .nan, .nan, .nan]) == 4)
    #expect(rule.size(after: [-.infinity, 0, 0, 0, 1]) == 2)
  }

  /// A quarter of them walk together where that is more than two, so that many ranks are not kept waiting.
  @Test(arguments: [(8, 2), (9, 3), (16, 4), (192, 48), (Int.max, Int.max / 4 + 1)])
  func anIterationHasFourSweepsAtMost(passes: Int, together: Int) {
    let rule = SweepRule(passes: passes, components: 65)
    #expect(rule.size(after: []) == together)
    #expect(rule.size(after: [5, 5, 5, 5, 5]) == min(passes, 2 * together))
  }

  @Test(arguments: [(1, 1), (4, 1), (4, 2), (4, 4), (5, 2), (11, 4), (192, 2)])
  func eachTrajectoryIsOfOneSweep(passes: Int, together: Int) {
    let sweeps = SweepRule(passes: passes, fixed: together, components: 1).sweeps(after: [])
    var seen: [Int] = []
    for sweep in sweeps {
      let members = (0..<passes).filter { sweep.contains($0) }
      #expect((1...together).contains(members.count))
      #expect(members.map { sweep.place(of: $0) } == Array(members.indices))
      // Every rank has as many of a sweep as of any other, but for one.
      for size in 1...4 {
        let counts = (0..<size).map { rank in
          let range = WorkPartition(units: passes, rank: rank, size: size).range
          return members.count { range.contains($0) }
        }
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
      }
      seen += members
    }
    #expect(seen.sorted() == Array(0..<passes))
  }

  /// With one trajectory, one sweep is all there is, with one opening per stage or several.
  @Test(arguments: [SystemFeatures.basic, .noiseOpenings])
  func oneTrajectoryWalksAsEver(feature: SystemFeatures) throws {
    let study = try RandomSystem(seed: 31, features: [.basic, feature], forwardPasses: 1).text.study()
    let plain = try Figures(study) { _ in }
    #expect(try Figures(study) { $0.passesTogether = 1 } == plain)
    #expect(try Figures(study) { $0.mostComponentsTogether = 0 } == plain)
  }

  /// What each trajectory cost, met and left is kept until the iteration is over: the first sweep walks with the cuts
  /// of the iteration before, whatever follows it, and the mean is over all.
  @Test func everyTrajectoryCountsOnce() throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 5).text.study()
    func costs(_ together: Int) throws -> (costs: [Double], report: IterationReport, counts: [Int]) {
      var options = TrainingOptions(study: study)
      options.passesTogether = together
      options.iterationLimit = 1
      let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
      let result = try trainer.train { _ in true }
      return (trainer.trajectories.costs, result.lastReport, trainer.pools.map(\.count))
    }
    let plain = try costs(5)
    let swept = try costs(2)
    // Trajectories 0 and 3 are of the first sweep of three.
    for trajectory in [0, 3] { #expect(swept.costs[trajectory] == plain.costs[trajectory]) }
    #expect([1, 2, 4].contains { swept.costs[$0] != plain.costs[$0] })
    #expect(swept.counts == plain.counts)
    let mean = swept.costs.reduce(0, +) / 5
    #expect(abs(swept.report.upperBound - mean) <= 1e-12 * abs(mean))
    let variance = swept.costs.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 4
    let halfWidth = swept.report.upperBoundHalfWidth
    #expect(abs(halfWidth - 1.96 * (variance / 5).squareRoot()) <= 1e-4 * halfWidth)
    // With the cuts of those before them trajectories know more: the bound is no worse here.
    #expect(swept.report.lowerBound >= plain.report.lowerBound)
  }

  /// The limit is the optimum of all histories in one program, whatever walks together.
  @Test(arguments: [3, 7, 19, 26, 31], [1, 2, 0])
  func convergesToTheExtensiveForm(seed: Int, together: Int) throws {
    let system = RandomSystem(
      seed: UInt64(seed), features: RandomSystemTests.features(seed: seed), forwardPasses: 5)
    try check(system.text.study(), together)
  }

  @Test(arguments: 101...104, [CutFormulation.single, .multi])
  func convergesUnderRisk(seed: Int, formulation: CutFormulation) throws {
    let features: SystemFeatures = [.risk, .discount, .blocks, .network]
    let study = try RandomSystem(seed: UInt64(seed), features: features, forwardPasses: 5).text.study()
    try #require(study.stages.contains { !$0.riskMeasure.isNeutral })
    try check(study, 2) { $0.cutFormulation = formulation }
  }

  @Test(arguments: [CutSelectionSettings.Method.level1, .lml1, .domination])
  func convergesWithSelection(method: CutSelectionSettings.Method) throws {
    let system = RandomSystem(seed: 19, features: RandomSystemTests.features(seed: 19), forwardPasses: 5)
    try check(system.text.study(), 2) { $0.cutSelection = CutSelectionTests.selection(method, cap: 200) }
  }

  /// Trains until the bound is that of all histories in one program, which it never exceeds, and never falls.
  static func reachesTheExtensiveForm(
    _ study: StudyCase, adjust: (inout TrainingOptions) -> Void
  ) throws -> TrainingRun {
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let options = TrainingOptions.adjusted(study, adjust)
    let run = try TrainingRun(study, iterations: 300, options: options) { ($0.lowerBound - optimum) / scale > -2e-8 }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale, "\(run.lowerBound), not \(optimum)")
    #expect(run.largestFall <= 0)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
    return run
  }

  private func check(
    _ study: StudyCase, _ together: Int, adjust: (inout TrainingOptions) -> Void = { _ in }
  ) throws {
    let run = try Self.reachesTheExtensiveForm(study) {
      $0.passesTogether = together > 0 ? together : nil
      $0.mostComponentsTogether = 0
      adjust(&$0)
    }
    for (stage, pool) in run.policy.pools.enumerated() where stage < study.stages.count - 1 {
      #expect(pool.count == run.reports.count * study.configuration.training.forwardPasses * pool.groups)
    }
  }

  /// Published optima; among them is a cyclic graph, whose steps share pools.
  @Test(arguments: KnownProblem.fast + [.endless])
  func onePassAtATimeReachesThePublishedOptimum(known: KnownProblem) throws {
    let study = try known.text.study()
    let run = try TrainingRun(
      study, iterations: 100,
      options: .adjusted(study) {
        $0.forwardPasses = 3
        $0.passesTogether = 1
        $0.otherRules = []
      }
    ) { $0.lowerBound >= known.optimum - 0.5 * known.tolerance }
    #expect(abs(run.lowerBound - known.optimum) <= known.tolerance, "\(known.name): \(run.lowerBound)")
  }

  /// The options of a run come before the case, and walking every path before both.
  @Test func theRuleOfATrainingFollowsCaseAndOptions() throws {
    var study = try KnownProblem.endless.text.study()
    study.configuration.training.passesTogether = 3
    var options = TrainingOptions(study: study)
    func size() -> Int { SweepRule(study: study, options: options, passes: 8, components: 65).size(after: []) }
    #expect(size() == 3)
    options.passesTogether = 5
    #expect(size() == 5)
    options.passesTogether = nil
    #expect(size() == 2)
    options.mostComponentsTogether = 65
    #expect(size() == 8)
    options.passesTogether = 5
    study.configuration.training.enumeratesPaths = true
    #expect(size() == 8)
  }

  @Test(arguments: NovomodeloSmallCase.all)
  func allWalkTogetherInNovomodelosFormat(small: NovomodeloSmallCase) throws {
    let study = try #require(small.draft.read().study)
    #expect(TrainingOptions(study: study).passesTogether == .max)
  }

  /// Iterations that walk every path, and those of which the case says that all walk together, are what they were.
  @Test func iterationsStayWhereAllWalkTogether() throws {
    var system = RandomNovomodelo(seed: 24)
    var study = try system.study()
    study.configuration.training.forwardPasses = 4
    let plain = try Figures(study) { _ in }
    study.configuration.training.passesTogether = .max
    #expect(try Figures(study) { $0.mostComponentsTogether = 0 } == plain)
    // Asked for, it is possible, and something else.
    let swept = try Figures(study) {
      $0.passesTogether = nil
      $0.mostComponentsTogether = 0
    }
    #expect(swept != plain)
    let tree = try PolicyNodeTests.tree()
    #expect(try Figures(tree) { $0.passesTogether = 1 } == Figures(tree) { _ in })
  }

  /// Bounds and cuts of six iterations, as bits.
  private struct Figures: Equatable {
    var figures: [UInt64] = []

    init(_ study: StudyCase, _ adjust: (inout TrainingOptions) -> Void) throws {
      let run = try TrainingRun(study, iterations: 6, options: .adjusted(study, adjust))
      figures = run.reports.flatMap { [$0.lowerBound, $0.upperBound, $0.upperBoundHalfWidth].map(\.bitPattern) }
      for pool in run.policy.pools { figures += (pool.intercepts + pool.slopes).map(\.bitPattern) }
    }
  }
}
