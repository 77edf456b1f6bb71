/// The run settings of `config.json`, with defaults filled in.
package struct Configuration: Sendable, Equatable {
  package var inflowMethod: InflowMethod
  package var training: TrainingSettings
  package var estimation: EstimationSettings
  package var upperBound: UpperBoundSettings
  package var policy: PolicySettings
  package var simulation: SimulationSettings
  package var exports: ExportSettings

  /// What happens to negative inflows.
  package enum InflowMethod: String, Sendable, CaseIterable {
    case none
    case penalty
    case truncation
    case truncationWithPenalty = "truncation_with_penalty"

    /// Whether a priced virtual inflow exists.
    package var hasSlack: Bool { self == .penalty || self == .truncationWithPenalty }
    /// Whether negative inflows become 0.
    package var truncates: Bool { self == .truncation || self == .truncationWithPenalty }
  }
}

/// `training` of `config.json`.
package struct TrainingSettings: Sendable, Equatable {
  package var enabled: Bool
  /// Trajectories per iteration, ≥ 1.
  package var forwardPasses: Int
  /// Not empty, at least one iteration limit.
  package var stoppingRules: [StoppingRule]
  package var stoppingMode: StoppingMode
  /// Whether the iteration limit ends training by itself where all rules must hold: those are then the others.
  package var isLimitApart = false
  /// As given in the case.
  ///
  /// The absolute value is used, see `seed`.
  package var treeSeed: Int64?
  package var cutFormulation: CutFormulation
  package var cutSelection: CutSelectionSettings
  /// Retries of a failed subproblem solve, ≥ 0.
  package var retryMaxAttempts: Int
  /// Total time for those retries in s, > 0.
  package var retryTimeBudget: Double
  package var scenarioSource: ScenarioSource
  /// Whether each iteration walks every path of the policy graph instead of drawn ones.
  package var enumeratesPaths = false
  /// Trajectories of an iteration that walk with the same cuts, ≥ 1, or nil where the engine decides; more than there
  /// are count as all.
  package var passesTogether: Int?
  /// Share of the range of each reservoir in which forward passes end their stages at first, within (0, 1], or nil where
  /// the engine decides.
  package var trialRegion: Double?

  /// Seed of the opening tree: the absolute value of `treeSeed`, 42 if none is given.
  package var seed: UInt64 { treeSeed?.magnitude ?? 42 }

  /// The iteration limit of the stopping rules: the smallest, or the largest where all rules must hold.
  package var iterationLimit: Int? {
    let limits = stoppingRules.compactMap { ($0.condition as? IterationLimit)?.limit }
    return stoppingMode == .all ? limits.max() : limits.min()
  }

  /// The time limit of the stopping rules, in s: the smallest, or the largest where all rules must hold.
  package var timeLimit: Double? {
    let limits = stoppingRules.compactMap { ($0.condition as? TimeLimit)?.seconds }
    return stoppingMode == .all ? limits.max() : limits.min()
  }

  /// The rules besides iteration and time limits, in their order.
  package var otherRules: [StoppingRule] {
    stoppingRules.filter { !($0.condition is IterationLimit || $0.condition is TimeLimit) }
  }
}

/// How many cuts a trial point gives.
package enum CutFormulation: String, Sendable, CaseIterable {
  /// One cut, aggregated over the openings.
  case single
  /// One cut per opening.
  case multi
}

/// `training.cut_selection`, with defaults filled in.
package struct CutSelectionSettings: Sendable, Equatable {
  package enum Method: String, Sendable, CaseIterable {
    case level1
    case lml1
    case domination
  }

  package var enabled: Bool
  package var method: Method?
  /// `level1`: binding uses up to which a cut is dropped, ≥ 0.
  package var threshold: Int
  /// `lml1`: iterations, ≥ 0.
  package var memoryWindow: Int
  /// `domination`: distance under the best cut, ≥ 0.
  package var dominationEpsilon: Double
  /// Iterations between passes, ≥ 1.
  package var checkFrequency: Int
  /// Dual value above which a cut counts as binding, ≥ 0.
  package var activityTolerance: Double
  /// Hard cap on active cuts, ≥ 1 (nil = none).
  ///
  /// Works even if `enabled` is false.
  package var maxActivePerStage: Int?
  /// Whether the cap holds after the first stage of a finite horizon, too.
  package var capsFirstStage: Bool

  package init(
    enabled: Bool, method: Method?, threshold: Int, memoryWindow: Int, dominationEpsilon: Double, checkFrequency: Int,
    activityTolerance: Double, maxActivePerStage: Int?, capsFirstStage: Bool = true
  ) {
    self.enabled = enabled
    self.method = method
    self.threshold = threshold
    self.memoryWindow = memoryWindow
    self.dominationEpsilon = dominationEpsilon
    self.checkFrequency = checkFrequency
    self.activityTolerance = activityTolerance
    self.maxActivePerStage = maxActivePerStage
    self.capsFirstStage = capsFirstStage
  }
}
