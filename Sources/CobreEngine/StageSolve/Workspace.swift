/// What one thread needs to compute units of work: solver objects, draws, room for results.
///
/// What a unit leaves here does not affect the next one, except counts, which are added up as integers.
final class Workspace {
  /// Draws the noise of this rank's trajectories.
  var sampler: ForwardSampler
  /// Room for noise that is not an opening.
  var sample: NoiseSample
  /// What a unit of the backward pass finds where its sums cannot run along.
  var openingCuts: OpeningCuts
  /// How often each cut was tight in the running iteration, by pool and slot, if they have been counted.
  private(set) var tightCounts: [[Int64]]

  private let templates: [StageLPTemplate]
  private let retrying: RetryRules
  private let fewestRows: Int
  /// Made when first asked for, since a thread may never meet a stage.
  private var solvers: [StageSolver?]
  /// The stage at work: of all others no solver object is kept.
  private var current: Int?
  /// The LP with vertices that was solved last, and its solver.
  private var vertexLP: VertexLP?
  private var vertexSolver: StageSolver?
  /// Solves and retries of the solvers that were dropped.
  private var formerSolves = 0
  private var formerRetries = 0

  /// - Parameters:
  ///   - templates: LPs by stage.
  ///   - retrying: how a failed solve is retried.
  ///   - sampler: this rank's sampler, ready for use.
  ///   - sample: room for the noise of any stage.
  ///   - openingCuts: room for the openings of any unit.
  ///   - pools: number of pools of cuts.
  ///   - fewestRows: rows of a stage LP from which on its solver is kept only while the stage is at work.
  init(
    templates: [StageLPTemplate], retrying: RetryRules, sampler: ForwardSampler, sample: NoiseSample,
    openingCuts: OpeningCuts, pools: Int, keepingBelow fewestRows: Int = Workspace.rowsOfLargeStage
  ) {
    MallocTuning.keep()
    self.fewestRows = fewestRows
    self.templates = templates
    self.retrying = retrying
    self.sampler = sampler
    self.sample = sample
    self.openingCuts = openingCuts
    solvers = .init(repeating: nil, count: templates.count)
    tightCounts = .init(repeating: [], count: pools)
  }

  /// The solver of a stage.
  ///
  /// The solver of the previously requested stage rests from now on, or is dropped if its arrays are large.
  ///
  /// - Throws: `LPError` if there is no memory for it.
  func solver(_ stage: Int) throws(LPError) -> StageSolver {
    if let current, current != stage { leave(current) }
    current = stage
    if let known = solvers[stage] { return known }
    let made = try StageSolver(template: templates[stage], retrying: retrying)
    solvers[stage] = made
    return made
  }

  /// Rows of a stage LP from which on its solver is made again for each stage at work.
  ///
  /// It is a megabyte in each of a hundred stages then, which is more than the time to make it is worth.
  static var rowsOfLargeStage: Int { 1000 }

  /// Frees what a stage at work needs.
  private func leave(_ stage: Int) {
    guard templates[stage].model.rowCount >= fewestRows else {
      solvers[stage]?.rest()
      return
    }
    formerSolves += solvers[stage]?.solveCount ?? 0
    formerRetries += solvers[stage]?.retryCount ?? 0
    solvers[stage] = nil
  }

  /// The solver of an LP with vertices, made when first requested.
  ///
  /// The solver of the previous LP is dropped.
  func solver(_ vertices: VertexLP) throws(LPError) -> StageSolver {
    if let vertexSolver, vertexLP === vertices { return vertexSolver }
    formerSolves += vertexSolver?.solveCount ?? 0
    formerRetries += vertexSolver?.retryCount ?? 0
    let made = try StageSolver(template: vertices.template, retrying: retrying)
    vertexSolver = made
    vertexLP = vertices
    return made
  }

  /// The opening that a trajectory meets.
  ///
  /// Noise that is not an opening is given to the solver as the one after the last.
  func meetNoise(stage: Int, step: Int, trajectory: Int) throws(LPError) -> Int {
    guard !sampler.isInSample else { return sampler.opening(stage: stage, step: step, trajectory: trajectory) }
    sampler.realise(stage: stage, step: step, trajectory: trajectory, into: &sample)
    try solver(stage).take(sample)
    return templates[stage].openingCount
  }

  /// Counts the tight cuts of a solver's last solve.
  ///
  /// - Parameters:
  ///   - solver: of any stage.
  ///   - pool: the pool of its cuts.
  ///   - slots: cuts in that pool.
  ///   - tolerance: dual above which a cut is tight.
  func countTightCuts(of solver: StageSolver, pool: Int, slots: Int, above tolerance: Double) {
    while tightCounts[pool].count < slots { tightCounts[pool].append(0) }
    tightCounts[pool].withUnsafeMutableBufferPointer { counts in
      guard let base = counts.baseAddress else { return }
      solver.countTightCuts(above: tolerance, into: base)
    }
  }

  /// Adds the counts of the iteration to the counts of all threads and starts again from 0.
  ///
  /// - Parameters:
  ///   - pool: the pool.
  ///   - counts: by slot, with room for every counted slot.
  func handOverTightCounts(of pool: Int, into counts: UnsafeMutableBufferPointer<Int64>) {
    tightCounts[pool].withUnsafeMutableBufferPointer { own in
      precondition(own.count <= counts.count)
      for slot in own.indices {
        counts[slot] += own[slot]
        own[slot] = 0
      }
    }
  }

  /// Linear programs solved so far.
  var solveCount: Int { solvers.reduce(formerSolves + (vertexSolver?.solveCount ?? 0)) { $0 + ($1?.solveCount ?? 0) } }
  /// Solves that needed more than a plain first attempt.
  var retryCount: Int { solvers.reduce(formerRetries + (vertexSolver?.retryCount ?? 0)) { $0 + ($1?.retryCount ?? 0) } }

  /// The solver of a stage, if there is one already.
  func heldSolver(stage: Int) -> StageSolver? { solvers[stage] }

  /// Writes the LP that a stage's solver holds in MPS format, and returns false if there is none or writing failed.
  func writeMPS(stage: Int, to path: String) -> Bool { solvers[stage]?.writeMPS(to: path) ?? false }
}

/// A stage's LP with vertices instead of cuts, made once for all threads.
final class VertexLP {
  let template: StageLPTemplate

  init(_ template: StageLPTemplate) { self.template = template }
}
