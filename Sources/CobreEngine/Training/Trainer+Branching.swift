/// Policy graphs in which a stage has several successors (mathematical reference 4.8), with a finite horizon.
extension Trainer {
  /// The stages of a trajectory of this training.
  func path(trajectory: Int, iteration: Int) -> [Int] {
    walk.path(
      Philox(seed: options.treeSeed, purpose: .inSampleIndex), trajectory: trajectory,
      iteration: UInt32(truncatingIfNeeded: iteration))
  }

  /// From the last stage to the first: for every trajectory that leaves the stage, cuts over all its successors.
  func branchingBackwardPass(iteration: Int) throws {
    let left = (0..<options.forwardPasses).map { Set(path(trajectory: $0, iteration: iteration).dropLast()) }
    for source in walk.stages.reversed() where !walk.successors[source].isEmpty {
      guard let target = walk.poolAfter[source] else { continue }
      let width = pools[target].groups * cutWidth
      resizeExchange(width: width)
      for (local, trajectory) in share.range.enumerated() {
        for position in (local * width)..<((local + 1) * width) { localCuts[position] = 0 }
        guard left[trajectory].contains(source) else { continue }
        try makeBranchCuts(source: source, iteration: iteration, local: local, width: width)
      }
      try gather(
        localCuts, counts: WorkShare.counts(units: options.forwardPasses, size: communicator.size, width: width),
        into: &cuts)
      takeCuts(into: target, step: source, iteration: iteration) { left[$0].contains(source) }
    }
  }

  /// Solves all successors of a stage from a trial state for all their openings and writes the cuts into `localCuts`.
  private func makeBranchCuts(source: Int, iteration: Int, local: Int, width: Int) throws {
    let trajectory = share.start + local
    let stateOffset = trajectory * recordWidth + 1 + source * stateDimension
    // A system without a state still needs something to point at.
    let state = Array(records[stateOffset..<(stateOffset + stateDimension)]) + [0]
    var probabilities: [Double] = []
    for arc in walk.successors[source] {
      let stage = arc.stage
      let solver = solvers[stage]
      let pool = pool(after: stage)
      let slot = stage * share.count + local
      let openings = templates[stage].openingCount
      try located(.backward, stage, iteration, trajectory, 0) { () throws(LPError) in
        try solver.begin(state: state, pool: pool, start: starts[slot], openings: 0..<openings)
      }
      for opening in 0..<openings {
        try located(.backward, stage, iteration, trajectory, opening) { () throws(LPError) in
          try solver.solve(opening: opening, pool: pool)
        }
        solver.markBindingCuts()
        if countsActivity, let counted = walk.poolAfter[stage] {
          activities[counted].count(solver, above: options.cutSelection.activityTolerance)
        }
        openingCuts.record(probabilities.count, from: solver)
        probabilities.append(arc.probability * templates[stage].probabilities[opening])
      }
      solver.store(into: &starts[slot], onlyMarked: true)
    }
    let costs = Array(openingCuts.costs.prefix(probabilities.count))
    let weights = study.stages[source].riskMeasure.weights(costs: costs, probabilities: probabilities)
    let isMulti = width > cutWidth
    localCuts.withUnsafeMutableBufferPointer { localCuts in
      guard let cut = localCuts.baseAddress.map({ $0 + local * width }) else { return }
      if isMulti {
        openingCuts.writeEach(count: probabilities.count, state: state, to: cut)
      } else {
        openingCuts.writeSum(weights: weights, state: state, to: cut)
      }
    }
  }
}
