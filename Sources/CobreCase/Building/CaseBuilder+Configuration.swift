internal import CobreBase

extension CaseBuilder {
  func buildConfiguration() -> Configuration {
    let root = context.root(.config)
    let training = buildTraining(root["training"])
    let bound = root["upper_bound_evaluation"]
    return Configuration(
      inflowMethod: root["modeling"]["inflow_non_negativity"]["method"].choice(.penalty), training: training,
      estimation: EstimationSettings(root["estimation"]),
      upperBound: UpperBoundSettings(
        enabled: bound["enabled"].bool, initialIteration: bound["initial_iteration"].int,
        intervalIterations: bound["interval_iterations"].int,
        lipschitzFallback: bound["lipschitz"]["fallback_value"].optionalNumber,
        lipschitzScale: bound["lipschitz"]["scale_factor"].number),
      policy: buildPolicy(root["policy"]), simulation: buildSimulation(root["simulation"], training.scenarioSource),
      exports: ExportSettings(
        states: root["exports"]["states"].bool, stochastic: root["exports"]["stochastic"].bool))
  }

  private func buildTraining(_ node: Node) -> TrainingSettings {
    var settings = TrainingSettings(
      enabled: node["enabled"].bool, forwardPasses: node["forward_passes"].int,
      stoppingRules: node["stopping_rules"].elements.compactMap(StoppingRule.init),
      stoppingMode: node["stopping_mode"].choice(.any),
      treeSeed: node["tree_seed"].optionalInt.map(Int64.init), cutFormulation: node["cut_formulation"].choice(.single),
      cutSelection: buildCutSelection(node["cut_selection"]),
      retryMaxAttempts: node["solver"]["retry_max_attempts"].int,
      retryTimeBudget: node["solver"]["retry_time_budget_seconds"].number,
      scenarioSource: ScenarioSource(node["scenario_source"]))
    settings.passesTogether = node["passes_together"].optionalInt
    settings.trialRegion = node["trial_region"].optionalNumber
    return settings
  }

  private func buildCutSelection(_ node: Node) -> CutSelectionSettings {
    let threshold = node["threshold"].optionalInt ?? 0
    return CutSelectionSettings(
      enabled: node["enabled"].bool,
      method: node["method"].optionalText.flatMap(CutSelectionSettings.Method.init(rawValue:)), threshold: threshold,
      memoryWindow: node["memory_window"].optionalInt ?? threshold,
      dominationEpsilon: node["domination_epsilon"].optionalNumber ?? Double(threshold),
      checkFrequency: node["check_frequency"].int, activityTolerance: node["cut_activity_tolerance"].number,
      maxActivePerStage: node["max_active_per_stage"].optionalInt)
  }

  private func buildPolicy(_ node: Node) -> PolicySettings {
    let checkpointing = node["checkpointing"]
    return PolicySettings(
      path: node["path"].text, mode: node["mode"].choice(.fresh),
      validateCompatibility: node["validate_compatibility"].bool,
      boundary: node["boundary"].exists
        ? PolicySettings.Boundary(
          path: node["boundary"]["path"].text, sourceStage: node["boundary"]["source_stage"].int) : nil,
      checkpointing: PolicySettings.Checkpointing(
        enabled: checkpointing["enabled"].bool, initialIteration: checkpointing["initial_iteration"].optionalInt,
        intervalIterations: checkpointing["interval_iterations"].optionalInt,
        storeBasis: checkpointing["store_basis"].bool, compress: checkpointing["compress"].bool))
  }

  private func buildSimulation(_ node: Node, _ training: ScenarioSource) -> SimulationSettings {
    SimulationSettings(
      enabled: node["enabled"].bool, scenarios: node["num_scenarios"].int,
      policyType: node["policy_type"].choice(.outer),
      scenarioSource: node["scenario_source"].exists ? ScenarioSource(node["scenario_source"]) : training)
  }
}
