extension Trainer {
  /// Walks this rank's trajectories through all steps and exchanges trial states and costs.
  func forwardPass(iteration: Int) throws {
    let dimension = stateDimension
    sampler.prepare(iteration: iteration)
    var state = initialState
    for (local, trajectory) in share.range.enumerated() {
      let start = sampler.initialState(trajectory: trajectory)
      for component in 0..<dimension { state[component] = start[component] }
      var cost = 0.0
      var discount = 1.0
      let path = path(trajectory: trajectory, iteration: iteration)
      for (position, stage) in path.enumerated() {
        let step = walk.isBranching ? stage : position
        let opening = meetNoise(stage: stage, step: step, trajectory: trajectory)
        let solver = solvers[stage]
        let pool = pool(after: stage)
        let slot = step * share.count + local
        try located(.forward, stage, iteration, trajectory, opening) { () throws(LPError) in
          try solver.begin(state: state, pool: pool, start: starts[slot], openings: opening..<(opening + 1))
          try solver.solve(opening: opening, pool: pool)
        }
        solver.store(into: &starts[slot], onlyMarked: false)
        cost += discount * solver.stageCost
        discount *= templates[stage].discountFactor
        let outgoing = solver.outgoingState
        for component in 0..<dimension { state[component] = outgoing[component] }
        guard position < path.count - 1 else {
          // What the cuts say of the time behind the walk; nothing with a finite horizon that has no boundary.
          cost += discount * solver.futureCost
          continue
        }
        let offset = local * recordWidth + 1 + step * dimension
        for component in 0..<dimension { localRecords[offset + component] = state[component] }
      }
      localRecords[local * recordWidth] = cost
    }
    try gather(
      localRecords, counts: WorkShare.counts(units: options.forwardPasses, size: communicator.size, width: recordWidth),
      into: &records)
  }

  /// The opening that a trajectory meets; noise that is none of them goes to the solver as the one after the last.
  private func meetNoise(stage: Int, step: Int, trajectory: Int) -> Int {
    guard !sampler.isInSample else { return sampler.opening(stage: stage, step: step, trajectory: trajectory) }
    sampler.realise(stage: stage, step: step, trajectory: trajectory, into: &sample)
    solvers[stage].take(sample)
    return templates[stage].openingCount
  }

  /// From the last step to the second: cuts at every trial state, all of them in the pool before the next step.
  func backwardPass(iteration: Int) throws {
    guard !walk.isBranching else { return try branchingBackwardPass(iteration: iteration) }
    // First slot of what the step before added to a pool.
    var newestCuts = [Int?](repeating: nil, count: pools.count)
    for step in (1..<max(1, walk.stages.count)).reversed() {
      let stage = walk.stages[step]
      guard let target = walk.poolAfter[walk.stages[step - 1]] else { continue }
      let width = pools[target].groups * cutWidth
      resizeExchange(width: width)
      let newest = walk.poolAfter[stage].flatMap { pool in newestCuts[pool].map { ($0, pools[pool].groups) } }
      for (local, trajectory) in share.range.enumerated() {
        let extra = newest.map { first, groups in (first + trajectory * groups)..<(first + (trajectory + 1) * groups) }
        try makeCuts(step: step, iteration: iteration, local: local, width: width, extraCuts: extra)
      }
      let counts = WorkShare.counts(units: options.forwardPasses, size: communicator.size, width: width)
      try gather(localCuts, counts: counts, into: &cuts)
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
      archives[target] += records[offset..<(offset + dimension)]
    }
  }

