/// The lower bound: the cost of the first stage with every cut, by its own risk measure.
///
/// Each opening of the stage is its own unit.
struct LowerBound {
  let problem: TrainingProblem
  let runner: WorkRunner
  let cuts: CutStore
  /// By opening of the first stage.
  ///
  /// Only this rank's are used.
  let starts: WarmStarts

  init(problem: TrainingProblem, runner: WorkRunner, cuts: CutStore) {
    self.problem = problem
    self.runner = runner
    self.cuts = cuts
    starts = WarmStarts(count: problem.templates.first?.openingCount ?? 0)
  }

  /// The bound in $.
  ///
  /// Every rank must call it.
  ///
  /// - Parameter iteration: the running one, for errors.
  /// - Returns: the bound, the same on every rank.
  /// - Throws: `TrainingError` if the LP has no solution, `CommunicationError`.
  func value(iteration: Int) throws -> Double {
    let task = StageTask(
      phase: .lowerBound, stage: 0, iteration: iteration, pool: cuts.completeFirstPool ?? cuts.pool(after: 0))
    let share = runner.share(of: starts.count)
    var local = [Double](repeating: 0, count: share.count)
    local.withUnsafeMutableBufferPointer { local in
      guard let local = local.baseAddress else { return }
      runner.forEach(share.count) { workspace, position in
        let opening = share.start + position
        let start = starts.place(opening)
        let solver = try workspace.solve(
          task, from: problem.initialState, start: start.pointee, openings: .one(opening))
        solver.markBindingRows()
        solver.store(into: &start.pointee, onlyMarked: true)
        local[position] = solver.provenObjective
      }
    }
    var costs = [Double](repeating: 0, count: starts.count)
    try runner.gather(local, units: starts.count, width: 1, into: &costs)
    return problem.rootValue(costs: costs)
  }
}
