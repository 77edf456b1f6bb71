package import CobreCase
package import CobreEngine

/// Options of a run after the case's own settings have been taken in.
///
/// What the ranks go by.
package struct RunSettings: Codable, Sendable, Equatable {
  package var iterations: Int
  package var forwardPasses: Int
  /// Options on training that act by their declaration alone; `nil` for none.
  package var values: OptionValues?
  package var timeLimitSeconds: Double?
  /// Seed given by the caller for the opening tree and the forward samples.
  ///
  /// `nil` for the seeds of the case.
  package var seed: Int64?
  /// 0 for no simulation.
  package var simulateScenarios: Int
  /// How often the supervisor starts the ranks again after one has died.
  package var restarts: Int
  /// What is stored of the simulation besides statistics.
  ///
  /// `nil` for nothing more.
  package var simulationDetail: SimulationDetail?
  /// Gap at which training stops, besides the rules of the case.
  package var targetGap: Double?
  /// The same for the upper end of the interval of a fresh simulation.
  package var statisticalGap: Double?
  /// The policy to simulate instead of a training.
  package var policy: SimulatedPolicy?
  /// The run whose training this one goes on with; `nil` where it begins.
  package var continuation: ContinuedRun?
  /// What a budget has decided; `nil` without one.
  package var budget: BudgetDecision?
  /// Threads of each rank; `nil` for one, as in files of older engines.
  package var threadsPerWorker: Int?
  /// Wall time that the server grants, in s, which the supervisor minds.
  ///
  /// `nil` for no limit.
  package var serverLimitSeconds: Double?
  /// Who solves the stage LPs.
  ///
  /// `nil`, for Clp, in runs of engines that knew no other.
  package var solver: SolverLibrary?

  /// Time at which training stops by its own limit, on the clock of a training that counts the run before.
  package var timeLimitOnClock: Double? { timeLimitSeconds.map { $0 + (continuation?.elapsedSeconds ?? 0) } }

  /// Directories, free of links, under which the case must lie, for each rank that reads it later; `nil` for anywhere.
  package var caseRoots: [String]?
  /// Directories, free of links, under which policies that the case names must be.
  ///
  /// `nil` for anywhere.
  package var policyRoots: [String]?

  /// Threads of each rank, at least 1.
  package var threads: Int { max(1, threadsPerWorker ?? 1) }

  package init(
    iterations: Int, forwardPasses: Int, timeLimitSeconds: Double?, seed: Int64?, simulateScenarios: Int,
    restarts: Int, simulationDetail: SimulationDetail? = nil, targetGap: Double? = nil, threadsPerWorker: Int? = nil,
    solver: SolverLibrary? = nil, statisticalGap: Double? = nil
  ) {
    self.iterations = iterations
    self.forwardPasses = forwardPasses
    self.timeLimitSeconds = timeLimitSeconds
    self.seed = seed
    self.simulateScenarios = simulateScenarios
    self.restarts = restarts
    self.simulationDetail = simulationDetail
    self.targetGap = targetGap
    self.threadsPerWorker = threadsPerWorker
    self.solver = solver
    self.statisticalGap = statisticalGap
  }
}

extension RunSettings {
  /// The options that decide what a training and a simulation of the case compute, time limits and gaps left out.
  ///
  /// Ranks compute with them, and so does what repeats or samples the computation of a run.
  package func options(for study: StudyCase) -> TrainingOptions {
    var options = TrainingOptions(study: study)
    options.forwardPasses = forwardPasses
    options.iterationLimit = max(1, iterations)
    options.scenarioSeed = policy?.seed
    options.solver = solver ?? .clp
    if let seed { options.treeSeed = seed }
    for option in RunOption.all {
      if case .training(let apply) = option.effect, let value = values?[option.name] { apply(&options, value) }
    }
    return options
  }
}

/// A policy of another run, and the scenarios to try it on.
package struct SimulatedPolicy: Codable, Sendable, Equatable {
  /// The run that made it.
  package var run: String
  /// Its file.
  package var path: String
  /// Where the scenarios come from.
  ///
  /// `nil` for what `config.json` says.
  package var scheme: ScenarioSource.Scheme?
  /// Seed of the scenarios.
  ///
  /// `nil` for the one in use otherwise.
  package var seed: Int64?

  package init(run: String, path: String, scheme: ScenarioSource.Scheme? = nil, seed: Int64? = nil) {
    self.run = run
    self.path = path
    self.scheme = scheme
    self.seed = seed
  }
}
