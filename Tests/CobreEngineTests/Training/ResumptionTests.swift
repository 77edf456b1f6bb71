internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// A training that breaks off and is taken up again has the bits of one that never did, whatever it has to remember.
@Suite struct ResumptionTests {
  /// Bounds of every iteration and all coefficients, as bits.
  private struct Outcome: Equatable {
    var bounds: [UInt64] = []
    var cuts: [UInt64] = []
    var inactive: [[Int]] = []

    mutating func take(_ report: IterationReport) {
      bounds += [report.lowerBound, report.upperBound, report.deterministicUpperBound ?? 0].map(\.bitPattern)
    }

    mutating func take(_ policy: Policy) {
      cuts = policy.pools.flatMap { ($0.intercepts + $0.slopes).map(\.bitPattern) }
      inactive = policy.pools.map(\.inactive)
    }
  }

  static let adjustments: [@Sendable (inout TrainingOptions) -> Void] = [
    { $0.cutSelection = CutSelectionTests.selection(.domination, cap: 12, frequency: 2) },
    { $0.cutSelection = CutSelectionTests.selection(.lml1, frequency: 2) },
    { $0.cutFormulation = .multi },
    {
      $0.otherRules = [
        .simulation(replications: 4, period: 2, boundWindow: 1, distanceTolerance: 1e-3, boundTolerance: 1e-2)
      ]
    },
  ]

