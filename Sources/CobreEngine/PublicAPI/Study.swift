internal import CobreCase
internal import CobreCommunication

/// A case that has been read and checked, the starting point for work with the engine.
///
///     let study = try Study(directory: "examples/cascade")
///     let policy = try study.train(iterations: 50) { print($0.iteration, $0.lowerBound); return true }
///     print(policy.futureCost(afterStage: 0)?.waterValues ?? [])
///     try policy.save(to: "cascade-policy")
///
/// Everything here computes in the calling process. Programs that need several processes, a queue or results on disk
/// start `cobre-worker` or talk to the server `cobre-mcp`.
public struct Study: Sendable {
  /// Something that was found in the files of a case.
  public struct Finding: Sendable, CustomStringConvertible {
    /// Whether the case cannot be used because of it.
    public let isError: Bool
    /// Number of the rule, as in `Documentation/Validation.md`.
    public let rule: Int
    /// File within the case.
    public let file: String
    /// Position within the file.
    public let location: String
    /// What is wrong, with the value and advice.
    public let description: String
  }

  /// A case that cannot be used, with everything that is wrong with it.
  public struct InvalidCase: Error, CustomStringConvertible {
    public let findings: [Finding]
    public var description: String { findings.map(\.description).joined(separator: "\n") }
  }

  /// One hydro plant.
  public struct Hydro: Sendable {
    public let id: Int
    public let name: String
  }

  /// What did not forbid the use of the case: warnings and notes.
  public let findings: [Finding]
  let model: StudyCase

  /// Reads a case, in the project's own format or in Novomodelo's.
  ///
  /// - Parameter directory: where its files are.
  /// - Throws: `InvalidCase` with all findings where the case has errors.
  public init(directory: String) throws(InvalidCase) {
    let report = CaseReader.read(directory: directory)
    findings = report.findings.map(Finding.init)
    guard let model = report.study else { throw InvalidCase(findings: findings) }
    self.model = model
  }

  /// Number of stages.
  public var stageCount: Int { model.stages.count }
  /// The hydro plants in the order of storages everywhere: that of their ids, in cases of Novomodelo's format that of
  /// the dates from which they operate and then of their ids.
  public var hydros: [Hydro] { model.hydros.map { Hydro(id: $0.id, name: $0.name) } }
  /// Names of the components of the state, such as `storage[3]` and `inflow_lag[3,1]`, in their order.
  public var stateNames: [String] { model.stateNames }
  /// The state before the first stage: storages in hm³, then inflow lags in m³/s and what else is carried on.
  public var initialState: [Double] { InflowProcess(study: model).initialState }

  /// Trains a policy by stochastic dual dynamic programming (Pereira, Pinto 1991).
  ///
  /// Options that are not given come from the case. The same options give the same bits, whatever the number of
  /// threads.
  ///
  /// - Parameters:
  ///   - iterations: the most iterations, at least 1.
  ///   - forwardPasses: trajectories of an iteration, at least 1.
  ///   - seed: of the openings and of the draws of the forward passes.
  ///   - threads: that share the work, at least 1.
  ///   - observe: called after each iteration. false ends training there.
  /// - Returns: the policy after the last iteration.
  /// - Throws: `EngineFailure` with a sentence, or what `observe` throws.
  public func train(
    iterations: Int? = nil, forwardPasses: Int? = nil, seed: Int64? = nil, threads: Int = 1,
    observe: (Iteration) throws -> Bool = { _ in true }
  ) throws -> TrainedPolicy {
    var options = TrainingOptions(study: model)
    if let iterations { options.iterationLimit = iterations }
    if let forwardPasses { options.forwardPasses = forwardPasses }
    if let seed { options.treeSeed = seed }
    options.threads = threads
    options.solver = .preferred
    for (name, value) in [("iterations", iterations), ("forwardPasses", forwardPasses), ("threads", threads)] {
      guard let value, !(1...1_000_000).contains(value) else { continue }
      throw EngineFailure("\(name) must be from 1 to 1000000; \(value) was given.")
    }
    if model.configuration.policy.boundary != nil || model.configuration.policy.mode != .fresh {
      throw EngineFailure(
        "The case starts from a policy file (policy.boundary or policy.mode of config.json). Train it with cobre-worker "
          + "train, which reads such files.")
    }
    var iterationsDone: [Iteration] = []
    let trainer = try EngineFailure.translating {
      try Trainer(study: model, options: options, communicator: LocalCommunicator())
    }
    // An error that `observe` throws belongs to the caller and is passed on unchanged.
    var refusal: (any Error)?
    let result = try EngineFailure.translating {
      try trainer.train { report in
        let iteration = Iteration(report)
        iterationsDone.append(iteration)
        do {
          return try observe(iteration)
        } catch {
          refusal = error
          return false
        }
      }
    }
    if let refusal { throw refusal }
    return TrainedPolicy(
      study: self, options: options, stored: trainer.storedPolicy(withStarts: false), iterations: iterationsDone,
      stopReason: result.stopReason.rawValue)
  }
}

