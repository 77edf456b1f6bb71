package import CobreCase
package import CobreCommunication
package import CobreEngine

/// What a caller asks of a run.
///
/// Everything that is `nil` is taken from the case or chosen by the engine.
package struct RunRequest: Codable, Sendable, Equatable {
  /// Directory of the case, as the caller gave it.
  ///
  /// Resolved to an absolute path when the run starts.
  package var caseDirectory: String
  package var backend: RequestedBackend
  /// Number of rank processes, at least 1.
  package var workers: Int?
  /// Threads of each rank process that share its work, at least 1.
  ///
  /// `nil` for one.
  package var threadsPerWorker: Int?
  /// Hosts that an MPI launcher starts the rank processes on.
  ///
  /// `nil` for this one.
  package var hosts: [String]?
  /// Iteration limit, instead of the one in `config.json`.
  package var iterations: Int?
  /// Trajectories per iteration, instead of `training.forward_passes`.
  package var forwardPasses: Int?
  /// Seed of both the opening tree and the forward samples, instead of those in `config.json`.
  package var seed: Int64?
  /// Wall time after which training stops at the end of an iteration, in seconds.
  package var timeLimitSeconds: Double?
  /// Scenarios to simulate after training (0 = none, `nil` = as in `config.json`).
  package var simulateScenarios: Int?
  /// Gap at which training stops after an iteration, besides the rules of `config.json`.
  ///
  /// Relative, > 0.
  package var targetGap: Double?
  /// Gap at which a fresh simulation stops training, besides the rules of `config.json`: relative, > 0.
  package var statisticalGap: Double?
  /// What is stored of the simulation besides statistics.
  ///
  /// `nil` for nothing more.
  package var simulationDetail: SimulationDetail?
  /// Who solves the stage LPs.
  ///
  /// `nil` for the engine's choice.
  package var solver: RequestedSolver?
  /// How often the ranks are started again after one has died.
  ///
  /// `nil` for twice.
  package var restarts: Int?
  /// Run that this one goes on from, by its id or name, or by its directory for a standalone run.
  ///
  /// `nil` for a run that begins.
  package var continuedRun: String?
  /// Run whose policy is simulated in place of a training; `nil` for a run that trains.
  package var policyRun: String?
  /// Where the scenarios of such a simulation come from.
  ///
  /// `nil` for what `config.json` says.
  package var scenarioScheme: ScenarioSource.Scheme?
  /// Seed of such scenarios.
  ///
  /// `nil` for the one in use otherwise.
  package var scenarioSeed: Int64?
  /// Edits of the case for this run alone, as a JSON list (see `CaseEdit`).
  ///
  /// `nil` for the case as it is.
  package var caseEdits: String?
  /// Seconds that training may take; fits the training into them.
  package var budgetSeconds: Double?
  /// Megabytes that all processes may take together; fits the training into them.
  package var budgetMemoryMB: Double?
  /// Name that makes the request repeatable: the same name with the same request is the same run.
  package var runName: String?
  /// Options that act by their declaration alone (`RunOption.Effect`); `nil` for none.
  package var values: OptionValues?

  package init(
    caseDirectory: String, backend: RequestedBackend = .auto, workers: Int? = nil, iterations: Int? = nil,
    forwardPasses: Int? = nil, seed: Int64? = nil, timeLimitSeconds: Double? = nil, simulateScenarios: Int? = nil,
    restarts: Int? = nil, runName: String? = nil, simulationDetail: SimulationDetail? = nil,
    targetGap: Double? = nil, threadsPerWorker: Int? = nil, policyRun: String? = nil,
    scenarioScheme: ScenarioSource.Scheme? = nil, scenarioSeed: Int64? = nil, hosts: [String]? = nil,
    solver: RequestedSolver? = nil, statisticalGap: Double? = nil, continuedRun: String? = nil,
    caseEdits: String? = nil, budgetSeconds: Double? = nil, budgetMemoryMB: Double? = nil
  ) {
    self.caseEdits = caseEdits
    self.budgetSeconds = budgetSeconds
    self.budgetMemoryMB = budgetMemoryMB
    self.caseDirectory = caseDirectory
    self.backend = backend
    self.workers = workers
    self.iterations = iterations
    self.forwardPasses = forwardPasses
    self.seed = seed
    self.timeLimitSeconds = timeLimitSeconds
    self.simulateScenarios = simulateScenarios
    self.restarts = restarts
    self.runName = runName
    self.simulationDetail = simulationDetail
    self.targetGap = targetGap
    self.threadsPerWorker = threadsPerWorker
    self.policyRun = policyRun
    self.scenarioScheme = scenarioScheme
    self.scenarioSeed = scenarioSeed
    self.hosts = hosts
    self.solver = solver
    self.statisticalGap = statisticalGap
    self.continuedRun = continuedRun
  }
}
