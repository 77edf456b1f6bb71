internal import CobreCase
internal import CobreCommunication
internal import CobreEngine

/// Walks the policy of a run through scenarios again, so that solved stage LPs can be looked at.
///
/// With as many scenarios as the run has simulated these are the same ones, and so are all figures.
struct PolicyReplay {
  let study: StudyCase
  /// Whether the scenarios are those of the run's own simulation.
  let isSameAsRun: Bool
  let scenarios: Int
  let states: StateLayout
  private let simulator: Simulator

  /// - Parameters:
  ///   - evidence: the run.
  ///   - limit: scenarios at most.
  ///   - bounds: where the case may lie.
  /// - Throws: `RunError` where case or policy are not at hand, what `Simulator` throws.
  init(_ evidence: RunEvidence, scenarios limit: Int, bounds: CaseBounds) throws {
    let study = try evidence.requiredStudy()
    let settings = evidence.manifest.settings
    let found = try RunPolicy(manifest: evidence.manifest, store: evidence.store, bounds: bounds)
    guard found.policy.pools.contains(where: { $0.count > 0 }) || study.stages.count == 1 else {
      throw RunError(
        .invalidRequest,
        "Run \(evidence.snapshot.runID) has no cuts yet. Call status with wait_seconds, then ask again.")
    }
    let simulated = evidence.snapshot.simulation?.scenarios ?? 0
    isSameAsRun = simulated > 0 && simulated <= limit
    scenarios = isSameAsRun ? simulated : limit
    let options = settings.options(for: study)
    var replayed = study
    // All paths of a graph are walked only where all of them are asked for.
    if !isSameAsRun { replayed.configuration.simulation.enumeratesPaths = false }
    self.study = replayed
    simulator = try Simulator(
      study: replayed, policy: found.policy, options: options, communicator: LocalCommunicator(), from: found.starts)
    states = InflowProcess(study: replayed).layout
  }

  /// The same for a part of the simulation.
  ///
  /// - Throws: besides, `RunError` where there is no such stage.
  init(_ evidence: RunEvidence, _ scope: ReplayScope, bounds: CaseBounds) throws {
    try self.init(evidence, scenarios: scope.scenarios, bounds: bounds)
    if let stage = scope.stage, !study.stages.indices.contains(stage) {
      throw RunError(.invalidRequest, "`stage` must be from 0 to \(study.stages.count - 1); \(stage) was given.")
    }
  }

  /// Walks all scenarios through the stages up to one.
  ///
  /// - Parameters:
  ///   - stage: the last one; nil for all.
  ///   - seconds: time at most.
  ///   - unsolved: given the solver of a stage LP that cannot be solved.
  ///   - watch: given every solved stage LP with the pool of its cuts and its scenario.
  /// - Throws: `RunError` where the time is over, and what solving throws.
  func walk(
    through stage: Int?, seconds: Double, unsolved: ((StageSolver) -> Void)? = nil,
    watch: (StageSolver, CutPool?, Int) throws -> Void
  ) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var isDone = false
    var failure: (any Error)?
    try withoutActuallyEscaping(watch) { watch in
      simulator.watch = { solver, pool, scenario in
        guard failure == nil else { return }
        do { try watch(solver, pool, scenario) } catch { failure = error }
      }
      simulator.watchUnsolved = unsolved
      defer { (simulator.watch, simulator.watchUnsolved) = (nil, nil) }
      _ = try simulator.run(scenarios: scenarios) {
        if failure != nil || isDone { return false }
        guard ContinuousClock.now < deadline else {
          throw RunError(
            .limit,
            "The walk through \(scenarios) scenarios took longer than \(Figures.duration(seconds)). Ask with fewer "
              + "scenarios, or for an earlier stage.")
        }
        return true
      } receive: { step in
        if step.stage == stage { isDone = true }
      }
    }
    if let failure { throw failure }
  }
}
