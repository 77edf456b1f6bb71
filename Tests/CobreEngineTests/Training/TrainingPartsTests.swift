import CobreCommunication
internal import CobreTestSupport
internal import Testing

@testable internal import CobreCase
@testable internal import CobreEngine

/// The parts of a training, each made without a trainer.
@Suite struct TrainingPartsTests {
  /// Everything that passes need, on one rank with two threads.
  private struct Parts {
    let problem: TrainingProblem
    let runner: WorkRunner
    let cuts: CutStore
    let trajectories: Trajectories

    init(_ study: StudyCase, keepsStates: Bool = false, keepingBelow rows: Int? = nil) throws {
      let communicator = LocalCommunicator()
      problem = try TrainingProblem(
        study: study, options: TrainingOptions(study: study), communicator: communicator)
      let count = problem.options.forwardPasses
      let make = try problem.workspaceMaker(share: 0..<count)
      let model = make()
      let (templates, pools) = (problem.templates, problem.walk.poolCount)
      runner = WorkRunner(communicator: communicator, threads: 2) {
        guard let rows else { return make() }
        return Workspace(
          templates: templates, retrying: RetryRules(), sampler: model.sampler, sample: model.sample,
          openingCuts: model.openingCuts, pools: pools, keepingBelow: rows)
      }
      cuts = CutStore(
        walk: problem.walk, groups: problem.templates.map(\.futureCount), dimension: problem.stateDimension,
        selection: problem.options.cutSelection, keepsStates: keepsStates)
      trajectories = Trajectories(
        count: count, share: runner.share(of: count), steps: problem.walk.stages.count,
        dimension: problem.stateDimension)
    }

    /// Alternates both passes and returns the lower bound.
    func bound(iterations: ClosedRange<Int>) throws -> Double {
      let forward = ForwardPass(problem: problem, runner: runner, cuts: cuts, trajectories: trajectories)
      let backward = BackwardPass(problem: problem, runner: runner, cuts: cuts, trajectories: trajectories)
      for iteration in iterations {
        let all = Sweep(number: 0, count: 1)
        try forward.run(iteration: iteration, sweep: all)
        try backward.run(iteration: iteration, sweep: all) { _ in }
      }
      return try LowerBound(problem: problem, runner: runner, cuts: cuts).value(iteration: iterations.upperBound)
    }
  }

  /// One backward pass serves chains and branching graphs: the published optima come out.
  @Test(
    arguments: KnownProblem.fast + [
      .firstSteps, .dearSpill(stages: 2, optimum: 21.38888888888889),
      .valleyWithPrices(isStochastic: false, risk: nil, optimum: -851.8),
    ])
  func passesAloneReachThePublishedOptimum(known: KnownProblem) throws {
    let parts = try Parts(try known.text.study())
    var bound = -Double.infinity
    for round in 0..<10 where bound < known.optimum - 0.5 * known.tolerance {
      bound = try parts.bound(iterations: (10 * round + 1)...(10 * round + 10))
    }
    #expect(abs(bound - known.optimum) <= known.tolerance, "\(known.name): \(bound)")
  }

