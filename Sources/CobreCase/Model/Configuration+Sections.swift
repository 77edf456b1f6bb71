/// `estimation` of `config.json`.
package struct EstimationSettings: Sendable, Equatable {
  package enum OrderSelection: String, Sendable, CaseIterable {
    case pacf
    case pacfAnnual = "pacf_annual"
  }

  /// Largest lag order tried, ≥ 0.
  package var maxOrder: Int
  package var orderSelection: OrderSelection
  package var minObservationsPerSeason: Int
  /// > 0 (nil = off).
  package var maxCoefficientMagnitude: Double?

  package init(
    maxOrder: Int, orderSelection: OrderSelection, minObservationsPerSeason: Int = 30,
    maxCoefficientMagnitude: Double? = nil
  ) {
    self.maxOrder = maxOrder
    self.orderSelection = orderSelection
    self.minObservationsPerSeason = minObservationsPerSeason
    self.maxCoefficientMagnitude = maxCoefficientMagnitude
  }
}

/// `upper_bound_evaluation` of `config.json`, with defaults filled in.
package struct UpperBoundSettings: Sendable, Equatable {
  package var enabled: Bool
  /// First evaluation, ≥ 1.
  package var initialIteration: Int
  /// ≥ 1.
  package var intervalIterations: Int
  /// Lipschitz constant used when the automatic one fails, > 0 (nil = the failure is an error).
  package var lipschitzFallback: Double?
  /// Safety multiplier, > 0.
  package var lipschitzScale: Double

  package init(
    enabled: Bool, initialIteration: Int, intervalIterations: Int, lipschitzFallback: Double?, lipschitzScale: Double
  ) {
    self.enabled = enabled
    self.initialIteration = initialIteration
    self.intervalIterations = intervalIterations
    self.lipschitzFallback = lipschitzFallback
    self.lipschitzScale = lipschitzScale
  }
}

/// `policy` of `config.json`.
package struct PolicySettings: Sendable, Equatable {
  package enum Mode: String, Sendable, CaseIterable {
    case fresh
    case warmStart = "warm_start"
    case resume
  }

  /// Fixed cuts after the last stage, from another policy.
  package struct Boundary: Sendable, Equatable {
    /// A relative path starts at the output directory, or at the case if `isBesideCase`.
    package var path: String
    /// Stage of the other policy whose cuts are taken (nil = the one that ends where this case does).
    package var sourceStage: Int?
    package var isBesideCase = false
    /// Whether a policy with state components that this case lacks is refused.
    ///
    /// Only without `sourceStage`.
    package var isStrict = false

    package init(path: String, sourceStage: Int? = nil, isBesideCase: Bool = false, isStrict: Bool = false) {
      self.path = path
      self.sourceStage = sourceStage
      self.isBesideCase = isBesideCase
      self.isStrict = isStrict
    }
  }

  package struct Checkpointing: Sendable, Equatable {
    package var enabled: Bool
    /// ≥ 1 (nil = `intervalIterations`).
    package var initialIteration: Int?
    /// ≥ 1 (nil = only at the end).
    package var intervalIterations: Int?
    package var storeBasis: Bool
    package var compress: Bool

    /// Whether the policy is written after an iteration, besides at the end of training.
    package func isDue(_ iteration: Int) -> Bool {
      guard enabled, let interval = intervalIterations else { return false }
      let first = initialIteration ?? interval
      return iteration >= first && (iteration - first) % interval == 0
    }
  }

  /// Policy directory.
  ///
  /// Relative paths start at the output directory.
  package var path: String
  package var mode: Mode
  package var validateCompatibility: Bool
  /// Whether policies are matched to the case by the dates of stages and the names of state components.
  package var matchesByDate = false
  package var boundary: Boundary?
  package var checkpointing: Checkpointing

  package init(
    path: String, mode: Mode, validateCompatibility: Bool, boundary: Boundary?, checkpointing: Checkpointing
  ) {
    self.path = path
    self.mode = mode
    self.validateCompatibility = validateCompatibility
    self.boundary = boundary
    self.checkpointing = checkpointing
  }
}

/// `simulation` of `config.json`.
package struct SimulationSettings: Sendable, Equatable {
  package enum PolicyType: String, Sendable, CaseIterable {
    /// Cuts.
    case outer
    /// Vertices.
    case inner
  }

  package var enabled: Bool
  /// ≥ 0; 0 = no simulation.
  package var scenarios: Int
  package var policyType: PolicyType
  /// The training's source if the case gives none.
  package var scenarioSource: ScenarioSource
  /// Whether the scenarios are all paths of the policy graph.
  package var enumeratesPaths = false
}

/// `exports` of `config.json`.
package struct ExportSettings: Sendable, Equatable {
  /// Keep the visited states in the policy.
  package var states: Bool
  /// Write the fitted model, correlation and opening tree in use.
  package var stochastic: Bool
}
