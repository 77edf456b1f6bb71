internal import CobreBase

extension MeaningChecks {
  /// Whether the inflow model can be built.
  ///
  /// After other errors it could have any size.
  private var canEstimate: Bool { !collector.hasErrors }

  /// Rule 703.
  mutating func checkDiversions() {
    guard study.conventions.countsDiversionAsOutflow else { return }
    let registry = context.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() where (hydro.diversion?.maxFlow ?? 0) > 0 {
      let least = study.stages.indices.map { study.limits(stage: $0, hydro: index).minOutflow }.max() ?? 0
      guard least > 0 else { continue }
      collector.report(
        703, file: .hydros, at: registry.path(index, "diversion"), entity: registry.entity(index),
        value: "\(least) m³/s", "Diverted water counts in the minimum outflow of hydro \(hydro.id).")
    }
  }

  /// Rules 223 (fitting), 419 (estimated models), 551 to 553, 567, 568, 701 and 702.
  mutating func checkInflowRecursion() {
    // Uses the original file: in the resolved document the defaults are filled in.
    if case .estimated(_, true) = study.inflowModelSource, context.documents.json[.config]?["estimation"] == nil {
      collector.report(
        702, file: .config, at: "estimation", value: "max_order \(study.configuration.estimation.maxOrder)",
        "The inflow model is estimated with default settings.")
    }
    checkIdleEstimation()
    checkUpperBound()
    guard canEstimate, !study.stages.isEmpty, study.inflowModelSource != .none, study.inflowModelSource != .openings
    else { return }
    let resolved = given.resolved()
    let facts = resolved.inflowFacts()
    if case .estimated(_, true) = study.inflowModelSource { checkEstimate(resolved) }
    if facts.hasHeuristicBounds {
      collector.report(
        552, file: .config, at: "modeling.inflow_non_negativity.method",
        value: study.configuration.inflowMethod.rawValue,
        "Inflows with lags are truncated at 0, so the bounds are heuristic: the lower bound may lie above the true cost and "
          + "the deterministic upper bound below it.",
        suggestion: "Use \"penalty\" or \"none\" where bounds or gaps matter; judge this policy by simulation.")
    }
    checkVirtualInflow(resolved)
    checkLagStatistics()
  }

  /// Rule 567, once for each kind.
  private mutating func checkLagStatistics() {
    for gap in LagGaps(study: study).messages(study) {
      collector.report(
        567, file: gap.isAnnual ? .inflowAnnualComponent : .inflowARCoefficients,
        entity: context.registry(.hydro).entity(gap.place.hydro), value: "lag \(gap.place.lag)", gap.message,
        suggestion: "Give inflow_seasonal_stats of that period, if need be for a pre-study stage of its season.")
    }
  }

  /// Rule 568: found here, since it would end the run after its training else.
  private mutating func checkUpperBound() {
    let settings = study.configuration
    let simulatesVertices =
      settings.simulation.policyType == .inner && settings.simulation.enabled && settings.simulation.scenarios > 0
    let isEvaluated = settings.training.enabled && settings.upperBound.enabled || simulatesVertices
    guard canEstimate, isEvaluated, settings.upperBound.lipschitzFallback == nil, !study.stages.isEmpty else { return }
    let resolved = given.resolved()
    guard let obstacle = resolved.slopeObstacle(InflowProcess(study: resolved)) else { return }
    collector.report(
      568, file: .config, at: "upper_bound_evaluation.lipschitz.fallback_value",
      UpperBoundSettings.missingFallback(obstacle),
      suggestion: "Give the steepest change of the cost with any component of the state, in $ per unit, "
        + (settings.upperBound.enabled
          ? "or set upper_bound_evaluation.enabled to false." : "or set simulation.policy_type to \"outer\"."))
  }

  /// Rule 223 for a section of fitting where nothing is fitted.
  private mutating func checkIdleEstimation() {
    if case .estimated = study.inflowModelSource { return }
    guard let given = context.documents.json[.config]?["estimation"]?.object, let key = given.keys.first else { return }
    collector.report(
      223, file: .config, at: "estimation.\(key)", value: given[key]?.text().printable(limit: 60),
      "The section estimation has no effect, since the case gives its inflow model or its openings.",
      suggestion: "Remove the section, or the tables in place of which the model should be fitted to the history.")
  }

