internal import CobreBase
package import CobreCase
package import CobreCommunication

/// Trains the policy of a case by stochastic dual dynamic programming (Pereira, Pinto 1991) on the ranks of a
/// communicator.
///
/// All ranks construct it with the same case and options and call `train` together. Bounds, cuts and visited states are
/// bit-identical for any backend and number of ranks: units of work depend on themselves alone, and all sums are in
/// trajectory or opening order.
///
/// The trainer is a conductor: it decides the order of the steps. The work is done by its parts, each of which can be
/// created alone.
package final class Trainer {
  let problem: TrainingProblem
  let runner: WorkRunner
  let cuts: CutStore
  let trajectories: Trajectories
  let bound: LowerBound
  let inner: InnerBound
  let starts: WarmStartExchange
  var stopping: StoppingHistory
  private let sweepRule: SweepRule
  private let regionRule: RegionRule
  /// Mean storages at the end of the steps of the last iteration, in hm³, which the next one stays near to; empty where it
  /// may go anywhere.
  var centre: [Double] = []
  private let forwardPass: ForwardPass
  private let backwardPass: BackwardPass

  /// Iterations completed.
  package internal(set) var iteration = 0
  /// Whether each iteration ends with collecting a checkpoint, the same on every rank.
  package var keepsCheckpoints = false
  /// The checkpoint of the last iteration as `TrainingCheckpoint` reads it, on rank 0.
  package private(set) var encodedCheckpoint: [UInt8]?
  /// Time spent on collecting checkpoints.
  package private(set) var checkpointTime = Duration.zero
  /// What the clock showed when a restored training had ended, in s.
  var elapsedBefore = 0.0
  /// Called whenever a pass or a stage of the backward pass begins.
  package var watchPosition: ((TrainingPosition) -> Void)?

  /// - Parameters:
  ///   - study: the case.
  ///   - options: how to train it.
  ///   - communicator: the ranks that do it together.
  ///   - boundary: fixed cuts on the cost after the last stage.
  /// - Throws: `LPError` where solvers cannot be made, `SamplingError` where the case has no data for its noise.
  package init(
    study: StudyCase, options: TrainingOptions, communicator: any Communicator, boundary: Policy.Pool? = nil
  ) throws {
    let problem = try TrainingProblem(
      study: study, options: options, communicator: communicator, boundary: boundary)
    self.problem = problem
    let count = problem.options.forwardPasses
    let share = WorkPartition(units: count, rank: communicator.rank, size: communicator.size)
    let steps = problem.walk.stages.count
    let makeWorkspace = try problem.workspaceMaker(share: share.range)
    runner = WorkRunner(communicator: communicator, threads: options.threads, makeWorkspace: makeWorkspace)
    cuts = CutStore(
      walk: problem.walk, groups: problem.templates.map(\.futureCount), dimension: problem.stateDimension,
      boundary: boundary.map { CutPool(pool: $0, dimension: problem.stateDimension) },
      selection: options.cutSelection,
      keepsStates: options.keepsStates || problem.study.configuration.upperBound.enabled)
    trajectories = Trajectories(count: count, share: share, steps: steps, dimension: problem.stateDimension)
    sweepRule = SweepRule(
      study: problem.study, options: problem.options, passes: count, components: problem.stateDimension)
    regionRule = RegionRule(study: problem.study, options: problem.options)
    forwardPass = ForwardPass(problem: problem, runner: runner, cuts: cuts, trajectories: trajectories)
    backwardPass = BackwardPass(problem: problem, runner: runner, cuts: cuts, trajectories: trajectories)
    bound = LowerBound(problem: problem, runner: runner, cuts: cuts)
    inner = InnerBound(problem: problem, runner: runner, cuts: cuts)
    starts = WarmStartExchange(trajectories: trajectories, steps: steps, boundStarts: bound.starts)
    stopping = StoppingHistory(
      options: problem.options, hasHeuristicBounds: problem.tree.inflow.hasHeuristicBounds)
  }

  /// Says who is given the solver of a stage LP that no attempt solves.
  package func watchUnsolved(_ watch: @escaping (StageSolver) -> Void) { runner.watchUnsolved = watch }

  /// Iterates until a stopping rule holds or the observer says stop.
  ///
  /// - Parameter observe: called after every iteration on rank 0 only. `false` stops training, on all ranks.
  /// - Returns: why training stopped, and its last iteration.
  /// - Throws: `TrainingError` where a stage LP cannot be solved, `CommunicationError` where a rank is lost, and
  ///   what the observer throws.
  package func train(observe: (IterationReport) throws -> Bool) throws -> TrainingResult {
    let start = ContinuousClock.now
    while true {
      let report = try runIteration(startedAt: start)
      try checkRules(after: report)
      let staysNear = regionRule.share(after: stopping.lowerBounds) != nil
      centre = staysNear ? trajectories.meanStates(of: study.hydros.count) : []
      forgetStarts(after: report.iteration)
      if keepsCheckpoints {
        let began = ContinuousClock.now
        encodedCheckpoint = try gatherCheckpoint()
        checkpointTime += ContinuousClock.now - began
      }
      if let reason = try decide(report, observe: observe) {
        return TrainingResult(stopReason: reason, lastReport: report, warnings: warnings)
      }
    }
  }

  /// One iteration: forward pass, backward pass, cut selection, bounds, statistics.
  private func runIteration(startedAt start: ContinuousClock.Instant) throws -> IterationReport {
    let current = iteration + 1
    let solvesBefore = runner.solveCount
    let retriesBefore = retries
    let began = ContinuousClock.now
    var forwardTime = Duration.zero
    let region = regionRule.share(after: stopping.lowerBounds).flatMap { share in
      centre.isEmpty ? nil : TrialRegion(centre: centre, plants: study.hydros.count, share: share)
    }
    for sweep in sweepRule.sweeps(after: stopping.lowerBounds) {
      let sweepBegan = ContinuousClock.now
      reach(.forward, iteration: current)
      try forwardPass.run(iteration: current, sweep: sweep, region: region)
      forwardTime += ContinuousClock.now - sweepBegan
      try backwardPass.run(iteration: current, sweep: sweep) { reach(.backward, iteration: current, stage: $0) }
    }
    try cuts.select(iteration: current, on: runner)
    reach(.lowerBound, iteration: current)
    // The largest bound so far stays valid, whatever cuts have been dropped or starts have changed since.
    let lowerBound = max(try bound.value(iteration: current), stopping.lowerBounds.last ?? -.infinity)
    iteration = current
    // Before the upper bound, for which every rank repeats the first solve.
    let solves = runner.solveCount - solvesBefore
    if inner.isDue(current) { _ = try upperBound() }
    let ranks = try runner.gatherWork(solves: solves, retries: retries - retriesBefore)
    let done = ContinuousClock.now
    let upper = BoundStatistics(costs: trajectories.costs, weights: problem.paths?.map(\.probability))
    // The cost over all paths is what the policy costs, not an estimate.
    if problem.paths != nil, problem.isRiskNeutral { inner.last = upper.mean }
    let pools = cuts.pools
    var report = IterationReport(
      iteration: current, lowerBound: lowerBound, upperBound: upper.mean, upperBoundHalfWidth: upper.halfWidth,
      gap: .nan,
      elapsedSeconds: elapsedBefore + (done - start).seconds,
      forwardSeconds: forwardTime.seconds, backwardSeconds: (done - began - forwardTime).seconds,
      communicationSeconds: ranks[0].communicationSeconds, ranks: ranks,
      cutsPerStage: study.stages.indices.map { $0 < pools.count ? pools[$0].activeCount : 0 })
    report.deterministicUpperBound = inner.last
    report.gap = (problem.isRiskNeutral ? report.sampledGap : report.provenGap)?.share ?? .nan
    report.retries = ranks.reduce(0) { $0 + $1.retries }
    return report
  }

  /// A new deterministic upper bound in $.
  ///
  /// Infinite where a stage has not been visited yet.
  ///
  /// Every rank must call it.
  package func upperBound() throws -> Double {
    let found = try inner.evaluate(iteration: iteration)
    if found < .infinity { inner.last = found }
    return found
  }

  /// Rank 0 decides by its clock and its observer.
  ///
  /// Everyone follows.
  private func decide(_ report: IterationReport, observe: (IterationReport) throws -> Bool) throws -> StopReason? {
    var code: [Int64] = [0]
    if runner.communicator.rank == 0 {
      let verdict =
        try observe(report)
        ? stopping.verdict(iteration: iteration, elapsedSeconds: report.elapsedSeconds) : .cancelled
      code[0] = verdict.code
    }
    try runner.clocked { try runner.communicator.broadcast(&code, root: 0) }
    return stopping.reason(.init(code: code[0]))
  }

  /// Judges every stopping rule besides the limits.
  ///
  /// Every rank must call it after each iteration.
  private func checkRules(after report: IterationReport) throws {
    let replay = InSampleReplay(problem: problem, runner: runner, cuts: cuts)
    try stopping.judge(report.lowerBound) { lowerBounds in
      StoppingEvidence(
        iteration: report.iteration, lowerBounds: lowerBounds,
        openIterations: regionRule.openIterations(lowerBounds),
        gap: report.provenGap ?? (problem.isRiskNeutral ? report.sampledGap : nil), costs: trajectories.costs,
        isRiskNeutral: problem.isRiskNeutral, steps: problem.walk.stages.count
      ) { replications, scenarios in
        let noise =
          scenarios == .fixed ? Philox.simulationIteration : UInt32(truncatingIfNeeded: report.iteration)
        return try replay.costs(count: replications, noise: noise, iteration: report.iteration)
      }
    }
  }

  /// Sentences on how training has ended, for the user.
  package func closingRemarks(_ result: TrainingResult) -> [String] {
    var remarks = result.stopReason == .statistical ? [] : stopping.shortfalls
    let report = result.lastReport
    if let share = regionRule.share(after: Array(stopping.lowerBounds.dropLast())), share < 1 {
      remarks.append(
        "The trajectories of the last iteration stayed within \(Int((100 * share).rounded())) % of each reservoir's range, since the "
          + "bound was still rising: their mean cost may be far above what the policy costs. A simulation tells that.")
    }
    if let gap = report.provenGap, gap.isContradiction, !tree.inflow.hasHeuristicBounds {
      remarks.append(
        "The deterministic upper bound (\(gap.upper)) lies below the lower bound (\(gap.lower)), "
          + "which contradict each other: one of them is wrong. A Lipschitz fallback_value that is too small does that, or "
          + "numbers of very different size.")
    }
    return remarks
  }

  /// Why training ends by its rules after the current iteration, judged by the clock of this rank, or nil if it
  /// continues.
  package func reasonToStop(elapsedSeconds: Double) -> StopReason? {
    stopping.reason(stopping.verdict(iteration: iteration, elapsedSeconds: elapsedSeconds))
  }
}

