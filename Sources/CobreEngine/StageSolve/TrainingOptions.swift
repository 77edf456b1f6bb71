package import CobreCase

/// How to train a case.
///
/// Everything that the results depend on besides the case itself, and the number of threads.
package struct TrainingOptions: Sendable, Equatable {
  /// Trajectories per iteration, ≥ 1.
  package var forwardPasses: Int
  /// Trajectories of an iteration that walk before their cuts are made, ≥ 1, or nil to decide by the bounds
  /// (`SweepRule`).
  package var passesTogether: Int?
  /// State components up to which all trajectories walk together where that is not said; nil for what was measured.
  package var mostComponentsTogether: Int?
  /// Share of the range of each reservoir in which forward passes end their stages at first, within (0, 1], or nil to
  /// decide by the case (`RegionRule`).
  package var trialRegion: Double?
  /// Iterations at most, ≥ 1.
  package var iterationLimit: Int
  /// Wall time at most, in s (nil = no limit).
  package var timeLimitSeconds: Double?
  /// Whether every stopping rule must hold at the same iteration.
  ///
  /// Otherwise the first one stops.
  package var needsAllRules: Bool
  /// Whether the iteration limit is none of these rules, but ends training by itself.
  package var isLimitApart = false
  /// Seed of the opening tree and of in-sample draws.
  package var treeSeed: Int64
  /// Seed of the scenarios of a simulation, or nil for `treeSeed`.
  package var scenarioSeed: Int64?
  /// Stopping rules besides iteration and time limits.
  package var otherRules: [StoppingRule]
  package var cutFormulation: CutFormulation
  package var cutSelection: CutSelectionSettings
  /// Whether the visited states are kept.
  package var keepsStates: Bool
  /// Threads of each rank that share its units, ≥ 1.
  ///
  /// Results do not depend on it.
  package var threads = 1
  /// The library that solves the stage LPs.
  ///
  /// Runs set the requested one, else the choice of `auto`.
  package var solver = SolverLibrary.clp
  /// Production planes of a stage from which on they join its LP only where they are violated.
  package var fewestLazyPlanes = LazyRows.fewest
  /// Failures of solves that tests ask for.
  package var solveFault: SolveFault?

  /// The options that the case's `config.json` gives.
  package init(study: StudyCase) {
    let training = study.configuration.training
    forwardPasses = training.forwardPasses
    passesTogether = training.passesTogether
    trialRegion = training.trialRegion
    iterationLimit = training.iterationLimit ?? 1
    timeLimitSeconds = training.timeLimit
    needsAllRules = training.stoppingMode == .all
    isLimitApart = training.isLimitApart
    treeSeed = Int64(bitPattern: training.seed)
    otherRules = training.otherRules
    cutFormulation = training.cutFormulation
    cutSelection = training.cutSelection
    let simulation = study.configuration.simulation
    keepsStates = study.configuration.exports.states || simulation.enabled && simulation.policyType == .inner
  }
}

extension RetryRules {
  /// The retry settings of a case, with the failures that the options inject.
  init(_ training: TrainingSettings, _ options: TrainingOptions) {
    self.init()
    attempts = training.retryMaxAttempts
    seconds = training.retryTimeBudget
    fault = options.solveFault
  }
}