  private mutating func checkEstimate(_ resolved: StudyCase) {
    let facts = resolved.inflowFacts()
    let registry = context.registry(.hydro)
    checkOrders(resolved)
    checkDeviations(resolved)
    for hydro in study.hydros.indices where facts.lagCounts[hydro] > 0 {
      let needed = facts.lagCounts[hydro]
      let id = study.hydros[hydro].id
      let known = resolved.initialConditions.pastInflows.first { $0.hydro == hydro }?.values.count ?? 0
      let start = resolved.inflowStarts.first { $0.hydro == hydro }
      if known < needed {
        let missing = facts.firstDay(ofLag: known + 1)
        collector.report(
          419, .error, file: .initialConditions, at: "past_inflows", entity: registry.entity(hydro),
          value: "\(known) values",
          "The inflow model of hydro \(id) has \(needed) lag\(needed == 1 ? "" : "s"), of which "
            + (start == nil ? "past_inflows gives" : "the history gives") + " \(known)"
            + (missing.map { "; that from \($0) is the first one missing." } ?? "."),
          suggestion:
            "Give \(needed) values in past_inflows, most recent first, or a history that reaches the start of the study."
        )
      } else if let start {
        collector.report(
          701, file: .inflowHistory, entity: registry.entity(hydro),
          value: start.values.prefix(3).map { "\(($0 * 1000).rounded() / 1000)" }.joined(separator: ", "),
          "Hydro \(id) starts with the last observations of its history: \(start.dates).",
          suggestion: "Give past_inflows to start from other values.")
      }
    }
  }

  /// Rule 526 for fitted moments, once for each plant.
  private mutating func checkDeviations(_ resolved: StudyCase) {
    let registry = context.registry(.hydro)
    for hydro in study.hydros.indices {
      let stages = study.stages.indices.filter {
        study.exists(stage: $0, hydro: hydro) && resolved.inflowStatistics(stage: $0, hydro: hydro).deviation == 0
      }
      guard let first = stages.first else { continue }
      collector.report(
        526, file: .inflowHistory, entity: registry.entity(hydro), value: "stage \(study.stages[first].id)",
        "The inflow of hydro \(registry.ids[hydro]) is deterministic in \(stages.count) stage(s): its observations of their "
          + "seasons are equal.",
        suggestion: "Give a history that varies, or take it as known.")
    }
  }

  /// Rule 551, once for each plant.
  private mutating func checkOrders(_ resolved: StudyCase) {
    let most = study.configuration.estimation.maxOrder
    for (hydro, limited) in resolved.limitedOrders().enumerated() {
      guard let worst = limited.min(by: { ($0.order, $0.season) < ($1.order, $1.season) }) else { continue }
      collector.report(
        551, file: .inflowHistory, entity: context.registry(.hydro).entity(hydro), value: "order \(worst.order)",
        "The observations of hydro \(study.hydros[hydro].id) in season \(worst.season)"
          + (limited.count > 1 ? " and \(limited.count - 1) others" : "")
          + " carry no order above \(worst.order), below the max_order of \(most).",
        suggestion: "Give a longer history, or lower estimation.max_order.")
    }
  }

  /// Rule 553, once for each plant.
  private mutating func checkVirtualInflow(_ resolved: StudyCase) {
    guard study.configuration.inflowMethod == .penalty, study.conventions.limitsVirtualInflow else { return }
    let registry = context.registry(.hydro)
    let study = study
    let facts = resolved.inflowFacts()
    let deficit = study.busDeficitSegments.flatMap { $0.map(\.cost) }.max() ?? 0
    for hydro in study.hydros.indices {
      var plants: [Int] = []
      var next: Int? = hydro
      while let plant = next, !plants.contains(plant) {
        plants.append(plant)
        next = study.hydros[plant].downstream
      }
      let found = study.stages.indices.lazy.compactMap {
        stage -> (stage: Int, productivity: Double, price: Double)? in
        guard facts.hasLags(stage: stage, hydro: hydro) else { return nil }
        let productivity = plants.reduce(0) { $0 + study.production(stage: stage, hydro: $1).productivity }
        let price = study.costs(stage: stage, hydro: hydro).inflowNonnegativity
        return deficit * productivity > price ? (stage, productivity, price) : nil
      }.first
      guard let found else { continue }
      collector.report(
        553, file: .penalties, at: "hydro.inflow_nonnegativity_cost", entity: registry.entity(hydro),
        value: String(found.price),
        "Virtual inflow of hydro \(study.hydros[hydro].id) pays in stage \(found.stage): a deficit at \(deficit) $/MWh times "
          + "\(found.productivity) MW per m³/s down the cascade exceeds its price of \(found.price) $/(m³/s·h).",
        suggestion: "Raise inflow_nonnegativity_cost above \(deficit * found.productivity).")
    }
  }
}