/// What others may read.
extension Trainer {
  package var study: StudyCase { problem.study }
  package var options: TrainingOptions { problem.options }
  package var tree: OpeningTree { problem.tree }
  package var templates: [StageLPTemplate] { problem.templates }

  /// Number of state components.
  package var stateDimension: Int { problem.stateDimension }

  /// The cuts by pool (see `CutStore`).
  package var pools: [CutPool] { cuts.pools }

  /// Visited states by pool, flat, where they are kept.
  package var visitedStates: [[Double]] { cuts.visitedStates }

  /// Solves of this rank that needed more than a plain first attempt.
  package var retries: Int { runner.retryCount }

  /// Directory into which an LP that no attempt solves is written, or nil for nowhere.
  package var problemDirectory: String? {
    get { runner.problemDirectory }
    set { runner.problemDirectory = newValue }
  }

  /// LPs with vertices instead of cuts, by stage, or nil if the stage keeps its own, or before the first upper bound.
  package var innerTemplates: [StageLPTemplate?]? { inner.templates }

  /// Messages for the user, for example on more workers than trajectories.
  package var warnings: [String] {
    var warnings: [String] = []
    if tree.inflow.hasHeuristicBounds {
      warnings.append(
        "The bounds are heuristic: inflows that are truncated at 0 have lags, so the lower bound may lie above the true cost "
          + "and the deterministic upper bound below it; no gap is certified.")
    }
    if runner.threads < options.threads {
      warnings.append(
        "The system grants \(runner.threads) of the \(options.threads) threads that each worker asks for. Results are the "
          + "same; raise the limit of processes (ulimit -u), or ask for fewer.")
    }
    // Those of one sweep where all sweeps have the same number; where it grows, all will walk together.
    let passes = sweepRule.fixed.map { max(1, min($0, options.forwardPasses)) } ?? options.forwardPasses
    let total = runner.communicator.size * runner.threads
    guard total > passes else { return warnings }
    let workers = "\(runner.communicator.size) worker\(runner.communicator.size == 1 ? "" : "s")"
    let units = runner.threads == 1 ? "workers" : "threads of \(workers)"
    warnings.append(
      "\(total) \(units) share \(passes) forward passes\(passes < options.forwardPasses ? " at a time" : ""): "
        + "\(total - passes) of them idle. "
        + "Results are the same; use at most \(passes) \(runner.threads == 1 ? "workers" : "threads"), or more forward passes."
    )
    return warnings
  }
}
