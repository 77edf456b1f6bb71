/// The forward pass: walks trajectories through the stages with the current cuts.
struct ForwardPass {
  let problem: TrainingProblem
  let runner: WorkRunner
  let cuts: CutStore
  let trajectories: Trajectories

  /// Walks this rank's trajectories and exchanges visited states and costs.
  ///
  /// Every rank must call it.
  ///
  /// - Parameters:
  ///   - iteration: the running one, from 1.
  ///   - sweep: the trajectories that walk, the sweeps of an iteration in their order. What the others have recorded
  ///     stays.
  ///   - region: where the trajectories stay, or nil for anywhere.
  /// - Throws: `TrainingError` if a stage LP has no solution, `CommunicationError`.
  func run(iteration: Int, sweep: Sweep, region: TrialRegion? = nil) throws {
    if sweep.number == 0 {
      for workspace in runner.workspaces { workspace.sampler.prepare(iteration: iteration) }
    }
    try trajectories.record(on: runner) { workspace, local, record in
      guard sweep.contains(trajectories.share.start + local) else { return }
      try walk(local, on: workspace, iteration: iteration, region, into: record)
    }
  }

  private func walk(
    _ local: Int, on workspace: Workspace, iteration: Int, _ region: TrialRegion?, into record: Trajectories.Record
  ) throws {
    let trajectory = trajectories.share.start + local
    let dimension = problem.stateDimension
    var state = problem.initialState
    let first = workspace.sampler.initialState(trajectory: trajectory)
    for component in 0..<dimension { state[component] = first[component] }
    var cost = 0.0
    var discount = 1.0
    let path = problem.path(trajectory: trajectory, iteration: iteration)
    var solved: [(stage: Int, step: Int)] = []
    for (position, stage) in path.enumerated() {
      let step = problem.walk.isBranching ? stage : position
      let start = trajectories.start(step: step, local: local)
      if start.pointee.status.isEmpty, let near = nearestStart(stage, after: solved, local: local) {
        start.pointee = near
      }
      let solver = try workspace.solve(
        StageTask(
          phase: .forward, stage: stage, iteration: iteration, trajectory: trajectory, pool: cuts.pool(after: stage),
          region: region?.box(step: step)),
        from: state, start: start.pointee, openings: .met(step: step, trajectory: trajectory))
      // No backward pass returns to the first stage to drop cuts that have become slack there.
      let isFirst = position == 0
      if isFirst { solver.markBindingRows() }
      solver.store(into: &start.pointee, onlyMarked: isFirst)
      solved.append((stage, step))
      cost += discount * solver.stageCost
      discount *= problem.templates[stage].discountFactor
      let outgoing = solver.outgoingState
      for component in 0..<dimension { state[component] = outgoing[component] }
      guard position < path.count - 1 else {
        // The cost that the cuts give for the time after the walk. It is 0 for a finite horizon without boundary cuts.
        cost += discount * solver.futureCost
        continue
      }
      record.set(state, after: step)
    }
    record.set(cost: cost)
  }

  /// Rows of a stage LP from which on its first solve is worth the search for a basis to start from.
  private static var fewestRows: Int { 1000 }

  /// A start for a step that has none: the basis of the last step before it, on the same walk, whose LP has the same
  /// columns and rows.
  ///
  /// A walk is solved by one thread from its beginning, so that results do not depend on what else was solved before.
  private func nearestStart(_ stage: Int, after solved: [(stage: Int, step: Int)], local: Int) -> WarmStart? {
    let template = problem.templates[stage]
    guard template.model.rowCount >= Self.fewestRows else { return nil }
    guard let near = solved.last(where: { problem.templates[$0.stage].isAlike(template) }) else { return nil }
    return WarmStart(basisOf: trajectories.start(step: near.step, local: local).pointee)
  }
}