  /// Solvers that are made again for each stage at work give the same bits, and their solves still count.
  @Test func solversThatAreNotKeptChangeNothing() throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 3).text.study()
    let kept = try Parts(study)
    let dropped = try Parts(study, keepingBelow: 0)
    #expect(try kept.bound(iterations: 1...4).bitPattern == dropped.bound(iterations: 1...4).bitPattern)
    #expect(kept.runner.solveCount == dropped.runner.solveCount)
    /// The most stages of which a thread holds solvers.
    func held(_ parts: Parts) -> Int {
      parts.runner.workspaces.map { workspace in
        study.stages.indices.count { workspace.heldSolver(stage: $0) != nil }
      }.max() ?? 0
    }
    #expect(held(dropped) == 1)
    #expect(held(kept) > 1)
  }

  @Test func statesAndCutsComeInTheOrderOfTrajectories() throws {
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 3).text.study()
    let parts = try Parts(study, keepsStates: true)
    _ = try parts.bound(iterations: 1...2)
    let dimension = parts.problem.stateDimension
    for (pool, states) in zip(parts.cuts.pools, parts.cuts.visitedStates) {
      // Two iterations of three trajectories.
      #expect(pool.count == 6 && states.count == 6 * dimension)
    }
    // The states of the second iteration are still the states of the trajectories.
    for trajectory in 0..<3 {
      let first = (3 + trajectory) * dimension
      #expect(
        Array(parts.trajectories.state(of: trajectory, after: 0))
          == Array(parts.cuts.visitedStates[0][first..<(first + dimension)]))
    }
  }

  @Test func trajectoriesKeepWhatWalksRecord() throws {
    let study = try RandomSystem(seed: 31, features: [.basic], forwardPasses: 2).text.study()
    let runner = try Parts(study).runner
    let trajectories = Trajectories(count: 3, share: runner.share(of: 3), steps: 3, dimension: 2)
    try trajectories.record(on: runner) { _, local, record in
      for step in 0..<2 { record.set([Double(100 * local + 10 * step), Double(local)], after: step) }
      record.set(cost: Double(local) + 0.5)
    }
    #expect(trajectories.costs == [0.5, 1.5, 2.5])
    #expect(Array(trajectories.state(of: 2, after: 1)) == [210, 2])
    #expect(trajectories.withState(of: 1, after: 1) { [$0[0], $0[1]] } == [110, 1])
    // Every step of every trajectory has a start of its own.
    let starts = (0..<3).flatMap { step in (0..<3).map { trajectories.start(step: step, local: $0) } }
    #expect(Set(starts).count == 9)
  }

  /// With cuts and visited states of a training that has converged, the published optimum from above.
  @Test func theInnerBoundAloneReachesThePublishedOptimum() throws {
    let known = KnownProblem.firstSteps
    let parts = try Parts(try known.text.study(), keepsStates: true)
    let inner = InnerBound(problem: parts.problem, runner: parts.runner, cuts: parts.cuts)
    #expect(inner.templates == nil)
    _ = try parts.bound(iterations: 1...1)
    let early = try inner.evaluate(iteration: 1)
    #expect(early >= known.optimum - known.tolerance)
    _ = try parts.bound(iterations: 2...40)
    let late = try inner.evaluate(iteration: 40)
    #expect(late <= early)
    #expect(abs(late - known.optimum) <= known.tolerance, "\(late)")
  }

  /// The mean cost of trajectories through the tree, with the policy that is optimal, is the published optimum.
  @Test func aReplayAloneCostsTheOptimumOnAverage() throws {
    let known = KnownProblem.firstSteps
    let parts = try Parts(try known.text.study())
    _ = try parts.bound(iterations: 1...40)
    let replay = InSampleReplay(problem: parts.problem, runner: parts.runner, cuts: parts.cuts)
    let steps = parts.problem.walk.stages.count
    let count = 2000
    let costs = try replay.costs(count: count, noise: 7, iteration: 40)
    #expect(costs.count == count * steps)
    let totals = (0..<count).map { costs[($0 * steps)..<(($0 + 1) * steps)].reduce(0, +) }
    let mean = totals.reduce(0, +) / Double(count)
    let variance = totals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    #expect(variance > 0)
    #expect(abs(mean - known.optimum) <= 4 * (variance / Double(count)).squareRoot(), "\(mean)")
    #expect(try replay.costs(count: count, noise: 7, iteration: 40) == costs)
    #expect(try replay.costs(count: count, noise: 8, iteration: 40) != costs)
  }

  /// On one rank the order is that of steps, trajectories within them, and the openings of the first stage at the end.
  @Test func warmStartsAreGatheredByStepAndTrajectory() throws {
    let study = try RandomSystem(seed: 31, features: [.basic], forwardPasses: 2).text.study()
    let runner = try Parts(study).runner
    let trajectories = Trajectories(count: 3, share: runner.share(of: 3), steps: 2, dimension: 1)
    let bound = WarmStarts(count: 1)
    func start(_ size: Int) -> WarmStart {
      var start = WarmStart()
      start.status = .init(repeating: 1, count: size)
      return start
    }
    for step in 0..<2 {
      for local in 0..<3 { trajectories.start(step: step, local: local).pointee = start(1 + 3 * step + local) }
    }
    bound.place(0).pointee = start(7)
    let exchange = WarmStartExchange(trajectories: trajectories, steps: 2, boundStarts: bound)
    let parts = try #require(try exchange.gather(on: runner))
    let lengths = parts.map(\.count)
    #expect(lengths.count == 7 && zip(lengths, lengths.dropFirst()).allSatisfy { $0 < $1 })
    exchange.forget()
    #expect(trajectories.start(step: 1, local: 2).pointee == WarmStart() && bound.place(0).pointee == WarmStart())
  }

  /// Loops fail at their lowest unit, and the first loop counts.
  ///
  /// After the exchange work goes on.
  @Test func aRunnerReportsTheLowestUnitAndGoesOn() throws {
    struct Broken: Error, Equatable { let unit: Int }
    let study = try RandomSystem(seed: 31, features: [.basic], forwardPasses: 2).text.study()
    let runner = try Parts(study).runner
    var all = [Double](repeating: 0, count: 5)
    runner.forEach(5) { _, unit in if unit >= 3 { throw Broken(unit: unit) } }
    runner.forEach(5, order: 1) { _, unit in throw Broken(unit: -unit) }
    #expect(throws: Broken(unit: 3)) { try runner.gather([1, 2, 3, 4, 5], units: 5, width: 1, into: &all) }
    runner.forEach(5) { _, _ in }
    try runner.gather([1, 2, 3, 4, 5], units: 5, width: 1, into: &all)
    #expect(all == [1, 2, 3, 4, 5])
  }

  private static func store(
    _ selection: CutSelectionSettings, boundary: CutPool? = nil
  ) throws -> (store: CutStore, trajectories: Trajectories, runner: WorkRunner) {
    let study = try RandomSystem(seed: 31, features: [.basic], forwardPasses: 2).text.study()
    let parts = try Parts(study)
    let walk = StageWalk(study: study, hasBoundary: boundary != nil)
    let model = parts.runner.workspaces[0]
    let runner = WorkRunner(communicator: LocalCommunicator(), threads: 1) {
      Workspace(
        templates: [], retrying: RetryRules(), sampler: model.sampler, sample: model.sample,
        openingCuts: model.openingCuts, pools: walk.poolCount)
    }
    let store = CutStore(
      walk: walk, groups: .init(repeating: 1, count: study.stages.count), dimension: 1, boundary: boundary,
      selection: selection, keepsStates: true)
    let trajectories = Trajectories(count: 2, share: runner.share(of: 2), steps: walk.stages.count, dimension: 1)
    try trajectories.record(on: runner) { _, local, record in record.set([Double(7 + local)], after: 0) }
    return (store, trajectories, runner)
  }

  /// Two cuts of a trajectory each.
  ///
  /// The second trajectory has not made the step the second time.
  @Test func aStoreTakesCutsOfThoseThatMadeTheStep() throws {
    let (store, trajectories, _) = try Self.store(CutSelectionTests.selection(nil, cap: 1))
    store.take([1, 10, 2, 20], into: 0, iteration: 1, from: trajectories, step: 0) { _ in true }
    store.take([3, 30, 0, 0], into: 0, iteration: 2, from: trajectories, step: 0) { $0 == 0 }
    let pool = store.pools[0]
    #expect((0..<pool.count).map { pool.intercept($0) } == [1, 2, 3])
    #expect((0..<pool.count).map { pool.slope($0, 0) } == [10, 20, 30])
    #expect(store.visitedStates[0] == [7, 8, 7])
    #expect(store.activitySections[0]?.created == [1, 1, 2])
  }

  /// With room for one, the oldest go, the cut of the running iteration stays.
  ///
  /// The lower bound keeps all.
  @Test func aBudgetDropsTheOldest() throws {
    let (store, trajectories, runner) = try Self.store(CutSelectionTests.selection(nil, cap: 1))
    store.take([1, 10, 2, 20], into: 0, iteration: 1, from: trajectories, step: 0) { _ in true }
    try store.select(iteration: 1, on: runner)
    #expect(store.pools[0].activeSlots == [0, 1])
    store.take([3, 30, 0, 0], into: 0, iteration: 2, from: trajectories, step: 0) { $0 == 0 }
    try store.select(iteration: 2, on: runner)
    #expect(store.pools[0].activeSlots == [2])
    #expect(store.completeFirstPool?.activeSlots == [0, 1, 2])

    let (second, _, _) = try Self.store(CutSelectionTests.selection(nil, cap: 1))
    second.append(Policy.Pool(store.pools[0]), to: 0)
    #expect(second.restore(store.activitySections))
    #expect(second.pools[0].activeSlots == [2] && second.activitySections == store.activitySections)
    // The use of other cuts does not fit.
    let (third, _, _) = try Self.store(CutSelectionTests.selection(nil, cap: 1))
    #expect(!third.restore(store.activitySections))
  }

  @Test func aBoundaryIsNotTouched() throws {
    let boundary = CutPool(dimension: 1)
    for intercept in [1.0, 2, 3] { boundary.append(intercept: intercept, slopes: [-intercept]) }
    let (store, _, runner) = try Self.store(CutSelectionTests.selection(nil, cap: 1), boundary: boundary)
    let last = try #require(store.boundaryPool)
    #expect(store.pools[last] === boundary && !store.trainedPools.contains(last))
    try store.select(iteration: 1, on: runner)
    #expect(boundary.activeCount == 3)
  }
}
