internal import CobreCase

/// The deterministic upper bound by inner approximation (Mathematics.md 4.6): vertices at visited states, with values
/// that no future cost exceeds.
final class InnerBound {
  let problem: TrainingProblem
  let runner: WorkRunner
  let cuts: CutStore
  /// Vertices with their values, or nil before the first evaluation.
  private(set) var state: InnerState?
  /// The last bound, in $, or nil if none is known.
  var last: Double?

  init(problem: TrainingProblem, runner: WorkRunner, cuts: CutStore) {
    self.problem = problem
    self.runner = runner
    self.cuts = cuts
  }

  /// Whether a bound is due after an iteration.
  func isDue(_ iteration: Int) -> Bool {
    let settings = problem.study.configuration.upperBound
    return settings.enabled && iteration >= settings.initialIteration
      && (iteration - settings.initialIteration) % settings.intervalIterations == 0
  }

  /// Values vertices at the visited states and returns the cost of the first stage with them, an upper bound in $.
  ///
  /// Infinite if a stage has not been visited yet.
  ///
  /// Every rank must call it. The bound never rises: values of vertices only fall, and slopes are raised beforehand.
  ///
  /// - Parameter iteration: the running one, for errors.
  /// - Returns: the bound, the same on every rank.
  /// - Throws: `PolicyMismatch` if no states were kept, `TrainingError`, `CommunicationError`.
  func evaluate(iteration: Int) throws -> Double {
    var inner =
      try state
      ?? InnerState(study: problem.study, process: problem.tree.inflow, pools: cuts.pools.count)
    for pool in cuts.pools.indices {
      let known = inner.slopes
      inner.slopes.raise(after: pool, to: cuts.pools[pool])
      // A cut steeper than the slopes proves the values that were made with them wrong.
      if inner.slopes != known { inner.forgetValues() }
    }
    let reach = problem.study.graph.visitProbabilities(stages: problem.study.stages.count)
    for pool in cuts.trainedPools {
      inner.collect(cuts.visitedStates[pool], for: pool)
      // What no path leads to has no part in any cost.
      if problem.walk.isBranching, reach.indices.contains(pool), reach[pool] <= 0 { continue }
      guard !inner.values[pool].isEmpty else {
        // A stage that no trajectory has left yet, or a cycle whose weight is too small for it to be walked.
        if problem.walk.isBranching || problem.walk.cycleStart != nil { return .infinity }
        throw PolicyMismatch(
          "There are no visited states after stage \(pool) to bound costs at. Train with this case, or use a policy that "
            + "was written with exports.states.")
      }
    }
    try closeCycle(in: &inner, iteration: iteration)
    for pool in cuts.trainedPools.reversed() {
      inner.lower(inner.due[pool], of: pool, to: try vertexValues(pool: pool, in: inner, iteration: iteration))
    }
    state = inner
    let count = problem.templates[0].openingCount
    let share = runner.share(of: count)
    var local = [Double](repeating: 0, count: share.count)
    let task = task(stage: 0, inner, iteration: iteration)
    local.withUnsafeMutableBufferPointer { local in
      guard let local = local.baseAddress else { return }
      runner.forEach(share.count) { workspace, position in
        local[position] = try workspace.solve(
          task, from: problem.initialState, start: WarmStart(), openings: .one(share.start + position)
        ).objective
      }
    }
    var costs = [Double](repeating: 0, count: count)
    try runner.gather(local, units: count, width: 1, into: &costs)
    return problem.rootValue(costs: costs)
  }

  /// LPs with vertices instead of cuts, by stage, or nil if the stage keeps its own, or before the first evaluation.
  var templates: [StageLPTemplate?]? {
    guard let state else { return nil }
    return problem.templates.map { template in
      trainedPool(after: template.stage).map { template.inner(state.vertices(of: $0)) }
    }
  }

  /// Solves what follows a pool from the vertices that are due for all openings.
  ///
  /// - Parameters:
  ///   - pool: the pool.
  ///   - inner: vertices and values of the later stages.
  ///   - iteration: the running one, for errors.
  /// - Returns: $ by due vertex. The same on every rank.
  /// - Throws: `TrainingError`, `CommunicationError`.
  func vertexValues(pool: Int, in inner: InnerState, iteration: Int) throws -> [Double] {
    let due = inner.due[pool]
    let share = runner.share(of: due.count)
    let successors = problem.walk.successors[pool]
    let openings = successors.reduce(0) { $0 + problem.templates[$1.stage].openingCount }
    // By vertex of this rank and opening of all successors.
    var costs = [Double](repeating: 0, count: share.count * openings)
    var probabilities: [Double] = []
    for (position, arc) in successors.enumerated() {
      let order = 2 * position
      let task = task(stage: arc.stage, inner, iteration: iteration)
      let start = WarmStarts(count: 1)
      let first = probabilities.count
      func value(_ vertex: Int, on workspace: Workspace, receive: (Int, Double) -> Void) throws
        -> StageSolver
      {
        // A system without a state still needs something to point at.
        try workspace.solve(
          task, from: inner.state(of: vertex, in: pool) + [0], start: start.place(0).pointee, openings: .all
        ) { receive($1, $0.objective) }
      }
      costs.withUnsafeMutableBufferPointer { costs in
        guard let costs = costs.baseAddress else { return }
        // Every rank finds the same warm start.
        runner.forEach(min(1, due.count), order: order) { workspace, _ in
          try value(due[0], on: workspace) { _, _ in }.store(into: &start.place(0).pointee, onlyMarked: false)
        }
        runner.forEach(share.count, order: order + 1) { workspace, position in
          _ = try value(due[share.start + position], on: workspace) { opening, cost in
            costs[position * openings + first + opening] = cost
          }
        }
      }
      probabilities += problem.templates[arc.stage].probabilities.map { arc.probability * $0 }
    }
    let local = (0..<share.count).map { position in
      let own = Array(costs[(position * openings)..<((position + 1) * openings)])
      return problem.weighting(after: pool, costs: own, probabilities: probabilities).value(own)
    }
    var values = [Double](repeating: 0, count: due.count)
    try runner.gather(local, units: due.count, width: 1, into: &values)
    return values
  }

  /// The LP of a stage with the current vertices, or with its fixed cuts.
  private func task(stage: Int, _ inner: InnerState, iteration: Int) -> StageTask {
    var task = StageTask(phase: .upperBound, stage: stage, iteration: iteration)
    if let pool = trainedPool(after: stage) {
      task.vertices = VertexLP(problem.templates[stage].inner(inner.vertices(of: pool)))
    } else {
      task.pool = cuts.pool(after: stage)
    }
    return task
  }

  private func trainedPool(after stage: Int) -> Int? {
    problem.walk.poolAfter[stage].flatMap { $0 == cuts.boundaryPool ? nil : $0 }
  }
}

/// What checkpoints keep.
extension InnerBound {
  /// Takes up what a checkpoint kept, after the cuts and the visited states, and returns false if it does not fit them.
  func restore(_ section: CheckpointSections.Inner?, bound: Double?) throws -> Bool {
    last = bound
    guard let section, cuts.keepsStates else { return true }
    state = try InnerState(
      study: problem.study, process: problem.tree.inflow, visitedStates: cuts.visitedStates, section: section)
    return state != nil
  }
}
