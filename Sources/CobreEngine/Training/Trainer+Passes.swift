extension Trainer {
  /// Walks this rank's trajectories through all stages and exchanges trial states and costs.
  func forwardPass(iteration: Int) throws {
    let stages = templates.count
    let dimension = study.hydros.count
    var state = [Double](repeating: 0, count: max(1, dimension))
    for (local, trajectory) in share.range.enumerated() {
      for hydro in 0..<dimension { state[hydro] = study.hydros[hydro].initialStorage }
      var cost = 0.0
      var discount = 1.0
      for stage in 0..<stages {
        let opening = sampler.opening(
          stage: stage, trajectory: trajectory, iteration: iteration, openings: tree.stages[stage])
        let solver = solvers[stage]
        let pool = pool(after: stage)
        let slot = stage * share.count + local
        try located(.forward, stage, iteration, trajectory, opening) { () throws(LPError) in
          try solver.begin(state: state, pool: pool, start: starts[slot], openings: opening..<(opening + 1))
          try solver.solve(opening: opening, pool: pool)
        }
        solver.store(into: &starts[slot], onlyMarked: false)
        cost += discount * solver.stageCost
        discount *= templates[stage].discountFactor
        let outgoing = solver.outgoingState
        for component in 0..<dimension { state[component] = outgoing[component] }
        guard stage < stages - 1 else { continue }
        let offset = local * recordWidth + 1 + stage * dimension
        for component in 0..<dimension { localRecords[offset + component] = state[component] }
      }
      localRecords[local * recordWidth] = cost
    }
    try gather(
      localRecords, counts: WorkShare.counts(units: options.forwardPasses, size: communicator.size, width: recordWidth),
      into: &records)
  }

  /// From the last stage to the second: a cut at every trial state, all of them in the pool before the next stage.
  func backwardPass(iteration: Int) throws {
    let dimension = study.hydros.count
    let counts = WorkShare.counts(units: options.forwardPasses, size: communicator.size, width: cutWidth)
    for stage in (1..<max(1, templates.count)).reversed() {
      let newestCuts = pool(after: stage).map { $0.count - options.forwardPasses }
      for (local, trajectory) in share.range.enumerated() {
        try makeCut(stage: stage, iteration: iteration, local: local, extraCut: newestCuts.map { $0 + trajectory })
      }
      try gather(localCuts, counts: counts, into: &cuts)
      for trajectory in 0..<options.forwardPasses {
        let offset = trajectory * cutWidth
        cuts.withUnsafeBufferPointer { cuts in
          guard let base = cuts.baseAddress else { return }
          _ = pools[stage - 1].append(intercept: base[offset], slopes: base + offset + 1)
        }
      }
      assert(dimension + 1 == cutWidth)
    }
  }

  /// Solves a stage from a trial state for all openings and writes the aggregated cut into `localCuts`.
  private func makeCut(stage: Int, iteration: Int, local: Int, extraCut: Int?) throws {
    let dimension = study.hydros.count
    let trajectory = share.start + local
    let solver = solvers[stage]
    let pool = pool(after: stage)
    let slot = stage * share.count + local
    let stateOffset = trajectory * recordWidth + 1 + (stage - 1) * dimension
    let cutOffset = local * cutWidth
    // The stage before weighs the openings of this one.
    let measure = study.stages[stage - 1].riskMeasure
    let isNeutral = measure.isNeutral
    for position in cutOffset..<(cutOffset + cutWidth) { localCuts[position] = 0 }
    try records.withUnsafeBufferPointer { records in
      guard let base = records.baseAddress else { return }
      let state = base + stateOffset
      var expected = 0.0
      try localCuts.withUnsafeMutableBufferPointer { localCuts in
        guard let cut = localCuts.baseAddress.map({ $0 + cutOffset }) else { return }
        try located(.backward, stage, iteration, trajectory, 0) { () throws(LPError) in
          try solver.begin(
            state: state, pool: pool, start: starts[slot], openings: 0..<templates[stage].openingCount,
            extraCut: extraCut)
        }
        for opening in 0..<templates[stage].openingCount {
          try located(.backward, stage, iteration, trajectory, opening) { () throws(LPError) in
            try solver.solve(opening: opening, pool: pool)
          }
          solver.markBindingCuts()
          if isNeutral {
            let probability = templates[stage].probabilities[opening]
            expected += probability * solver.objective
            solver.addSlopes(weight: probability, to: cut + 1)
          } else {
            openingCuts.record(opening, from: solver)
          }
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
    let pool = pool(after: 0)
    let count = template.openingCount
    let bounds = WorkShare(units: count, rank: communicator.rank, size: communicator.size)
    let state = study.hydros.map(\.initialStorage) + [0]
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

  func pool(after stage: Int) -> CutPool? { stage < pools.count ? pools[stage] : nil }

  /// Says where a solver's failure happened.
  private func located(
    _ phase: TrainingError.Phase, _ stage: Int, _ iteration: Int, _ trajectory: Int?, _ opening: Int,
    _ body: () throws(LPError) -> Void
  ) throws(TrainingError) {
    do {
      try body()
    } catch {
      throw TrainingError(
        phase: phase, stage: stage, iteration: iteration, trajectory: trajectory, opening: opening, cause: error)
    }
  }
}
