internal import CobreCase

/// The backward pass: from the last step to the first, makes cuts at every visited state from all its successors.
///
/// A chain is the case of one successor. On a chain the solves of a trajectory also start from the opening that its
/// forward pass met, whose basis is stored, and with the cuts that the same trajectory has just added to the next pool.
/// In a branching graph a trajectory has passed only one of the successors.
final class BackwardPass {
  private let problem: TrainingProblem
  private let runner: WorkRunner
  private let store: CutStore
  private let trajectories: Trajectories
  // Exchange buffers: per trajectory its cuts, each as intercept and slopes.
  private var local: [Double] = []
  private var exchanged: [Double] = []

  init(problem: TrainingProblem, runner: WorkRunner, cuts: CutStore, trajectories: Trajectories) {
    self.problem = problem
    self.runner = runner
    store = cuts
    self.trajectories = trajectories
  }

  /// A stage that may follow a step.
  private struct Arc {
    /// Step of the stage, which says where its units start from.
    let step: Int
    let stage: Int
    let probability: Double
  }

  /// Where one unit makes its cuts: a step that a trajectory has left.
  private struct Departure {
    let source: Int
    let step: Int
    let arcs: [Arc]
    let iteration: Int
    let sweep: Sweep
    /// Figures of a trajectory's cuts.
    let width: Int
    /// First of the newest cuts of the pool after the only arc, and how many each trajectory added, or nil if there are
    /// none.
    let newest: (slot: Int, groups: Int)?
  }

  /// Makes the cuts of an iteration.
  ///
  /// The cuts of a step are in their pool before the previous step begins.
  ///
  /// Every rank must call it.
  ///
  /// - Parameters:
  ///   - iteration: the running one.
  ///   - sweep: the trajectories that make cuts.
  ///   - reach: called with the stage that is solved next.
  /// - Throws: `TrainingError` if a stage LP has no solution, `CommunicationError`.
  func run(iteration: Int, sweep: Sweep, reach: (Int) -> Void) throws {
    let walk = problem.walk
    let left = stepsLeft(iteration: iteration)
    // First slot of what the last step that was made added to a pool.
    var newestCuts = [Int?](repeating: nil, count: store.pools.count)
    for step in walk.stages.indices.reversed() {
      let source = walk.stages[step]
      let arcs = arcs(after: step)
      guard let first = arcs.first, let target = walk.poolAfter[source] else { continue }
      reach(first.stage)
      let pool = walk.isBranching ? nil : walk.poolAfter[first.stage]
      let departure = Departure(
        source: source, step: step, arcs: arcs, iteration: iteration, sweep: sweep,
        width: store.pools[target].groups * problem.cutWidth,
        newest: pool.flatMap { pool in newestCuts[pool].map { ($0, store.pools[pool].groups) } })
      let visits = { (trajectory: Int) in
        sweep.contains(trajectory) && (left.map { $0[trajectory].contains(step) } ?? true)
      }
      try exchangeCuts(of: departure, visits: visits)
      newestCuts[target] = store.pools[target].count
      store.take(exchanged, into: target, iteration: iteration, from: trajectories, step: step, visits: visits)
    }
  }

  /// By trajectory, the steps that it makes and leaves, or nil if all of them make every step.
  private func stepsLeft(iteration: Int) -> [Set<Int>]? {
    guard problem.walk.isBranching else { return nil }
    return (0..<trajectories.count).map { Set(problem.path(trajectory: $0, iteration: iteration).dropLast()) }
  }

  private func arcs(after step: Int) -> [Arc] {
    let walk = problem.walk
    guard walk.isBranching else {
      guard step + 1 < walk.stages.count else { return [] }
      return [Arc(step: step + 1, stage: walk.stages[step + 1], probability: 1)]
    }
    return walk.successors[walk.stages[step]].map { Arc(step: $0.stage, stage: $0.stage, probability: $0.probability) }
  }

  /// Makes the cuts of all trajectories that make a step.
  ///
  /// For the others the cuts are zeros.
  private func exchangeCuts(of departure: Departure, visits: (Int) -> Bool) throws {
    let width = departure.width
    let share = trajectories.share
    if exchanged.count != trajectories.count * width {
      local = .init(repeating: 0, count: share.count * width)
      exchanged = .init(repeating: 0, count: trajectories.count * width)
    }
    local.withUnsafeMutableBufferPointer { cuts in
      guard let base = cuts.baseAddress else { return }
      runner.forEach(share.count) { workspace, local in
        let cut = base + local * width
        for position in 0..<width { cut[position] = 0 }
        guard visits(share.start + local) else { return }
        try makeCuts(departure, local: local, on: workspace, into: cut)
      }
    }
    try runner.gather(local, units: trajectories.count, width: width, into: &exchanged)
  }

  /// Solves what may follow a step from a visited state for all openings and writes the cut, or one per opening.
  private func makeCuts(
    _ departure: Departure, local: Int, on workspace: Workspace, into cut: UnsafeMutablePointer<Double>
  ) throws {
    let trajectory = trajectories.share.start + local
    var probabilities: [Double] = []
    try trajectories.withState(of: trajectory, after: departure.step) { state in
      for arc in departure.arcs {
        let first = probabilities.count
        let start = trajectories.start(step: arc.step, local: local)
        let solver = try workspace.solve(
          StageTask(
            phase: .backward, stage: arc.stage, iteration: departure.iteration, trajectory: trajectory,
            pool: store.pool(after: arc.stage)),
          from: state, start: start.pointee, openings: .tour(from: firstOpening(arc, trajectory, on: workspace)),
          extraCuts: departure.newest.map { slot, groups in
            let first = slot + departure.sweep.place(of: trajectory) * groups
            return first..<(first + groups)
          }
        ) { solver, opening in
          solver.markBindingRows()
          store.countTightCuts(of: solver, after: arc.stage, on: workspace)
          workspace.openingCuts.record(first + opening, from: solver)
        }
        probabilities += problem.templates[arc.stage].probabilities.map { arc.probability * $0 }
        solver.store(into: &start.pointee, onlyMarked: true)
      }
      if departure.width > problem.cutWidth {
        workspace.openingCuts.writeEach(count: probabilities.count, state: state, to: cut)
      } else {
        let costs = Array(workspace.openingCuts.costs.prefix(probabilities.count))
        // The stage that is left weighs the outcomes of what follows.
        let weighting = problem.weighting(after: departure.source, costs: costs, probabilities: probabilities)
        workspace.openingCuts.writeSum(
          weights: weighting.weights, offset: weighting.offset, state: state, to: cut)
      }
    }
  }

  /// The opening that the forward pass has met, whose optimal basis, apart from new cuts, is the warm start.
  private func firstOpening(_ arc: Arc, _ trajectory: Int, on workspace: Workspace) -> Int {
    guard !problem.walk.isBranching, workspace.sampler.isInSample else { return 0 }
    return workspace.sampler.opening(stage: arc.stage, step: arc.step, trajectory: trajectory)
  }
}
