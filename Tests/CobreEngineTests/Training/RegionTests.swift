import CobreCommunication
import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Forward passes that stay near the states visited before.
@Suite struct RegionTests {
  @Test func theShareGrowsWhereTheBoundRisesSlowly() {
    let rule = RegionRule(first: 0.1)
    // The first iteration has nothing to stay near to.
    #expect(rule.share(after: []) == nil)
    // Wide at first: 0.3, 0.21, 0.147, then 0.1.
    for (count, share) in [0.3, 0.21, 0.147, 0.1029, 0.1].enumerated() {
      let found: Double = rule.share(after: (0...count).map(Double.init)) ?? 0
      #expect(abs(found - share) < 1e-12)
    }
    #expect(RegionRule(first: 0.5).share(after: [5]) == 1)
    let grown: Double = 0.1 * 1.5
    #expect(rule.share(after: [5, 5, 5, 5, 5]) == grown)
    #expect(rule.share(after: [0, 0, 0, 0, 5]) == 0.1)
    // 99.98 to 100 is a rise of 0.02 %, 99.995 to 100 one of 0.005 %.
    #expect(rule.share(after: [99.98, 99.98, 99.98, 99.98, 100]) == 0.1)
    #expect(rule.share(after: [99.995, 99.995, 99.995, 99.995, 100]) == grown)
    #expect(rule.share(after: [.nan, .nan, .nan, .nan, .nan]) == grown)
    // Open after six slow iterations, for good.
    let slow = [Double](repeating: 5, count: 9)
    #expect(rule.share(after: slow) != nil && rule.openIterations(slow) == 0)
    #expect(rule.share(after: slow + [5]) == nil && rule.openIterations(slow + [5]) == 0)
    let later = slow + [5, 50, 500, 5000]
    #expect(rule.share(after: later) == nil && rule.openIterations(later) == 3)
    for first in [nil, 1] as [Double?] {
      #expect(RegionRule(first: first).share(after: [1, 2]) == nil)
      #expect(RegionRule(first: first).openIterations([1, 2]) == 2)
    }
    // A rule that calls 1 % in an iteration stalled opens the range at a rise of 3.9 % in four.
    #expect(RegionRule(first: 0.1, slowRise: 0.01).share(after: [96.1, 97, 98, 99, 100]) == grown)
    #expect(RegionRule(first: 0.1, slowRise: 0.01).share(after: [95.9, 97, 98, 99, 100]) == 0.1)
  }

  /// Few reservoirs, all paths and branching graphs have all of the range; options come before the case.
  @Test func theRuleOfATrainingFollowsCaseAndOptions() throws {
    let few = CaseDraft.smallest.read().study
    var study = try #require(few)
    var options = TrainingOptions(study: study)
    func first() -> Double? { RegionRule(study: study, options: options).first }
    #expect(first() == nil)
    #expect(RegionRule.isLarge(reservoirs: 8, stages: 8))
    #expect(!RegionRule.isLarge(reservoirs: 7, stages: 60) && !RegionRule.isLarge(reservoirs: 80, stages: 7))
    options.trialRegion = 0.3
    #expect(first() == 0.3)
    study.configuration.training.enumeratesPaths = true
    #expect(first() == nil)
    study.configuration.training.enumeratesPaths = false
    options.trialRegion = 1
    #expect(first() == nil)
    study.configuration.training.trialRegion = 0.2
    #expect(RegionRule(study: study, options: TrainingOptions(study: study)).first == 0.2)
    let tree = try PolicyNodeTests.tree()
    var asked = TrainingOptions(study: tree)
    asked.trialRegion = 0.3
    #expect(RegionRule(study: tree, options: asked).first == nil)
  }

  /// A bound that rests while trajectories are confined is not called stalled.
  @Test func stallingCountsIterationsThatWalkAnywhere() throws {
    let rule = BoundStalling(iterations: 3, tolerance: 0.01)
    var memory: [Double] = []
    func holds(_ open: Int) -> Bool {
      let evidence = StoppingEvidence(
        iteration: 5, lowerBounds: [1, 2, 2, 2, 2], openIterations: open, gap: nil
      ) { _, _ in [] }
      return rule.holds(evidence, memory: &memory)
    }
    #expect(holds(.max) && holds(2) && !holds(1) && !holds(0))
    #expect(rule.slowRise == 0.005)
  }

