extension MeaningChecks {
  /// Rules 565 and 566.
  mutating func checkPrices() {
    guard !study.priceProcesses.isEmpty else { return }
    let used = Set(study.contracts.compactMap(\.priceProcess))
    let registry = context.registry(.priceProcess)
    for process in study.priceProcesses.indices where !used.contains(process) {
      collector.report(
        566, file: registry.file, at: registry.path(process), entity: registry.entity(process),
        "No contract has price process \(study.priceProcesses[process].id).",
        suggestion: "Name it as price_process_id of a contract, or remove it.")
    }
    let settings = study.configuration
    if study.graph.kind == .cyclic {
      refuse("policy_graph.type", file: .stages, "cyclic", "an infinite horizon", "Set it to \"finite_horizon\".")
    }
    if settings.training.cutFormulation == .multi {
      refuse("training.cut_formulation", "multi", "cuts for each opening", "Set it to \"single\".")
    }
    if settings.training.cutSelection.enabled, settings.training.cutSelection.method == .domination {
      refuse(
        "training.cut_selection.method", "domination", "selection of cuts by their values at states",
        "Set it to \"level1\" or \"lml1\".")
    }
    if settings.upperBound.enabled {
      refuse("upper_bound_evaluation.enabled", "true", "a deterministic upper bound", "Set it to false.")
    }
    if settings.simulation.policyType == .inner {
      refuse("simulation.policy_type", "inner", "inner policy", "Set it to \"outer\".")
    }
    if settings.policy.boundary != nil {
      refuse("policy.boundary", nil, "cuts after the last stage", "Remove it.")
    }
  }

  private mutating func refuse(
    _ path: String, file: CaseFileName = .config, _ value: String?, _ what: String, _ suggestion: String
  ) {
    collector.report(
      565, file: file, at: path, value: value,
      "A case with price processes has no \(what): its future cost is concave in prices.",
      suggestion: suggestion)
  }
}
