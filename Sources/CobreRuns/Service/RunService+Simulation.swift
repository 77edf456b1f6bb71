internal import CobreBase
package import CobreCase
package import CobreCommunication
internal import CobreEngine
internal import Foundation

/// What a caller asks of a simulation of a policy that another run has made.
package struct SimulationRequest: Sendable, Equatable {
  /// The run that made the policy.
  package var policyRun: String
  /// Scenarios, at least 1.
  package var scenarios: Int
  /// Directory of the case.
  ///
  /// `nil` for the case of the run.
  package var caseDirectory: String?
  package var scheme: ScenarioSource.Scheme?
  package var seed: Int64?
  package var detail: SimulationDetail?
  package var backend: RequestedBackend
  package var workers: Int?
  package var threadsPerWorker: Int?
  package var runName: String?
  /// Edits of the case for this simulation alone; `nil` for those of the run, where the case is that of the run.
  package var caseEdits: String?
  /// Options that act by their declaration alone, for this simulation; `nil` for none.
  package var values: OptionValues?

  package init(
    policyRun: String, scenarios: Int, caseDirectory: String? = nil, scheme: ScenarioSource.Scheme? = nil,
    seed: Int64? = nil, detail: SimulationDetail? = nil, backend: RequestedBackend = .auto, workers: Int? = nil,
    threadsPerWorker: Int? = nil, runName: String? = nil, caseEdits: String? = nil
  ) {
    self.caseEdits = caseEdits
    self.policyRun = policyRun
    self.scenarios = scenarios
    self.caseDirectory = caseDirectory
    self.scheme = scheme
    self.seed = seed
    self.detail = detail
    self.backend = backend
    self.workers = workers
    self.threadsPerWorker = threadsPerWorker
    self.runName = runName
  }

  /// A request with the options of a run.
  package init(policyRun: String, scenarios: Int, caseDirectory: String?, options: RunRequest) {
    self.init(
      policyRun: policyRun, scenarios: scenarios, caseDirectory: caseDirectory, scheme: options.scenarioScheme,
      seed: options.scenarioSeed, detail: options.simulationDetail, backend: options.backend, workers: options.workers,
      threadsPerWorker: options.threadsPerWorker, runName: options.runName,
      caseEdits: options.caseEdits)
    values = options.values
  }
}

extension RunService {
  /// Starts a run that simulates the policy of another one (see `start`).
  ///
  /// The opening tree is the other run's, whatever the seed of the scenarios.
  package func simulate(
    _ asked: SimulationRequest, beforeChange: () throws -> Void = {}
  ) throws -> (snapshot: RunSnapshot, created: Bool) {
    let policyRun = try identify(asked.policyRun)
    let source = try manifest(runID: policyRun)
    guard asked.scenarios >= 1 else {
      throw RunError(.invalidRequest, "`scenarios` must be at least 1; \(asked.scenarios) was given.")
    }
    var request = RunRequest(
      caseDirectory: asked.caseDirectory ?? source.request.caseDirectory, backend: asked.backend,
      workers: asked.workers, seed: source.settings.seed, simulateScenarios: asked.scenarios,
      runName: asked.runName, simulationDetail: asked.detail, threadsPerWorker: asked.threadsPerWorker,
      policyRun: policyRun, scenarioScheme: asked.scheme, scenarioSeed: asked.seed,
      caseEdits: asked.caseEdits ?? (asked.caseDirectory == nil ? source.caseEdits : nil))
    request.values = asked.values
    return try start(request, beforeChange: beforeChange)
  }

  /// The policy that a request names, once it is known to exist and to fit the case.
  func simulatedPolicy(of runID: String, for request: RunRequest, _ input: CaseInput) throws -> SimulatedPolicy {
    try Self.simulatedPolicy(in: required(runID), for: request, input)
  }

  /// The policy of the run in a directory, once it is known to be there and to fit the case.
  static func simulatedPolicy(
    in directory: RunDirectory, for request: RunRequest, _ input: CaseInput
  ) throws -> SimulatedPolicy {
    let manifest = try RunManifest.read(from: directory.manifestPath)
    let runID = manifest.runID
    if let earlier = manifest.settings.policy {
      throw RunError(
        .invalidRequest,
        "Run \(runID) has no policy of its own: it simulates that of run \(earlier.run). Name that run.")
    }
    let path = try policyFile(runID, directory, manifest, input)
    if manifest.caseHash != input.hash.text {
      let names = try PolicyFile.read(path).stateNames
      guard Set(names) == Set(input.study.stateNames) else {
        throw RunError(
          .invalidRequest,
          "The policy of run \(runID) is one of other reservoirs or inflow lags than the case has. Use the case it was "
            + "trained on, or train a policy for this one.")
      }
    }
    try checkVertices(path, runID, input.study)
    try checkScenarios(request.scenarioScheme, input.study)
    return SimulatedPolicy(run: runID, path: path, scheme: request.scenarioScheme, seed: request.scenarioSeed)
  }

  /// Refuses an inner policy for which no states have been kept, before any process is started.
  private static func checkVertices(_ path: String, _ runID: String, _ study: StudyCase) throws {
    guard study.configuration.simulation.policyType == .inner, !study.stateNames.isEmpty else { return }
    guard try PolicyFile.read(path).states.allSatisfy(\.isEmpty) else { return }
    throw RunError(
      .invalidRequest,
      "The case asks for the inner policy (simulation.policy_type), and run \(runID) has kept no visited states to make it of. "
        + "Train with exports.states or upper_bound_evaluation, or set simulation.policy_type to \"outer\".")
  }

  private static func policyFile(
    _ runID: String, _ directory: RunDirectory, _ manifest: RunManifest, _ input: CaseInput
  ) throws -> String {
    let state = try RunSnapshot.read(directory, logLines: 0).state
    guard state.isFinal else {
      throw RunError(
        .wrongState,
        "Run \(runID) is \(state.rawValue): its policy is there when it has ended. Wait for its end, then try again.")
    }
    let wanted = PolicyExchange.output(input.study.configuration.policy, directory).path
    let candidates = [wanted, directory.path + "/policy"].map { $0 + "/" + PolicyFile.name }
    guard let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw RunError(
        .wrongState,
        "Run \(runID) is \(state.rawValue) and has left no policy. Call resume to let it go on to its end, then try again."
      )
    }
    return path
  }

  /// Refuses scenarios that the case has no data for, before any process is started.
  private static func checkScenarios(_ scheme: ScenarioSource.Scheme?, _ study: StudyCase) throws {
    switch scheme {
    case .external:
      guard study.externalInflows == nil, study.externalLoads == nil, study.externalAvailabilities == nil else {
        return
      }
      throw RunError(
        .invalidRequest,
        "`scheme` external needs tables of scenarios, and the case has none: see get_schema for external_*.csv. Choose "
          + "in_sample or out_of_sample.")
    case .historical:
      do {
        let years = study.configuration.simulation.scenarioSource.historicalYears
        _ = try HistoricalReplay(study: study, process: InflowProcess(study: study), selection: years)
      } catch {
        throw RunError(
          .invalidRequest,
          "`scheme` historical needs past inflows over the whole study, and the case has no such year. Choose in_sample "
            + "or out_of_sample.")
      }
    case .inSample, .outOfSample, nil: return
    }
  }
}
