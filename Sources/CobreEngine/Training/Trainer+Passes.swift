extension Trainer {
  /// Walks this rank's trajectories through all steps and exchanges trial states and costs.
  func forwardPass(iteration: Int) throws {
    for workspace in workspaces { workspace.sampler.prepare(iteration: iteration) }
    let width = recordWidth
    localRecords.withUnsafeMutableBufferPointer { records in
      guard let base = records.baseAddress else { return }
      shareUnits(share.count) { workspace, local in
        try walkForward(on: workspace, local: local, iteration: iteration, into: base + local * width)
      }
    }
    try gatherUnits(localRecords, units: options.forwardPasses, width: recordWidth, into: &records)
  }

  /// Walks one of this rank's trajectories; the record gets its cost and the outgoing state of every step but the last.
  private func walkForward(
    on workspace: Workspace, local: Int, iteration: Int, into record: UnsafeMutablePointer<Double>
  ) throws {
    let dimension = stateDimension
    let trajectory = share.start + local
    var state = initialState
    let start = workspace.sampler.initialState(trajectory: trajectory)
    for component in 0..<dimension { state[component] = start[component] }
    var cost = 0.0
    var discount = 1.0
    let path = path(trajectory: trajectory, iteration: iteration)
    for (position, stage) in path.enumerated() {
      let step = walk.isBranching ? stage : position
      let pool = pool(after: stage)
      let start = starts.place(step * share.count + local)
      var opening = 0
      let solver = try located(.forward, stage, iteration, trajectory, &opening) { opening throws(LPError) in
        let solver = try workspace.solver(stage)
        opening = try workspace.meetNoise(stage: stage, step: step, trajectory: trajectory)
        try solver.begin(state: state, pool: pool, start: start.pointee, openings: opening..<(opening + 1))
        try solver.solve(opening: opening, pool: pool)
        return solver
      }
      // No backward pass comes back to the first stage and drops what has become slack there.
      let isFirst = position == 0
      if isFirst { solver.markBindingCuts() }
      solver.store(into: &start.pointee, onlyMarked: isFirst)
      cost += discount * solver.stageCost
      discount *= templates[stage].discountFactor
      let outgoing = solver.outgoingState
      for component in 0..<dimension { state[component] = outgoing[component] }
      guard position < path.count - 1 else {
        // What the cuts say of the time behind the walk; nothing with a finite horizon that has no boundary.
        cost += discount * solver.futureCost
        continue
      }
      for component in 0..<dimension { record[1 + step * dimension + component] = state[component] }
    }
    record[0] = cost
  }

  /// From the last step to the second: cuts at every trial state, all of them in the pool before the next step.
  func backwardPass(iteration: Int) throws {
    guard !walk.isBranching else { return try branchingBackwardPass(iteration: iteration) }
    // First slot of what the step before added to a pool.
    var newestCuts = [Int?](repeating: nil, count: pools.count)
    for step in (1..<max(1, walk.stages.count)).reversed() {
      let stage = walk.stages[step]
      guard let target = walk.poolAfter[walk.stages[step - 1]] else { continue }
      reach(.backward, iteration: iteration, stage: stage)
      let width = pools[target].groups * cutWidth
      resizeExchange(width: width)
      let newest = walk.poolAfter[stage].flatMap { pool in newestCuts[pool].map { ($0, pools[pool].groups) } }
      localCuts.withUnsafeMutableBufferPointer { cuts in
        guard let base = cuts.baseAddress else { return }
        shareUnits(share.count) { workspace, local in
          let first = share.start + local
          let extra = newest.map { slot, groups in (slot + first * groups)..<(slot + (first + 1) * groups) }
          try makeCuts(
            on: workspace, step: step, iteration: iteration, local: local, width: width, extraCuts: extra,
            into: base + local * width)
        }
      }
      try gatherUnits(localCuts, units: options.forwardPasses, width: width, into: &cuts)
      newestCuts[target] = pools[target].count
      takeCuts(into: target, step: step - 1, iteration: iteration)
    }
  }

  func resizeExchange(width: Int) {
    guard cuts.count != options.forwardPasses * width else { return }
    localCuts = .init(repeating: 0, count: share.count * width)
    cuts = .init(repeating: 0, count: options.forwardPasses * width)
  }

  /// Appends the cuts exchanged last in trajectory order, and keeps the states where somebody asks for them.
  ///
  /// - Parameters:
  ///   - target: the pool.
  ///   - step: the step whose outgoing states the cuts were made at.
  ///   - iteration: the running one.
  ///   - visits: whether a trajectory has made that step.
  func takeCuts(into target: Int, step: Int, iteration: Int, visits: (Int) -> Bool = { _ in true }) {
    let width = pools[target].groups * cutWidth
    cuts.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for offset in stride(from: 0, to: values.count, by: cutWidth) where visits(offset / width) {
        pools[target].append(intercept: base[offset], slopes: base + offset + 1)
        if target == 0 { completeFirstPool?.append(intercept: base[offset], slopes: base + offset + 1) }
        if countsActivity { activities[target].append(iteration: iteration) }
      }
    }
    guard keepsStates else { return }
    let dimension = cutWidth - 1
    for trajectory in 0..<options.forwardPasses where visits(trajectory) {
      let offset = trajectory * recordWidth + 1 + step * dimension
      visitedStates[target] += records[offset..<(offset + dimension)]
    }
  }

  /// Solves a stage from a trial state for all openings and writes the cut, or one per opening.
  private func makeCuts(
    on workspace: Workspace, step: Int, iteration: Int, local: Int, width: Int, extraCuts: Range<Int>?,
    into cut: UnsafeMutablePointer<Double>
  ) throws {
    let trajectory = share.start + local
    let stage = walk.stages[step]
    let pool = pool(after: stage)
    let start = starts.place(step * share.count + local)
    let stateOffset = trajectory * recordWidth + 1 + (step - 1) * stateDimension
    // The stage before weighs the openings of this one.
    let measure = study.stages[walk.stages[step - 1]].riskMeasure
    let isMulti = width > cutWidth
    let probabilities = templates[stage].probabilities
    for position in 0..<width { cut[position] = 0 }
    try records.withUnsafeBufferPointer { records in
      guard let base = records.baseAddress else { return }
      let state = base + stateOffset
      let tour = templates[stage].tour
      // The forward pass has left the optimal basis of this very problem, but for new cuts.
      let sampler = workspace.sampler
      let first = sampler.isInSample ? sampler.opening(stage: stage, step: step, trajectory: trajectory) : 0
      var opening = first
      let solver = try located(.backward, stage, iteration, trajectory, &opening) { opening throws(LPError) in
        let solver = try workspace.solver(stage)
        try solver.begin(
          state: state, pool: pool, start: start.pointee, openings: 0..<probabilities.count, extraCuts: extraCuts)
        for position in 0..<tour.count {
          opening = tour.opening(position, from: first)
          try solver.solve(opening: opening, pool: pool)
          solver.markBindingCuts()
          countTightCuts(of: solver, after: stage, on: workspace)
          workspace.openingCuts.record(opening, from: solver)
        }
        return solver
      }
      if isMulti {
        workspace.openingCuts.writeEach(count: probabilities.count, state: state, to: cut)
      } else {
        let costs = Array(workspace.openingCuts.costs.prefix(probabilities.count))
        workspace.openingCuts.writeSum(
          weights: measure.weights(costs: costs, probabilities: probabilities), state: state, to: cut)
      }
      solver.store(into: &start.pointee, onlyMarked: true)
    }
  }

  /// Counts the tight cuts of a backward solve where the activity of cuts matters.
  func countTightCuts(of solver: StageSolver<ChosenSolver>, after stage: Int, on workspace: Workspace) {
    guard countsActivity, let pool = walk.poolAfter[stage], pool != boundaryPool else { return }
    workspace.countTightCuts(
      of: solver, pool: pool, slots: pools[pool].count, above: options.cutSelection.activityTolerance)
  }

  /// Cost of the first stage with every cut, by its own risk measure; each opening is a unit of its own, shared out over the ranks.
  func lowerBound(iteration: Int) throws -> Double {
    let template = templates[0]
    let pool = completeFirstPool ?? pool(after: 0)
    let count = template.openingCount
    let bounds = WorkPartition(units: count, rank: communicator.rank, size: communicator.size)
    let state = initialState
    var local = [Double](repeating: 0, count: bounds.count)
    local.withUnsafeMutableBufferPointer { local in
      guard let local = local.baseAddress else { return }
      shareUnits(bounds.count) { workspace, position in
        let start = boundStarts.place(bounds.start + position)
        var opening = bounds.start + position
        let solver = try located(.lowerBound, 0, iteration, nil, &opening) { opening throws(LPError) in
          let solver = try workspace.solver(0)
          try solver.begin(state: state, pool: pool, start: start.pointee, openings: opening..<(opening + 1))
          try solver.solve(opening: opening, pool: pool)
          return solver
        }
        solver.markBindingCuts()
        solver.store(into: &start.pointee, onlyMarked: true)
        local[position] = solver.objective
      }
    }
    var costs = [Double](repeating: 0, count: count)
    try gatherUnits(local, units: count, width: 1, into: &costs)
    return study.stages[0].riskMeasure.value(costs: costs, probabilities: template.probabilities)
  }

  func pool(after stage: Int) -> CutPool? { walk.poolAfter[stage].map { pools[$0] } }

  /// Shares units out over the threads of this rank.
  ///
  /// What the lowest unit that fails throws is kept until ``gatherUnits(_:units:width:into:)``, before which nothing more is
  /// computed. A program without a solution is written to a file first.
  ///
  /// - Parameters:
  ///   - count: their number.
  ///   - order: number of the loop, where several come before the exchange.
  ///   - body: computes one with the given bench; writes to what belongs to the unit or to the bench alone.
  func shareUnits(_ count: Int, order: Int = 0, _ body: (Workspace, Int) throws -> Void) {
    guard !failures.hasFailure else { return }
    do throws(ThreadTeam.UnitFailure) {
      try team.forEach(count) { thread, unit in try body(workspaces[thread], unit) }
    } catch {
      failures.note(
        order: order, unit: error.unit,
        error.located(on: workspaces, rank: communicator.rank, problemDirectory: problemDirectory))
    }
  }

  /// Says where a solver's failure happened; `body` moves the opening on that is at work.
  func located<Result>(
    _ phase: TrainingError.Phase, _ stage: Int, _ iteration: Int, _ trajectory: Int?, _ opening: inout Int,
    _ body: (inout Int) throws(LPError) -> Result
  ) throws(TrainingError) -> Result {
    do {
      return try body(&opening)
    } catch {
      throw TrainingError(
        phase: phase, stage: stage, iteration: iteration, trajectory: trajectory, opening: opening, cause: error)
    }
  }
}
