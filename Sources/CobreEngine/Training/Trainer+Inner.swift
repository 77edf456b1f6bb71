/// The deterministic upper bound by inner approximation (mathematical reference 4.9).
extension Trainer {
  /// Whether an upper bound is due after an iteration.
  func isUpperBoundDue(_ iteration: Int) -> Bool {
    let settings = study.configuration.upperBound
    return settings.enabled && iteration >= settings.initialIteration
      && (iteration - settings.initialIteration) % settings.intervalIterations == 0
  }

  /// Values vertices at the trial states and returns the cost of the first stage with them, an upper bound in $;
  /// infinite where a stage has not been visited yet.
  ///
  /// Every rank must call it. The bound never rises: values of vertices only fall, and slopes are raised before.
  package func upperBound() throws -> Double {
    var inner = try self.inner ?? InnerState(study: study, process: tree.inflow, pools: pools.count)
    for pool in pools.indices {
      let known = inner.slopes
      inner.slopes.raise(after: pool, to: pools[pool])
      // A cut steeper than the slopes proves the values that were made with them wrong.
      if inner.slopes != known { inner.forgetValues() }
    }
    for pool in pools.indices where pool != boundaryPool {
      inner.collect(visitedStates[pool], for: pool)
      guard !inner.values[pool].isEmpty else {
        // A stage that no trajectory has left yet, or a cycle that counts for too little to be walked.
        if walk.isBranching || walk.cycleStart != nil { return .infinity }
        throw PolicyMismatch(
          "There are no visited states after stage \(pool) to bound costs at. Train with this case, or use a policy that "
            + "was written with exports.states.")
      }
    }
    try closeCycle(in: &inner)
    for pool in pools.indices.reversed() where pool != boundaryPool {
      inner.lower(inner.due[pool], of: pool, to: try vertexValues(pool: pool, in: inner))
    }
    self.inner = inner
    let state = initialState
    let count = templates[0].openingCount
    let share = WorkPartition(units: count, rank: communicator.rank, size: communicator.size)
    var local = [Double](repeating: 0, count: share.count)
    let room = innerSolvers(stage: 0, inner)
    local.withUnsafeMutableBufferPointer { local in
      guard let local = local.baseAddress else { return }
      shareUnits(share.count) { workspace, position in
        var opening = share.start + position
        local[position] = try located(.upperBound, 0, iteration, nil, &opening) { opening throws(LPError) in
          let solver = try room.solver(of: workspace)
          try solver.begin(state: state, pool: room.cuts, start: WarmStart(), openings: opening..<(opening + 1))
          try solver.solve(opening: opening, pool: room.cuts)
          return solver.objective
        }
      }
    }
    var costs = [Double](repeating: 0, count: count)
    try gatherUnits(local, units: count, width: 1, into: &costs)
    return study.stages[0].riskMeasure.value(costs: costs, probabilities: templates[0].probabilities)
  }

  /// Programs with vertices in place of cuts, by stage; nil where the stage keeps its own.
  package var innerTemplates: [StageLPTemplate?]? {
    guard let inner else { return nil }
    return templates.map { template in
      guard let pool = walk.poolAfter[template.stage], pool != boundaryPool else { return nil }
      return template.inner(inner.vertices(of: pool))
    }
  }

  /// Solves what follows a pool from the vertices that are due for all openings.
  ///
  /// - Returns: $ by due vertex; the same on every rank.
  func vertexValues(pool: Int, in inner: InnerState) throws -> [Double] {
    let due = inner.due[pool]
    let share = WorkPartition(units: due.count, rank: communicator.rank, size: communicator.size)
    let states = inner.states[pool]
    let openings = walk.successors[pool].reduce(0) { $0 + templates[$1.stage].openingCount }
    // By vertex of this rank and opening of all successors.
    var costs = [Double](repeating: 0, count: share.count * openings)
    var probabilities: [Double] = []
    for (position, arc) in walk.successors[pool].enumerated() {
      let order = 2 * position
      let room = innerSolvers(stage: arc.stage, inner)
      let start = WarmStarts(count: 1)
      let first = probabilities.count
      costs.withUnsafeMutableBufferPointer { costs in
        guard let costs = costs.baseAddress else { return }
        // Every rank finds the same place to start from.
        shareUnits(min(1, due.count), order: order) { workspace, _ in
          try valueVertex(due[0], of: states, in: room, on: workspace, start: start.place(0), isPilot: true) { _, _ in }
        }
        shareUnits(share.count, order: order + 1) { workspace, position in
          try valueVertex(
            due[share.start + position], of: states, in: room, on: workspace, start: start.place(0), isPilot: false
          ) { opening, cost in costs[position * openings + first + opening] = cost }
        }
      }
      probabilities += templates[arc.stage].probabilities.map { arc.probability * $0 }
    }
    let measure = study.stages[pool].riskMeasure
    let local = (0..<share.count).map { position in
      measure.value(
        costs: Array(costs[(position * openings)..<((position + 1) * openings)]), probabilities: probabilities)
    }
    var values = [Double](repeating: 0, count: due.count)
    try gatherUnits(local, units: due.count, width: 1, into: &values)
    return values
  }

  /// Solves a stage from one vertex for all its openings and hands out the optima; a pilot leaves its basis as the start.
  private func valueVertex(
    _ vertex: Int, of states: [Double], in room: InnerSolvers, on workspace: Workspace,
    start: UnsafeMutablePointer<WarmStart>, isPilot: Bool, receive: (Int, Double) -> Void
  ) throws {
    let dimension = cutWidth - 1
    var state = Array(states[(vertex * dimension)..<((vertex + 1) * dimension)])
    if state.isEmpty { state = [0] }
    var opening = 0
    let openings = templates[room.stage].openingCount
    let solver = try located(.upperBound, room.stage, iteration, nil, &opening) { opening throws(LPError) in
      let solver = try room.solver(of: workspace)
      try solver.begin(state: state, pool: room.cuts, start: start.pointee, openings: 0..<openings)
      while opening < openings {
        try solver.solve(opening: opening, pool: room.cuts)
        receive(opening, solver.objective)
        opening += 1
      }
      return solver
    }
    if isPilot { solver.store(into: &start.pointee, onlyMarked: false) }
  }

  /// Solvers of a stage's program with the vertices at hand, or with its fixed cuts.
  private func innerSolvers(stage: Int, _ inner: InnerState) -> InnerSolvers {
    for workspace in workspaces { workspace.forgetInner() }
    guard let pool = walk.poolAfter[stage], pool != boundaryPool else {
      return InnerSolvers(stage: stage, cuts: self.pool(after: stage), template: nil)
    }
    return InnerSolvers(stage: stage, cuts: nil, template: templates[stage].inner(inner.vertices(of: pool)))
  }
}

/// Where the solvers of one stage come from while vertices are valued.
private struct InnerSolvers {
  let stage: Int
  /// The fixed cuts of the stage, if that is what it looks to.
  let cuts: CutPool?
  /// The program with vertices; nil where the stage keeps its own.
  let template: StageLPTemplate?

  func solver(of workspace: Workspace) throws(LPError) -> StageSolver<ChosenSolver> {
    guard let template else { return try workspace.solver(stage) }
    return try workspace.innerSolver(template)
  }
}