/// The results of one iteration of a training.
public struct Iteration: Sendable {
  /// From 1.
  public let iteration: Int
  /// No policy costs less in expectation, in $.
  ///
  /// Under a risk measure it bounds the risk-adjusted cost.
  public let lowerBound: Double
  /// Mean cost of the trajectories of this iteration, in $: an estimate from above for the expectation.
  public let upperBound: Double
  /// Half of the 95 % interval of that mean, in $; infinite with a single trajectory.
  public let upperBoundHalfWidth: Double
  /// Since training began, in s.
  public let elapsedSeconds: Double

  init(_ report: IterationReport) {
    iteration = report.iteration
    lowerBound = report.lowerBound
    upperBound = report.upperBound
    upperBoundHalfWidth = report.upperBoundHalfWidth
    elapsedSeconds = report.elapsedSeconds
  }
}

/// A trained policy: linear bounds (cuts) on the cost of the future after each stage.
public struct TrainedPolicy: Sendable {
  /// The cost of the future at one state.
  public struct FutureCost: Sendable {
    /// In $ of the end of that stage.
    public let cost: Double
    /// What one more hm³ in each reservoir saves, in $/hm³, by plant in order of ids.
    public let waterValues: [Double]
    /// How the cost changes with each component of the state, in $ per unit.
    public let slopes: [Double]
  }

  /// Costs of simulated scenarios.
  public struct SimulatedCosts: Sendable {
    /// Discounted total cost of each scenario, in $.
    public let costs: [Double]
    /// Their mean, in $.
    public let mean: Double
    /// Half of the 95 % interval of the mean, in $; infinite with a single scenario.
    public let halfWidth: Double
    /// Mean volume at the end of each stage in hm³: `[stage][plant]`.
    public let meanStorages: [[Double]]
  }

  /// The case it was trained on.
  public let study: Study
  /// The iterations of the training, empty for a policy that was loaded.
  public let iterations: [Iteration]
  /// Why training ended, such as `iteration_limit`.
  ///
  /// `loaded` for a policy that was loaded.
  public let stopReason: String
  let options: TrainingOptions
  let stored: StoredPolicy
  private let floors: LeastFutureCosts

  init(study: Study, options: TrainingOptions, stored: StoredPolicy, iterations: [Iteration], stopReason: String) {
    self.study = study
    self.options = options
    self.stored = stored
    self.iterations = iterations
    self.stopReason = stopReason
    floors = LeastFutureCosts(
      study: study.model, treeSeed: options.treeSeed, boundary: stored.policy.pools.last)
  }