  /// 10 to 150 hm³, of which 60 are there and 30 m³/s come in 672 h.
  @Test func storagesStayInTheBoxAsFarAsThereIsWater() throws {
    let study = try #require(CaseDraft.smallest.read().study)
    let tree = OpeningTree(study: study, seed: 11)
    let templates = StageLPTemplate.all(study: study, tree: tree, formulation: .single)
    func storage(_ centre: Double, _ share: Double) throws -> Double {
      let solver = try StageSolver(template: templates[1])
      let state = tree.inflow.initialState
      let box = TrialRegion(centre: [centre], plants: 1, share: share).box(step: 0)
      try solver.begin(state: state, pool: nil, start: WarmStart(), openings: 1..<2, region: box)
      try solver.solve(opening: 1, pool: nil)
      return solver.outgoingState[0]
    }
    // Without cuts stored water is worth nothing: as little stays as the box allows.
    #expect(abs(try storage(100, 0.05) - 93) < 1e-6)
    #expect(abs(try storage(60, 0.1) - 46) < 1e-6)
    #expect(abs(try storage(0, 0.1) - storage(10, 1)) < 1e-6)
    // Where the box begins above the water that is there, all of that stays.
    #expect(abs(try storage(150, 0.01) - (60 + 30 * 672 * 0.0036)) < 1e-6)
    // A program without a solution in its box, here from 132.6 to 10 hm³, is solved without it.
    #expect(abs(try storage(80, -0.5) - storage(80, 1)) < 1e-6)
    #expect(TrialRegion(centre: [100], plants: 1, share: 0.05).box(step: 1) == nil)
  }

  /// The limit is the optimum of all histories in one program, from whichever box trajectories set out.
  @Test(arguments: [3, 7, 19, 26, 31], [0.02, 0.1, 0.5])
  func convergesToTheExtensiveForm(seed: Int, share: Double) throws {
    let system = RandomSystem(
      seed: UInt64(seed), features: RandomSystemTests.features(seed: seed), forwardPasses: 5)
    try check(system.text.study(), share)
  }

  @Test(arguments: 101...104, [CutFormulation.single, .multi])
  func convergesUnderRisk(seed: Int, formulation: CutFormulation) throws {
    let features: SystemFeatures = [.risk, .discount, .blocks, .network]
    let study = try RandomSystem(seed: UInt64(seed), features: features, forwardPasses: 5).text.study()
    try check(study, 0.1) { $0.cutFormulation = formulation }
  }

  private func check(
    _ study: StudyCase, _ share: Double, adjust: (inout TrainingOptions) -> Void = { _ in }
  ) throws {
    _ = try SweepTests.reachesTheExtensiveForm(study) {
      $0.trialRegion = share
      adjust(&$0)
    }
  }

  /// Published optima; among them is a cyclic graph, whose steps share pools.
  @Test(arguments: KnownProblem.fast + [.endless])
  func reachesThePublishedOptimum(known: KnownProblem) throws {
    let study = try known.text.study()
    let run = try TrainingRun(
      study, iterations: 100,
      options: .adjusted(study) {
        $0.forwardPasses = 3
        $0.trialRegion = 0.1
        $0.otherRules = []
      }
    ) { $0.lowerBound >= known.optimum - 0.5 * known.tolerance }
    #expect(abs(run.lowerBound - known.optimum) <= known.tolerance, "\(known.name): \(run.lowerBound)")
  }

  /// Who ends training before all of the range is open is told what the costs of its trajectories are worth.
  @Test(arguments: [(0.1, true), (1, false)])
  func theEndSaysWhatCostsAreWorth(share: Double, isSaid: Bool) throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 3).text.study()
    var options = TrainingOptions(study: study)
    options.trialRegion = share
    options.iterationLimit = 3
    let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
    let remarks = trainer.closingRemarks(try trainer.train { _ in true })
    #expect(remarks.contains { $0.contains("stayed within 21 %") } == isSaid, "\(remarks)")
  }
}
