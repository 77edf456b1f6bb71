import CobreCase
import CobreCommunication
import CobreEngine
import CobreTestSupport
import Synchronization
import Testing

/// The same case gives the same bits on any number of ranks over any backend.
@Suite(.serialized) struct TrainingDeterminismTests {
  /// Everything that must not depend on the ranks, as bit patterns.
  struct Outcome: Equatable, Sendable {
    var lowerBounds: [UInt64] = []
    var upperBounds: [UInt64] = []
    var deterministicBounds: [UInt64?] = []
    var inactive: [[Int]] = []
    var cuts: [UInt64] = []
    var simulated: [UInt64] = []
    var solves: [Int] = []
  }

  static func outcome(
    _ study: StudyCase, iterations: Int, on communicator: any Communicator,
    adjust: (inout TrainingOptions) -> Void = { _ in }
  ) throws -> Outcome {
    var options = TrainingOptions(study: study)
    adjust(&options)
    options.iterationLimit = iterations
    let trainer = try Trainer(study: study, options: options, communicator: communicator)
    var outcome = Outcome()
    let result = try trainer.train { report in
      outcome.lowerBounds.append(report.lowerBound.bitPattern)
      outcome.upperBounds.append(report.upperBound.bitPattern)
      outcome.deterministicBounds.append(report.deterministicUpperBound?.bitPattern)
      outcome.solves.append(report.solves)
      return true
    }
    if communicator.rank != 0 {
      // Only rank 0 is asked. The others know the last report.
      outcome.lowerBounds = [result.lastReport.lowerBound.bitPattern]
      outcome.upperBounds = [result.lastReport.upperBound.bitPattern]
      outcome.deterministicBounds = [result.lastReport.deterministicUpperBound?.bitPattern]
      outcome.solves = [result.lastReport.solves]
    }
    let policy = trainer.policy
    outcome.inactive = policy.pools.map(\.inactive)
    for pool in policy.pools {
      outcome.cuts += pool.intercepts.map(\.bitPattern) + pool.slopes.map(\.bitPattern)
    }
    let simulator = try Simulator(
      study: study, policy: policy, options: options, communicator: communicator)
    outcome.simulated = try simulator.run(scenarios: 13).costs.map(\.bitPattern)
    return outcome
  }

  /// Trains on threads of this process, with `threads` more for the units of each rank, and compares every rank with a
  /// single one of a single thread.
  static func compare(
    _ study: StudyCase, iterations: Int, backend: Backend, size: Int, threads: Int = 1,
    adjust: @escaping @Sendable (inout TrainingOptions) -> Void = { _ in }
  ) throws {
    let alone = try outcome(study, iterations: iterations, on: LocalCommunicator(), adjust: adjust)
    let group = try TestGroup(backend: backend, size: size)
    let outcomes = Mutex<[Int: Outcome]>([:])
    let errors = ThreadGroup.run(
      size: size, make: { try group.communicator(rank: $0) },
      body: { communicator in
        let outcome = try outcome(study, iterations: iterations, on: communicator) {
          adjust(&$0)
          $0.threads = threads
        }
        outcomes.withLock { $0[communicator.rank] = outcome }
      })
    for case let error? in errors { Issue.record("\(error)") }
    for rank in 0..<size {
      let found = try #require(outcomes.withLock { $0[rank] })
      #expect(found.cuts == alone.cuts, "rank \(rank)")
      #expect(found.simulated == alone.simulated, "rank \(rank)")
      #expect(found.inactive == alone.inactive, "rank \(rank)")
      #expect(found.deterministicBounds.last == alone.deterministicBounds.last, "rank \(rank)")
      if rank == 0 {
        #expect(found.lowerBounds == alone.lowerBounds)
        #expect(found.upperBounds == alone.upperBounds)
        #expect(found.solves == alone.solves)
      } else {
        #expect(found.lowerBounds.last == alone.lowerBounds.last)
        #expect(found.upperBounds.last == alone.upperBounds.last)
      }
    }
    #expect(!alone.cuts.isEmpty)
  }

  /// 3 trajectories on 2 and 3 ranks, and on 5, where two ranks have nothing to do.
  @Test(arguments: [Backend.shm, .tcp], [2, 3, 5])
  func randomSystem(backend: Backend, size: Int) throws {
    let system = RandomSystem(
      seed: 31, features: [.basic, .noiseOpenings, .uncertainLoad], forwardPasses: 3)
    try TrainingDeterminismTests.compare(
      system.text.study(), iterations: 12, backend: backend, size: size)
  }

  /// One process with several threads, and several of both.
  ///
  /// With more threads than trajectories too.
  @Test(arguments: [(Backend.local, 1, 2), (.local, 1, 5), (.shm, 2, 2), (.tcp, 3, 3)])
  func threads(backend: Backend, size: Int, threads: Int) throws {
    let system = RandomSystem(
      seed: 31, features: [.basic, .noiseOpenings, .uncertainLoad], forwardPasses: 4)
    try TrainingDeterminismTests.compare(
      system.text.study(), iterations: 12, backend: backend, size: size, threads: threads)
  }