  /// Solves a stage from a trial state for all openings and writes the cut, or one per opening, into `localCuts`.
  private func makeCuts(step: Int, iteration: Int, local: Int, width: Int, extraCuts: Range<Int>?) throws {
    let dimension = stateDimension
    let trajectory = share.start + local
    let stage = walk.stages[step]
    let solver = solvers[stage]
    let pool = pool(after: stage)
    let slot = step * share.count + local
    let stateOffset = trajectory * recordWidth + 1 + (step - 1) * dimension
    let cutOffset = local * width
    // The stage before weighs the openings of this one.
    let measure = study.stages[walk.stages[step - 1]].riskMeasure
    let isMulti = width > cutWidth
    let isNeutral = measure.isNeutral && !isMulti
    let countedPool = countsActivity ? walk.poolAfter[stage] : nil
    for position in cutOffset..<(cutOffset + width) { localCuts[position] = 0 }
    try records.withUnsafeBufferPointer { records in
      guard let base = records.baseAddress else { return }
      let state = base + stateOffset
      var expected = 0.0
      try localCuts.withUnsafeMutableBufferPointer { localCuts in
        guard let cut = localCuts.baseAddress.map({ $0 + cutOffset }) else { return }
        try located(.backward, stage, iteration, trajectory, 0) { () throws(LPError) in
          try solver.begin(
            state: state, pool: pool, start: starts[slot], openings: 0..<templates[stage].openingCount,
            extraCuts: extraCuts)
        }
        for opening in 0..<templates[stage].openingCount {
          try located(.backward, stage, iteration, trajectory, opening) { () throws(LPError) in
            try solver.solve(opening: opening, pool: pool)
          }
          solver.markBindingCuts()
          if let countedPool {
            activities[countedPool].count(solver, above: options.cutSelection.activityTolerance)
          }
          if isNeutral {
            let probability = templates[stage].probabilities[opening]
            expected += probability * solver.objective
            solver.addSlopes(weight: probability, to: cut + 1)
          } else {
            openingCuts.record(opening, from: solver)
          }
        }
        if isMulti {
          openingCuts.writeEach(count: templates[stage].openingCount, state: state, to: cut)
          return
        }
        if !isNeutral {
          let probabilities = templates[stage].probabilities
          let costs = Array(openingCuts.costs.prefix(probabilities.count))
          openingCuts.writeSum(
            weights: measure.weights(costs: costs, probabilities: probabilities), state: state, to: cut)
          return
        }
        var intercept = expected
        for component in 0..<dimension { intercept -= cut[1 + component] * state[component] }
        cut[0] = intercept
      }
    }
    solver.store(into: &starts[slot], onlyMarked: true)
  }

  /// Cost of the first stage with every cut, by its own risk measure; each opening is a unit of its own, shared out over the ranks.
  func lowerBound(iteration: Int) throws -> Double {
    let template = templates[0]
    let solver = solvers[0]
    let pool = completeFirstPool ?? pool(after: 0)
    let count = template.openingCount
    let bounds = WorkShare(units: count, rank: communicator.rank, size: communicator.size)
    let state = initialState
    var local = [Double](repeating: 0, count: bounds.count)
    for (position, opening) in bounds.range.enumerated() {
      try located(.lowerBound, 0, iteration, nil, opening) { () throws(LPError) in
        try solver.begin(state: state, pool: pool, start: boundStarts[opening], openings: opening..<(opening + 1))
        try solver.solve(opening: opening, pool: pool)
      }
      solver.markBindingCuts()
      solver.store(into: &boundStarts[opening], onlyMarked: true)
      local[position] = solver.objective
    }
    var costs = [Double](repeating: 0, count: count)
    try gather(local, counts: WorkShare.counts(units: count, size: communicator.size, width: 1), into: &costs)
    return study.stages[0].riskMeasure.value(costs: costs, probabilities: template.probabilities)
  }

  func pool(after stage: Int) -> CutPool? { walk.poolAfter[stage].map { pools[$0] } }

  /// Says where a solver's failure happened.
  func located(
    _ phase: TrainingError.Phase, _ stage: Int, _ iteration: Int, _ trajectory: Int?, _ opening: Int,
    _ body: () throws(LPError) -> Void
  ) throws(TrainingError) {
    do {
      try body()
    } catch {
      var failure = TrainingError(
        phase: phase, stage: stage, iteration: iteration, trajectory: trajectory, opening: opening, cause: error)
      if let problemDirectory, error.code != .outOfMemory, phase != .upperBound {
        let path = "\(problemDirectory)/unsolved-rank\(communicator.rank)-stage\(stage).mps"
        if solvers[stage].writeMPS(to: path) { failure.file = path }
      }
      throw failure
    }
  }
}
