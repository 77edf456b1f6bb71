internal import CobreBase

extension NovomodeloBuilder {
  func buildConfiguration() -> Configuration {
    let root = context.root(.config)
    let training = buildTraining(root["training"])
    return Configuration(
      inflowMethod: root["modeling"]["inflow_non_negativity"]["method"].choice(.truncationWithPenalty),
      training: training,
      estimation: EstimationSettings(root["estimation"]),
      upperBound: UpperBoundSettings(
        enabled: false, initialIteration: 1, intervalIterations: 1, lipschitzFallback: nil, lipschitzScale: 1),
      policy: buildPolicy(root["policy"]), simulation: buildSimulation(root["simulation"], training.scenarioSource),
      exports: ExportSettings(
        states: root["exports"]["states"].bool, stochastic: root["exports"]["stochastic"].bool))
  }

  private func buildTraining(_ node: Node) -> TrainingSettings {
    var settings = TrainingSettings(
      enabled: node["enabled"].bool, forwardPasses: node["selection"]["forward_passes"].optionalInt ?? 1,
      stoppingRules: node["stopping_rules"].elements.flatMap(buildRule),
      stoppingMode: node["stopping_mode"].choice(.any),
      treeSeed: node["tree_seed"].optionalInt.map(Int64.init), cutFormulation: .single,
      cutSelection: buildCutSelection(node["cut_selection"]),
      retryMaxAttempts: node["solver"]["retry_max_attempts"].int,
      retryTimeBudget: max(1, node["solver"]["retry_time_budget_seconds"].number),
      scenarioSource: ScenarioSource(node["scenario_source"]))
    settings.isLimitApart = true
    // All trajectories of an iteration walk with the cuts of those before it, so that its bounds are Novomodelo's.
    settings.passesTogether = .max
    settings.enumeratesPaths = node["selection"]["method"].text == "enumerated"
    return settings
  }

  /// A relative gap of Novomodelo is a percentage of the lower bound.
  private func buildRule(_ node: Node) -> [StoppingRule] {
    switch node["type"].text {
    case "time_limit": [.timeLimit(node["seconds"].number)]
    case "bound_stalling":
      [.boundStalling(iterations: node["iterations"].int, tolerance: node["tolerance"].number)]
    case "gap":
      [
        .exactGap(
          absolute: node["tolerance"].optionalNumber,
          relative: node["relative_tolerance"].optionalNumber.map { $0 / 100 })
      ]
    default: [.iterationLimit(node["limit"].int)]
    }
  }

  /// Cuts that own no stored trial state are what domination drops, too.
  ///
  /// Lazy rows need no counterpart, as they change the way to the same optimum only.
  private func buildCutSelection(_ node: Node) -> CutSelectionSettings {
    let isSelecting = node["selection"]["method"].text == "level1"
    return CutSelectionSettings(
      enabled: isSelecting, method: isSelecting ? .domination : nil, threshold: 0, memoryWindow: 0,
      dominationEpsilon: 0,
      checkFrequency: node["selection"]["check_frequency"].optionalInt ?? 5,
      activityTolerance: node["row_activity_tolerance"].number,
      maxActivePerStage: node["max_active_per_stage"].optionalInt.map { max(1, $0) },
      capsFirstStage: false)
  }

  private func buildPolicy(_ node: Node) -> PolicySettings {
    let checkpointing = node["checkpointing"]
    let boundary = node["boundary"]
    var settings = PolicySettings(
      path: node["path"].text, mode: node["mode"].choice(.fresh), validateCompatibility: true,
      boundary: boundary.exists
        ? PolicySettings.Boundary(path: boundary["path"].text, isBesideCase: true, isStrict: boundary["strict"].bool)
        : nil,
      checkpointing: PolicySettings.Checkpointing(
        enabled: checkpointing["enabled"].bool,
        initialIteration: checkpointing["initial_iteration"].optionalInt.map { max(1, $0) },
        intervalIterations: checkpointing["interval_iterations"].optionalInt, storeBasis: false, compress: false))
    settings.matchesByDate = true
    return settings
  }

  private func buildSimulation(_ node: Node, _ training: ScenarioSource) -> SimulationSettings {
    let isEnumerated = node["selection"]["method"].text == "enumerated"
    var settings = SimulationSettings(
      enabled: node["enabled"].bool,
      scenarios: isEnumerated ? 1 : node["selection"]["num_scenarios"].optionalInt ?? 2000, policyType: .outer,
      scenarioSource: node["scenario_source"].exists ? ScenarioSource(node["scenario_source"]) : training)
    settings.enumeratesPaths = isEnumerated
    if isEnumerated { settings.scenarios = NovomodeloNodes(context).pathCount }
    return settings
  }
}
