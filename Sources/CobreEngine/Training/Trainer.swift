/// Trains the policy of a case by stochastic dual dynamic programming (Pereira, Pinto 1991) on the ranks of a
/// communicator.
///
/// All ranks construct it with the same case and options and call `train` together. Bounds, cuts and trial states are
/// bit-identical for any backend and number of ranks: units of work depend on themselves alone, and whatever is added
/// up is added in trajectory or opening order.
package final class Trainer {
  package let study: StudyCase
  package let options: TrainingOptions
  package let tree: OpeningTree
  package let templates: [StageLPTemplate]

  let communicator: any Communicator
  /// The threads that share this rank's units.
  let team: ThreadTeam
  /// What each of them computes with.
  let workspaces: [Workspace]
  let walk: StageWalk
  /// One for each trajectory, where each iteration walks them all.
  let paths: [StageWalk.Path]?
  /// Pool t holds the cuts on the cost after stage t; see `StageWalk` for the last stage.
  let pools: [CutPool]
  /// Every cut of the first pool, for the lower bound, where forward passes may use fewer.
  let completeFirstPool: CutPool?
  /// The pool of fixed cuts after the last stage, if there is one.
  let boundaryPool: Int?
  /// This rank's trajectories.
  let share: WorkPartition
  /// Warm starts of this rank's units, `[step * share.count + local trajectory]`.
  let starts: WarmStarts
  /// Warm starts of the lower bound, by opening of stage 0; only this rank's are used.
  let boundStarts: WarmStarts
  var clock = CommunicationClock()
  /// Units of this rank that have failed since the last exchange.
  var failures = UnitFailures()
  var memoryGauge = MemoryUsage()
  /// Iterations completed.
  package internal(set) var iteration = 0
  /// Whether each iteration ends with collecting a checkpoint; the same on every rank.
  package var keepsCheckpoints = false
  /// The checkpoint of the last iteration as `TrainingCheckpoint` reads it, on rank 0.
  package private(set) var encodedCheckpoint: [UInt8]?
  /// Time spent on collecting checkpoints.
  package private(set) var checkpointTime = Duration.zero
  /// What the clock showed when a restored training had ended, in s.
  var elapsedBefore = 0.0

  /// By pool; kept up only where cuts are selected.
  var activities: [CutActivity]
  /// By pool; used only where dominated cuts are dropped.
  var dominations: [DominationCache]
  /// Trial states by pool, flat; kept only where something asks for them.
  var visitedStates: [[Double]]
  var stopping: StoppingHistory
  /// Vertices of the inner approximation; nil before its first use.
  var inner: InnerState?
  /// The last deterministic upper bound, in $.
  var lastUpperBound: Double?
  /// Directory into which a program that no attempt solves is written; nil for nowhere.
  package var problemDirectory: String?

  /// Called whenever a pass or a stage of the backward pass begins.
  package var watchPosition: ((TrainingPosition) -> Void)?

  // Exchange buffers, allocated once.
  /// Per trajectory: its cost, then the outgoing state of every step but the last.
  let recordWidth: Int
  var localRecords: [Double]
  var records: [Double]
  /// Per trajectory: intercept, then slopes.
  let cutWidth: Int
  var localCuts: [Double]
  var cuts: [Double]

  /// - Parameters:
  ///   - study: the case.
  ///   - options: how to train it.
  ///   - communicator: the ranks that do it together.
  ///   - boundary: fixed cuts on the cost after the last stage.
  /// - Throws: `LPError` where solvers cannot be made, `SamplingError` where the case has no data for its noise.
  package init(
    study: StudyCase, options: TrainingOptions, communicator: any Communicator, boundary: Policy.Pool? = nil
  ) throws {
    let study = study.estimatingInflow()
    self.study = study
    let walk = StageWalk(study: study, hasBoundary: boundary != nil)
    self.walk = walk
    var options = options
    paths = study.configuration.training.enumeratesPaths ? walk.paths : nil
    if let paths { options.forwardPasses = paths.count }
    self.options = options
    stopping = StoppingHistory(options: options)
    self.communicator = communicator
    var tree = OpeningTree(study: study, seed: options.treeSeed)
    let dimension = tree.inflow.layout.dimension
    let boundary = boundary.map { CutPool(pool: $0, dimension: dimension) }
    if let problem = tree.problem { throw problem }
    let share = WorkPartition(units: options.forwardPasses, rank: communicator.rank, size: communicator.size)
    self.share = share
    let configuration = study.configuration
    // The programs of an inner simulation are made from those of the training.
    let isInSample =
      configuration.training.scenarioSource.isInSample
      && (configuration.simulation.policyType == .outer || configuration.simulation.scenarioSource.isInSample)
    var templates = StageLPTemplate.all(
      study: study, tree: tree, formulation: options.cutFormulation, boundary: boundary, takesSamples: !isInSample)
    for index in templates.indices { templates[index].library = options.solver }
    try SharedTables.share(&tree, &templates, over: communicator)
    self.tree = tree
    self.templates = templates
    let sampler = try ForwardSampler(
      study: study, tree: tree, source: configuration.training.scenarioSource, treeSeed: options.treeSeed,
      use: .training, count: options.forwardPasses, kept: share.range)
    let groups = (0..<walk.poolCount).map { templates[$0].futureCount }
    boundaryPool = boundary == nil ? nil : walk.poolCount - 1
    pools = (0..<walk.poolCount).map { pool in
      if let boundary, pool == walk.poolCount - 1 { return boundary }
      return CutPool(dimension: dimension, groups: groups[pool])
    }
    activities = .init(repeating: CutActivity(), count: walk.poolCount)
    visitedStates = .init(repeating: [], count: walk.poolCount)
    dominations = .init(repeating: DominationCache(), count: walk.poolCount)
    let mayLoseFirstCuts =
      options.cutSelection.maxActivePerStage != nil || options.cutSelection.enabled && walk.cycleStart != nil
    completeFirstPool = mayLoseFirstCuts ? groups.first.map { CutPool(dimension: dimension, groups: $0) } : nil
    starts = WarmStarts(count: walk.stages.count * share.count)
    boundStarts = WarmStarts(count: templates.first?.openingCount ?? 0)
    recordWidth = 1 + max(0, walk.stages.count - 1) * dimension
    cutWidth = 1 + dimension
    localRecords = .init(repeating: 0, count: share.count * recordWidth)
    records = .init(repeating: 0, count: options.forwardPasses * recordWidth)
    localCuts = .init(repeating: 0, count: share.count * cutWidth)
    cuts = .init(repeating: 0, count: options.forwardPasses * cutWidth)
    let successorOpenings = walk.successors.map { arcs in
      arcs.reduce(0) { $0 + templates[$1.stage].openingCount }
    }
    let openingCuts = OpeningCuts(openings: successorOpenings.max() ?? 0, dimension: dimension)
    let sample = NoiseSample(study: study)
    team = ThreadTeam(count: options.threads)
    workspaces = (0..<team.count).map { _ in
      Workspace(
        templates: templates, retrying: RetryRules(configuration.training, options), sampler: sampler, sample: sample,
        openingCuts: openingCuts, pools: walk.poolCount)
    }
  }

  /// Iterates until a stopping rule holds or the observer says stop.
  ///
  /// - Parameter observe: called after every iteration on rank 0 only; `false` stops training, on all ranks.
  /// - Returns: why training stopped, and its last iteration.
  /// - Throws: `TrainingError` where a stage problem cannot be solved, `CommunicationError` where a rank is lost, and
  ///   what the observer throws.
  package func train(observe: (IterationReport) throws -> Bool) throws -> TrainingResult {
    let start = ContinuousClock.now
    while true {
      let report = try runIteration(startedAt: start)
      try checkRules(after: report)
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

  /// The checkpoint of the last iteration, on rank 0.
  package var checkpoint: TrainingCheckpoint? { encodedCheckpoint.flatMap { TrainingCheckpoint(decoding: $0) } }

  /// Number of state components.
  package var stateDimension: Int { tree.inflow.layout.dimension }

  /// Solves of this rank that needed more than a plain first attempt.
  package var retries: Int { workspaces.reduce(0) { $0 + $1.retryCount } }

  /// The cuts as they stand.
  package var policy: Policy {
    var pools = self.pools.map { Policy.Pool($0) }
    while pools.count < study.stages.count { pools.append(Policy.Pool()) }
    return Policy(stateDimension: stateDimension, pools: pools)
  }

  /// Whether every stage takes expectations; a sampled cost bounds nothing else.
  var isRiskNeutral: Bool { study.stages.allSatisfy(\.riskMeasure.isNeutral) }

  /// Trial states by pool, flat, where they are kept.
  package var trialStates: [[Double]] { visitedStates }

  /// Sentences for the user, such as more workers than trajectories.
  package var warnings: [String] {
    var warnings: [String] = []
    if team.count < options.threads {
      warnings.append(
        "The system grants \(team.count) of the \(options.threads) threads that each worker asks for. Results are the "
          + "same; raise the limit of processes (ulimit -u), or ask for fewer.")
    }
    let passes = options.forwardPasses
    let total = communicator.size * team.count
    guard total > passes else { return warnings }
    let workers = "\(communicator.size) worker\(communicator.size == 1 ? "" : "s")"
    let units = team.count == 1 ? "workers" : "threads of \(workers)"
    warnings.append(
      "\(total) \(units) share \(passes) forward passes: \(total - passes) of them idle. "
        + "Results are the same; use at most \(passes) \(team.count == 1 ? "workers" : "threads"), or more forward passes."
    )
    return warnings
  }

  /// One iteration: forward pass, backward pass, lower bound, statistics.
  func runIteration(startedAt start: ContinuousClock.Instant) throws -> IterationReport {
    let current = iteration + 1
    let solvesBefore = workspaces.reduce(0) { $0 + $1.solveCount }
    let retriesBefore = retries
    let began = ContinuousClock.now
    reach(.forward, iteration: current)
    try forwardPass(iteration: current)
    let forwardDone = ContinuousClock.now
    try backwardPass(iteration: current)
    try selectCuts(iteration: current)
    reach(.lowerBound, iteration: current)
    let lowerBound = try lowerBound(iteration: current)
    iteration = current
    // Before the upper bound, for which every rank repeats the first solve.
    let solvesDone = workspaces.reduce(0) { $0 + $1.solveCount } - solvesBefore
    if isUpperBoundDue(current) {
      let bound = try upperBound()
      if bound < .infinity { lastUpperBound = bound }
    }
    let ranks = try gatherWork(solves: solvesDone, retries: retries - retriesBefore)
    let done = ContinuousClock.now
    let costs = (0..<options.forwardPasses).map { records[$0 * recordWidth] }
    let upper = BoundStatistics(costs: costs, weights: paths?.map(\.probability))
    // The cost over all paths is what the policy costs, not an estimate.
    if paths != nil, isRiskNeutral { lastUpperBound = upper.mean }
    var report = IterationReport(
      iteration: current, lowerBound: lowerBound, upperBound: upper.mean, upperBoundHalfWidth: upper.halfWidth,
      gap: isRiskNeutral ? BoundStatistics.gap(lower: lowerBound, upper: upper.mean) : .nan,
      elapsedSeconds: elapsedBefore + (done - start).seconds,
      forwardSeconds: (forwardDone - began).seconds, backwardSeconds: (done - forwardDone).seconds,
      communicationSeconds: ranks[0].communicationSeconds, ranks: ranks,
      cutsPerStage: (0..<study.stages.count).map { $0 < pools.count ? pools[$0].activeCount : 0 })
    report.deterministicUpperBound = lastUpperBound
    if let gap = report.deterministicGap, !isRiskNeutral { report.gap = gap }
    report.retries = ranks.reduce(0) { $0 + $1.retries }
    return report
  }

  /// Rank 0 decides by its clock and its observer; everyone follows.
  private func decide(_ report: IterationReport, observe: (IterationReport) throws -> Bool) throws -> StopReason? {
    var code: [Int64] = [0]
    if communicator.rank == 0 {
      let verdict =
        try observe(report)
        ? stopping.verdict(iteration: iteration, elapsedSeconds: report.elapsedSeconds) : .cancelled
      code[0] = verdict.code
    }
    try clocked { try communicator.broadcast(&code, root: 0) }
    return stopping.reason(.init(code: code[0]))
  }

  /// State before the first stage; at least one element, so that there is something to point at.
  var initialState: [Double] { tree.inflow.initialState + [0] }
}