  /// Loads a policy for a case, from what `save` or a run has written, or from a file of cuts in JSON.
  ///
  /// - Throws: `EngineFailure` if there is none, or it is damaged or belongs to another case.
  public init(contentsOf path: String, for study: Study) throws {
    var options = TrainingOptions(study: study.model)
    options.solver = .preferred
    let stored = try EngineFailure.translating {
      let tree = OpeningTree(study: study.model, seed: options.treeSeed)
      if let problem = tree.problem { throw problem }
      let groups = StageLPTemplate.all(
        study: study.model, tree: tree, formulation: options.cutFormulation, boundary: nil,
        takesSamples: false
      ).map(\.futureCount)
      return try PolicyFile.read(path).fitted(to: study.model, groups: groups, isStrict: true)
    }
    self.init(study: study, options: options, stored: stored, iterations: [], stopReason: "loaded")
  }

  /// The last lower bound in $, or nil for a policy that was loaded.
  public var lowerBound: Double? { iterations.last?.lowerBound }

  /// Number of cuts on the future after a stage.
  public func cutCount(afterStage stage: Int) -> Int {
    stored.policy.pools.indices.contains(stage) ? stored.policy.pools[stage].count : 0
  }

  /// The cost of the future after a stage.
  ///
  /// - Parameters:
  ///   - stage: from 0.
  ///   - state: as long as `Study.stateNames`, or nil for the initial state.
  /// - Returns: nil if nothing is known of that stage's future, or the state has another length.
  public func futureCost(afterStage stage: Int, at state: [Double]? = nil) -> FutureCost? {
    let state = state ?? study.initialState
    guard stored.policy.pools.indices.contains(stage), state.count == study.stateNames.count else { return nil }
    let probabilities = stored.probabilities.indices.contains(stage) ? stored.probabilities[stage] : [1]
    guard
      let value = study.model.futureValue(
        of: stored.policy.pools[stage], after: stage, at: state, probabilities: probabilities, floors: floors)
    else { return nil }
    return FutureCost(
      cost: value.cost, waterValues: value.slopes.prefix(study.model.hydros.count).map { -$0 }, slopes: value.slopes)
  }

  /// Simulates scenarios of the case's `simulation.scenario_source`.
  ///
  /// - Parameter scenarios: from 1 to 1,000,000.
  /// - Returns: the costs, the same for the same case and policy.
  /// - Throws: `EngineFailure` with a sentence.
  public func simulate(scenarios: Int) throws -> SimulatedCosts {
    guard (1...1_000_000).contains(scenarios) else {
      throw EngineFailure("scenarios must be from 1 to 1000000; \(scenarios) was given.")
    }
    let result = try EngineFailure.translating {
      try Simulator(
        study: study.model, policy: stored.policy, options: options, communicator: LocalCommunicator(),
        from: stored.checkpoint?.firstStarts ?? []
      ).run(scenarios: scenarios)
    }
    let means = result.meanStorages
    let statistics = result.statistics
    return SimulatedCosts(
      costs: result.costs, mean: statistics.mean, halfWidth: statistics.halfWidth,
      meanStorages: (0..<result.stages).map { Array(means[($0 * result.hydros)..<(($0 + 1) * result.hydros)]) })
  }

  /// Writes the policy into a directory, as a file that runs, the server and `init(contentsOf:for:)` read.
  ///
  /// - Parameter directory: created if it is missing.
  /// - Throws: `EngineFailure` if it cannot be written.
  public func save(to directory: String) throws {
    try EngineFailure.translating {
      try Disk.createDirectory(directory)
      try PolicyFile.write(stored, to: directory + "/" + PolicyFile.name)
    }
  }
}

/// Something the engine could not do, with a sentence that says what to do about it.
public struct EngineFailure: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  static func translating<T>(_ body: () throws -> T) throws(EngineFailure) -> T {
    do {
      return try body()
    } catch let failure as EngineFailure {
      throw failure
    } catch let error as RunError {
      throw EngineFailure(error.message)
    } catch {
      throw EngineFailure(String(describing: error))
    }
  }
}

extension Study.Finding {
  init(_ finding: CobreCase.Finding) {
    isError = finding.severity == .error
    rule = finding.code
    file = finding.file
    location = finding.location
    description = finding.description
  }
}
