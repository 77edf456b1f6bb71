/// Policy graphs in which a stage has several successors (mathematical reference 4.8), with a finite horizon.
extension Trainer {
  /// The stages of a trajectory of this training.
  func path(trajectory: Int, iteration: Int) -> [Int] {
    if let paths { return paths[trajectory].stages }
    return walk.path(
      Philox(seed: options.treeSeed, purpose: .inSampleIndex), trajectory: trajectory,
      iteration: UInt32(truncatingIfNeeded: iteration))
  }

  /// From the last stage to the first: for every trajectory that leaves the stage, cuts over all its successors.
  func branchingBackwardPass(iteration: Int) throws {
    let left = (0..<options.forwardPasses).map { Set(path(trajectory: $0, iteration: iteration).dropLast()) }
    for source in walk.stages.reversed() where !walk.successors[source].isEmpty {
      guard let target = walk.poolAfter[source] else { continue }
      reach(.backward, iteration: iteration, stage: source)
      let width = pools[target].groups * cutWidth
      resizeExchange(width: width)
      localCuts.withUnsafeMutableBufferPointer { cuts in
        guard let base = cuts.baseAddress else { return }
        shareUnits(share.count) { workspace, local in
          let cut = base + local * width
          for position in 0..<width { cut[position] = 0 }
          guard left[share.start + local].contains(source) else { return }
          try makeBranchCuts(on: workspace, source: source, iteration: iteration, local: local, width: width, into: cut)
        }
      }
      try gatherUnits(localCuts, units: options.forwardPasses, width: width, into: &cuts)
      takeCuts(into: target, step: source, iteration: iteration) { left[$0].contains(source) }
    }
  }

  /// Solves all successors of a stage from a trial state for all their openings and writes the cuts.
  private func makeBranchCuts(
    on workspace: Workspace, source: Int, iteration: Int, local: Int, width: Int, into cut: UnsafeMutablePointer<Double>
  ) throws {
    let trajectory = share.start + local
    let stateOffset = trajectory * recordWidth + 1 + source * stateDimension
    // A system without a state still needs something to point at.
    let state = Array(records[stateOffset..<(stateOffset + stateDimension)]) + [0]
    var probabilities: [Double] = []
    for arc in walk.successors[source] {
      let stage = arc.stage
      let pool = pool(after: stage)
      let start = starts.place(stage * share.count + local)
      let tour = templates[stage].tour
      let first = probabilities.count
      var opening = 0
      let solver = try located(.backward, stage, iteration, trajectory, &opening) { opening throws(LPError) in
        let solver = try workspace.solver(stage)
        try solver.begin(state: state, pool: pool, start: start.pointee, openings: 0..<tour.count)
        for position in 0..<tour.count {
          opening = tour.opening(position, from: 0)
          try solver.solve(opening: opening, pool: pool)
          solver.markBindingCuts()
          countTightCuts(of: solver, after: stage, on: workspace)
          workspace.openingCuts.record(first + opening, from: solver)
        }
        return solver
      }
      probabilities += templates[stage].probabilities.map { arc.probability * $0 }
      solver.store(into: &start.pointee, onlyMarked: true)
    }
    if width > cutWidth {
      workspace.openingCuts.writeEach(count: probabilities.count, state: state, to: cut)
    } else {
      let costs = Array(workspace.openingCuts.costs.prefix(probabilities.count))
      let weights = study.stages[source].riskMeasure.weights(costs: costs, probabilities: probabilities)
      workspace.openingCuts.writeSum(weights: weights, state: state, to: cut)
    }
  }
}
