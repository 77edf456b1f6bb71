/// Stopping rules (mathematical reference 4.7).
extension Trainer {
  /// Judges every rule besides iteration and time limits; every rank must call it after each iteration.
  func checkRules(after report: IterationReport) throws {
    try stopping.judge(report.lowerBound) { lowerBounds in
      StoppingEvidence(
        iteration: report.iteration, lowerBounds: lowerBounds, gap: report.deterministicGap ?? abs(report.gap),
        deterministicUpperBound: report.deterministicUpperBound,
        costs: (0..<options.forwardPasses).map { records[$0 * recordWidth] }, isRiskNeutral: isRiskNeutral,
        steps: walk.stages.count
      ) { replications, scenarios in
        let noise =
          scenarios == .fixed ? Philox.simulationIteration : UInt32(truncatingIfNeeded: report.iteration)
        return try self.replay(count: replications, iteration: noise)
      }
    }
  }

  /// Why training ends by its rules after the iteration at hand, judged by the clock of this rank; nil where it goes on.
  package func reasonToStop(elapsedSeconds: Double) -> StopReason? {
    stopping.reason(stopping.verdict(iteration: iteration, elapsedSeconds: elapsedSeconds))
  }

  /// Discounted step costs of in-sample trajectories with the cuts at hand, `[trajectory * steps + step]`.
  ///
  /// What the cuts say of the time behind the last step counts as cost of that step. Every solve of a step starts from
  /// the same place, found by a pilot walk that each rank repeats.
  private func replay(count: Int, iteration: UInt32) throws -> [Double] {
    let steps = walk.stages.count
    let starts = WarmStarts(count: steps)
    let share = WorkPartition(units: count, rank: communicator.rank, size: communicator.size)
    var local = [Double](repeating: 0, count: max(1, share.count) * steps)
    local.withUnsafeMutableBufferPointer { local in
      guard let base = local.baseAddress else { return }
      // Also for steps that the pilot does not make: those start cold.
      shareUnits(1) { workspace, _ in
        try replay(0, on: workspace, iteration: iteration, starts: starts, isPilot: true, into: base)
      }
      for position in local.indices { local[position] = 0 }
      shareUnits(share.count, order: 1) { workspace, position in
        try replay(
          share.start + position, on: workspace, iteration: iteration, starts: starts, isPilot: false,
          into: base + position * steps)
      }
    }
    var all = [Double](repeating: 0, count: count * steps)
    try gatherUnits(Array(local.prefix(share.count * steps)), units: count, width: steps, into: &all)
    return all
  }

  private func replay(
    _ trajectory: Int, on workspace: Workspace, iteration: UInt32, starts: WarmStarts, isPilot: Bool,
    into costs: UnsafeMutablePointer<Double>
  ) throws {
    let generator = Philox(seed: options.treeSeed, purpose: .simulationStoppingRule)
    var state = initialState
    var discount = 1.0
    let path = walk.path(generator, trajectory: trajectory, iteration: iteration)
    for (position, stage) in path.enumerated() {
      let step = walk.isBranching ? stage : position
      let uniform = generator.uniform(
        entity: 0, sample: UInt32(truncatingIfNeeded: trajectory), stage: UInt32(truncatingIfNeeded: step),
        iteration: iteration)
      var opening = tree.stages[stage].index(for: uniform)
      let pool = pool(after: stage)
      let start = starts.place(step)
      let solver = try located(.simulation, stage, self.iteration, trajectory, &opening) { opening throws(LPError) in
        let solver = try workspace.solver(stage)
        try solver.begin(state: state, pool: pool, start: start.pointee, openings: opening..<(opening + 1))
        try solver.solve(opening: opening, pool: pool)
        return solver
      }
      if isPilot { solver.store(into: &start.pointee, onlyMarked: false) }
      costs[step] = discount * solver.stageCost
      discount *= templates[stage].discountFactor
      for component in 0..<templates[stage].stateDimension { state[component] = solver.outgoingState[component] }
      if position == path.count - 1 { costs[step] += discount * solver.futureCost }
    }
  }
}
