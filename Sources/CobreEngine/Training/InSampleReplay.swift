/// Simulates trajectories of their own through the openings of the tree, for stopping rules.
///
/// Every solve of a step starts from the same basis, found by a pilot walk that each rank repeats.
struct InSampleReplay {
  let problem: TrainingProblem
  let runner: WorkRunner
  let cuts: CutStore

  /// Discounted step costs with the current cuts.
  ///
  /// Every rank must call it.
  ///
  /// The cost that the cuts give for the time after the last step counts as cost of that step.
  ///
  /// - Parameters:
  ///   - count: trajectories.
  ///   - noise: key of the draws. The same key gives the same scenarios.
  ///   - iteration: the running one, for errors.
  /// - Returns: $ as `[trajectory * steps + step]`, the same on every rank.
  /// - Throws: `TrainingError` if a stage LP has no solution, `CommunicationError`.
  func costs(count: Int, noise: UInt32, iteration: Int) throws -> [Double] {
    let steps = problem.walk.stages.count
    let starts = WarmStarts(count: steps)
    let share = runner.share(of: count)
    var local = [Double](repeating: 0, count: max(1, share.count) * steps)
    local.withUnsafeMutableBufferPointer { local in
      guard let base = local.baseAddress else { return }
      // Steps that the pilot does not make start cold.
      runner.forEach(1) { workspace, _ in
        try walk(0, on: workspace, noise: noise, iteration: iteration, starts: starts, isPilot: true, into: base)
      }
      for position in local.indices { local[position] = 0 }
      runner.forEach(share.count, order: 1) { workspace, position in
        try walk(
          share.start + position, on: workspace, noise: noise, iteration: iteration, starts: starts, isPilot: false,
          into: base + position * steps)
      }
    }
    var all = [Double](repeating: 0, count: count * steps)
    try runner.gather(Array(local.prefix(share.count * steps)), units: count, width: steps, into: &all)
    return all
  }

  private func walk(
    _ trajectory: Int, on workspace: Workspace, noise: UInt32, iteration: Int, starts: WarmStarts, isPilot: Bool,
    into costs: UnsafeMutablePointer<Double>
  ) throws {
    let generator = Philox(seed: problem.options.treeSeed, purpose: .simulationStoppingRule)
    var state = problem.initialState
    var discount = 1.0
    let path = problem.walk.path(generator, trajectory: trajectory, iteration: noise)
    for (position, stage) in path.enumerated() {
      let step = problem.walk.isBranching ? stage : position
      let uniform = generator.uniform(
        entity: 0, sample: UInt32(truncatingIfNeeded: trajectory), stage: UInt32(truncatingIfNeeded: step),
        iteration: noise)
      let start = starts.place(step)
      let solver = try workspace.solve(
        StageTask(
          phase: .simulation, stage: stage, iteration: iteration, trajectory: trajectory,
          pool: cuts.pool(after: stage)),
        from: state, start: start.pointee, openings: .one(problem.tree.stages[stage].index(for: uniform)))
      if isPilot { solver.store(into: &start.pointee, onlyMarked: false) }
      costs[step] = discount * solver.stageCost
      discount *= problem.templates[stage].discountFactor
      for component in 0..<problem.stateDimension { state[component] = solver.outgoingState[component] }
      if position == path.count - 1 { costs[step] += discount * solver.futureCost }
    }
  }
}
