internal import CobreCase
internal import CobreEngine

extension RunSettings {
  /// The settings of a request on a case: its own options first, then the options of `config.json`.
  init(_ request: RunRequest, configuration: Configuration) {
    self.init(
      iterations: request.iterations ?? configuration.training.iterationLimit ?? 1,
      forwardPasses: request.forwardPasses ?? configuration.training.forwardPasses,
      timeLimitSeconds: request.timeLimitSeconds ?? configuration.training.timeLimit, seed: request.seed,
      simulateScenarios: request.simulateScenarios
        ?? (configuration.simulation.enabled ? configuration.simulation.scenarios : 0),
      restarts: request.restarts ?? 2, simulationDetail: request.simulationDetail,
      targetGap: request.targetGap, threadsPerWorker: request.threadsPerWorker, solver: try? request.library,
      statisticalGap: request.statisticalGap)
    take(request, before: nil)
  }

  /// Takes over the options on training that act by their declaration alone: those of the request, then those of the
  /// run that it goes on from.
  mutating func take(_ request: RunRequest, before: RunSettings?) {
    var values = OptionValues()
    for option in RunOption.all {
      guard case .training = option.effect else { continue }
      values[option.name] = option.get(request) ?? before?.values?[option.name]
    }
    self.values = values == OptionValues() ? nil : values
  }

  /// The case as this run computes it: a policy that is only simulated replaces the training.
  func adapted(_ study: StudyCase) -> StudyCase {
    guard let policy else { return study }
    var study = study
    study.configuration.training.enabled = false
    study.configuration.policy.path = policy.path
    study.configuration.policy.mode = .fresh
    study.configuration.policy.validateCompatibility = true
    study.configuration.simulation.enabled = true
    study.configuration.simulation.scenarioSource = scenarioSource(study)
    return study
  }

  /// The scenarios of the simulation.
  private func scenarioSource(_ study: StudyCase) -> ScenarioSource {
    var source = study.configuration.simulation.scenarioSource
    if let scheme = policy?.scheme {
      source.inflow = scheme
      // Past years give only inflows, and tables of scenarios only the classes that they exist for.
      let others: ScenarioSource.Scheme = scheme == .historical || scheme == .external ? .inSample : scheme
      source.load = scheme == .external && study.externalLoads != nil ? .external : others
      source.ncs = scheme == .external && study.externalAvailabilities != nil ? .external : others
      if scheme == .external && study.externalInflows == nil { source.inflow = .inSample }
    }
    if let seed = policy?.seed { source.seed = seed }
    return source
  }
}