  /// Trajectories that walk by twos, on as many ranks as a sweep has, more and fewer.
  @Test(arguments: [(Backend.local, 1, 3), (.shm, 2, 1), (.tcp, 3, 2), (.shm, 5, 1)])
  func sweeps(backend: Backend, size: Int, threads: Int) throws {
    let system = RandomSystem(
      seed: 31, features: [.basic, .noiseOpenings, .uncertainLoad], forwardPasses: 5)
    try TrainingDeterminismTests.compare(
      system.text.study(), iterations: 6, backend: backend, size: size, threads: threads
    ) { $0.passesTogether = 2 }
  }

  /// Trajectories that stay near the states that those of all ranks have visited.
  @Test(arguments: [(Backend.local, 1, 3), (.shm, 2, 1), (.tcp, 3, 2), (.shm, 5, 1)])
  func regions(backend: Backend, size: Int, threads: Int) throws {
    let system = RandomSystem(
      seed: 31, features: [.basic, .noiseOpenings, .uncertainLoad], forwardPasses: 5)
    try TrainingDeterminismTests.compare(
      system.text.study(), iterations: 6, backend: backend, size: size, threads: threads
    ) { $0.trialRegion = 0.05 }
  }

  /// Sweeps that grow from two trajectories to all eight, with risk and multi-cut too.
  @Test(
    arguments: [(Backend.local, 1, 3), (.shm, 2, 2), (.shm, 3, 1), (.tcp, 2, 1)], [CutFormulation.single, .multi])
  func growingSweeps(layout: (Backend, Int, Int), formulation: CutFormulation) throws {
    let system = RandomSystem(seed: 31, features: [.basic, .noiseOpenings, .risk], forwardPasses: 8)
    try TrainingDeterminismTests.compare(
      system.text.study(), iterations: 8, backend: layout.0, size: layout.1, threads: layout.2
    ) {
      $0.mostComponentsTogether = 0
      $0.cutFormulation = formulation
    }
  }

  /// The same for every solver of this build.
  @Test(arguments: [(Backend.local, 1, 3), (.shm, 2, 1), (.shm, 3, 2), (.tcp, 2, 2)], SolverLibrary.built)
  func solvers(layout: (Backend, Int, Int), library: SolverLibrary) throws {
    let system = RandomSystem(
      seed: 32, features: [.basic, .noiseOpenings, .uncertainLoad, .autoregression], forwardPasses: 3)
    try TrainingDeterminismTests.compare(
      system.text.study(), iterations: 10, backend: layout.0, size: layout.1, threads: layout.2
    ) { $0.solver = library }
  }

  /// Noise out of the tree: trajectories and scenarios of one stratified sample, of which every rank draws a part.
  @Test(arguments: [(Backend.shm, 2, 1), (.tcp, 3, 1), (.shm, 5, 1), (.local, 1, 3), (.shm, 2, 2)])
  func noiseOutOfTheTree(backend: Backend, size: Int, threads: Int) throws {
    let system = RandomSystem(
      seed: 33, features: [.basic, .noiseOpenings, .uncertainLoad, .autoregression], forwardPasses: 3)
    var study = try system.text.study()
    var source = ScenarioSource.inSample
    source.seed = 9
    source.inflow = .outOfSample
    source.load = .outOfSample
    study.configuration.training.scenarioSource = source
    study.configuration.simulation.scenarioSource = source
    for (stage, method) in zip(study.stages.indices, [SamplingMethod.lhs, .qmcSobol, .qmcHalton, .saa]) {
      study.stages[stage].samplingMethod = method
    }
    try TrainingDeterminismTests.compare(study, iterations: 6, backend: backend, size: size, threads: threads)
  }

  /// Cut selection, cuts by opening, a stopping rule that simulates, and the inner approximation.
  @Test(arguments: [(2, 1), (3, 1), (5, 1), (2, 2)])
  func everyStrategy(size: Int, threads: Int) throws {
    var study = try RandomSystem(
      seed: 13, features: [.blocks, .network, .virtualInflow, .risk], forwardPasses: 3
    ).text.study()
    study.configuration.upperBound = UpperBoundSettings(
      enabled: true, initialIteration: 2, intervalIterations: 2, lipschitzFallback: nil, lipschitzScale: 1)
    let selection = CutSelectionSettings(
      enabled: true, method: .domination, threshold: 0, memoryWindow: 0, dominationEpsilon: 0, checkFrequency: 2,
      activityTolerance: 0, maxActivePerStage: 30)
    try TrainingDeterminismTests.compare(study, iterations: 9, backend: .shm, size: size, threads: threads) {
      $0.cutFormulation = .multi
      $0.cutSelection = selection
      $0.otherRules = [
        .simulation(replications: 5, period: 2, boundWindow: 1, distanceTolerance: 1e-9, boundTolerance: 1)
      ]
    }
  }

  @Test(arguments: [(3, 1), (2, 2)])
  func infiniteHorizon(size: Int, threads: Int) throws {
    var study = try KnownProblem.lateCycle.text.study()
    study.configuration.upperBound = UpperBoundSettings(
      enabled: true, initialIteration: 1, intervalIterations: 1, lipschitzFallback: 10, lipschitzScale: 1)
    try TrainingDeterminismTests.compare(study, iterations: 3, backend: .shm, size: size, threads: threads)
  }

  @Test(arguments: [Backend.shm, .tcp])
  func fourAreas(backend: Backend) throws {
    let report = CaseReader.read(directory: ReferenceCollection.packageRoot + "/examples/four-areas")
    let study = try #require(report.study, "\(report.findings)")
    try TrainingDeterminismTests.compare(study, iterations: 3, backend: backend, size: 3)
  }
}
