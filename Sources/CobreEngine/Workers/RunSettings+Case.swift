extension RunSettings {
  /// What a request comes to on a case: its own options first, then those of `config.json`.
  init(_ request: RunRequest, configuration: Configuration) {
    self.init(
      iterations: request.iterations ?? configuration.training.iterationLimit ?? 1,
      forwardPasses: request.forwardPasses ?? configuration.training.forwardPasses,
      timeLimitSeconds: request.timeLimitSeconds ?? configuration.training.timeLimit, seed: request.seed,
      simulateScenarios: request.simulateScenarios
        ?? (configuration.simulation.enabled ? configuration.simulation.scenarios : 0),
      restarts: request.restarts ?? 2, simulationDetail: request.simulationDetail,
      targetGap: request.targetGap, threadsPerWorker: request.threadsPerWorker)
  }
}