  @Test(arguments: 0..<4)
  func goesOnWithTheSameBits(adjustment: Int) throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 3).text.study()
    var options = TrainingOptions(study: study)
    Self.adjustments[adjustment](&options)
    options.iterationLimit = 11
    try check(study, options)
  }

  /// Few trajectories walk together until the bound stalls, which a training that breaks off remembers by its bounds.
  @Test func goesOnWithSweepsThatGrow() throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 8).text.study()
    var options = TrainingOptions(study: study)
    options.iterationLimit = 11
    options.mostComponentsTogether = 0
    let bounds = try TrainingRun(study, options: options).reports.map(\.lowerBound)
    let rule = SweepRule(passes: 8, components: 65)
    // After the break at iteration 5 more walk together, by what was seen before it.
    #expect(rule.size(after: []) == 2 && rule.size(after: Array(bounds.prefix(5))) > 2)
    try check(study, options)
  }

  /// Trajectories stay near the states of the iteration before, which the checkpoint keeps until all of the range is open.
  @Test func goesOnInTheSameRegion() throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 3).text.study()
    var options = TrainingOptions(study: study)
    options.iterationLimit = 11
    options.trialRegion = 0.05
    let bounds = try TrainingRun(study, options: options).reports.map(\.lowerBound)
    #expect(RegionRule(first: 0.05).share(after: Array(bounds.prefix(5))) != nil)
    try check(study, options)
  }

  /// The deterministic upper bound, of a horizon with an end and of one without: vertices and their values.
  @Test(arguments: [false, true])
  func boundsFromAboveWithTheSameBits(isCyclic: Bool) throws {
    var study =
      isCyclic
      ? try KnownProblem.lateCycle.text.study()
      : try RandomSystem(seed: 13, features: [.blocks, .network, .virtualInflow]).text.study()
    study.configuration.upperBound = UpperBoundSettings(
      enabled: true, initialIteration: 2, intervalIterations: 2, lipschitzFallback: isCyclic ? 10 : nil,
      lipschitzScale: 1)
    var options = TrainingOptions(study: study)
    options.iterationLimit = isCyclic ? 7 : 11
    try check(study, options)
  }

  /// Deliveries decided ahead and water on its way are state like any other.
  @Test func goesOnWithFurtherState() throws {
    var system = RandomNovomodelo(seed: 24)
    let study = try system.study()
    let names = study.stateNames
    #expect(names.contains("commitment[4,1]") && names.contains("transit[9,1]"))
    #expect(Set(names).count == names.count)
    var options = TrainingOptions(study: study)
    options.iterationLimit = 11
    try check(study, options)
  }

  @Test func goesOnWithEveryPath() throws {
    var study = try PolicyNodeTests.tree()
    study.configuration.training.stoppingRules = [.iterationLimit(11)]
    try check(study, TrainingOptions(study: study))
  }

  private func check(_ study: StudyCase, _ options: TrainingOptions) throws {
    func trainer() throws -> Trainer {
      let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
      trainer.keepsCheckpoints = true
      return trainer
    }
    var whole = Outcome()
    let unbroken = try trainer()
    let end = try unbroken.train {
      whole.take($0)
      return true
    }
    whole.take(unbroken.policy)

    var parts = Outcome()
    let first = try trainer()
    _ = try first.train {
      parts.take($0)
      return $0.iteration < 5
    }
    let bytes = try #require(first.checkpoint).encoded()
    // What training arranges from the parts of its ranks is the encoding of the whole.
    #expect(first.encodedCheckpoint == bytes)
    let checkpoint = try #require(TrainingCheckpoint(decoding: bytes))
    let second = try trainer()
    try second.restore(checkpoint, policy: first.policy, states: first.visitedStates, elapsedSeconds: 1)
    let resumed = try second.train {
      parts.take($0)
      return true
    }
    parts.take(second.policy)
    #expect(parts == whole)
    #expect(resumed.stopReason == end.stopReason)
  }

  @Test func aCheckpointKeepsItsSections() {
    var sections = CheckpointSections()
    sections.stopping.lowerBounds = [3.5, 1e9]
    sections.stopping.holds = [true, false]
    sections.stopping.memories = ["a": [1, -0.0, .infinity], "b": []]
    sections.upperBound = 7.25
    sections.activities = [
      0: .init(counts: [4, 0], lastActive: [2, 1], created: [1, 1], inactive: [1]), 2: .init(),
    ]
    var inner = CheckpointSections.Inner()
    inner.slopes = [0.5]
    inner.values = [[1.5, .infinity], []]
    inner.seen = [[2, 2], [0, 0]]
    sections.inner = inner
    let checkpoint = TrainingCheckpoint(
      iteration: 3, stages: 0, forwardPasses: 2, starts: [], boundStarts: [WarmStart()], sections: sections)
    #expect(TrainingCheckpoint(decoding: checkpoint.encoded()) == checkpoint)
    #expect(TrainingCheckpoint(decoding: checkpoint.encoded().dropLast()) == nil)
  }

  /// Whole numbers take less room, and come back as they were.
  @Test func aCheckpointPacksWholeNumbers() {
    var sections = CheckpointSections()
    sections.stopping.memories = [
      "counts": (0..<1000).map { Double($0 / 4) }, "mixed": [1, 2, 0.5], "negative zero": [1, -0.0, 2],
      "beyond": [0x1p60, 1], "signs": [-3, 5, -9_007_199_254_740_991],
    ]
    let checkpoint = TrainingCheckpoint(
      iteration: 1, stages: 0, forwardPasses: 1, starts: [], boundStarts: [], sections: sections)
    let bytes = checkpoint.encoded()
    let decoded = TrainingCheckpoint(decoding: bytes)
    #expect(decoded == checkpoint)
    #expect(decoded?.sections.stopping.memories["negative zero"]?[1].sign == .minus)
    #expect(bytes.count < 1500)
    for length in 0..<bytes.count { #expect(TrainingCheckpoint(decoding: Array(bytes.prefix(length))) == nil) }
  }

  /// Runs that an earlier version wrote can be gone on with.
  @Test func aCheckpointOfVersion2IsRead() {
    func bytes(_ number: Int64) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    var old = [2, 7, 0, 4, 0].flatMap { bytes($0) }
    old += bytes(1) + bytes(4) + bytes(2) + Array("hits".utf8)
    old += [3, 0.25].flatMap { bytes(Int64(bitPattern: ($0 as Double).bitPattern)) }
    var sections = CheckpointSections()
    sections.stopping.memories = ["hits": [3, 0.25]]
    #expect(
      TrainingCheckpoint(decoding: old)
        == TrainingCheckpoint(
          iteration: 7, stages: 0, forwardPasses: 4, starts: [], boundStarts: [], sections: sections))
  }
}
