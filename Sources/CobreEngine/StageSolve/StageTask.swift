/// One stage to be solved from one state: what is solved, and where, for error messages.
struct StageTask {
  /// Which noise the stage is solved for.
  enum Openings {
    /// One opening of the tree.
    case one(Int)
    /// The noise of a trajectory at a step, which may not be an opening.
    case met(step: Int, trajectory: Int)
    /// Every opening, in the stage's order, starting from one of them.
    case tour(from: Int)
    /// Every opening, in their order.
    case all
  }

  var phase: TrainingError.Phase
  var stage: Int
  /// 0 in simulations.
  var iteration: Int
  var trajectory: Int?
  /// The cuts on the future, or nil if the stage uses none.
  var pool: CutPool?
  /// The LP that is solved instead of the stage's own, if any.
  var vertices: VertexLP?
  /// Where storages may end the stage, or nil for all of their range.
  var region: TrialRegion.Box?
  /// Whether plants with linearized head work at the productivity of their mean volume.
  var followsHead = false
}

extension Workspace {
  /// Solves a stage from a state, for one opening after the other.
  ///
  /// - Parameters:
  ///   - task: the stage.
  ///   - state: incoming state, as long as the state of the system.
  ///   - start: basis and cuts to start from.
  ///   - openings: the noise.
  ///   - extraCuts: cuts that are added to the LP although the warm start does not contain them.
  ///   - receive: given the solver after each solve, and the opening.
  /// - Returns: the solver as the last solve left it.
  /// - Throws: `TrainingError` if an opening has no optimum.
  @discardableResult
  func solve(
    _ task: StageTask, from state: UnsafePointer<Double>, start: borrowing WarmStart, openings: StageTask.Openings,
    extraCuts: Range<Int>? = nil, receive: (StageSolver, Int) -> Void = { _, _ in }
  ) throws(TrainingError) -> StageSolver {
    // The opening at work, for the error.
    var opening = 0
    do throws(LPError) {
      let solver = if let vertices = task.vertices { try solver(vertices) } else { try solver(task.stage) }
      let pool = task.pool
      let count = solver.template.openingCount
      switch openings {
      case .one(let index): opening = index
      case .met(let step, let trajectory):
        opening = try meetNoise(stage: task.stage, step: step, trajectory: trajectory)
        if task.followsHead {
          try solver.solveWithHead(state: state, pool: pool, start: start, opening: opening)
          receive(solver, opening)
          return solver
        }
      case .tour(let first):
        opening = first
        try solver.begin(state: state, pool: pool, start: start, openings: 0..<count, extraCuts: extraCuts)
        let tour = solver.template.tour
        for position in 0..<tour.count {
          opening = tour.opening(position, from: first)
          try solver.solve(opening: opening, pool: pool)
          receive(solver, opening)
        }
        return solver
      case .all:
        try solver.begin(state: state, pool: pool, start: start, openings: 0..<count, extraCuts: extraCuts)
        while opening < count {
          try solver.solve(opening: opening, pool: pool)
          receive(solver, opening)
          opening += 1
        }
        return solver
      }
      try solver.begin(
        state: state, pool: pool, start: start, openings: opening..<(opening + 1), extraCuts: extraCuts,
        region: task.region)
      try solver.solve(opening: opening, pool: pool)
      receive(solver, opening)
      return solver
    } catch {
      throw TrainingError(
        phase: task.phase, stage: task.stage, iteration: task.iteration, trajectory: task.trajectory, opening: opening,
        cause: error)
    }
  }
}
