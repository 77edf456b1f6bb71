extension MeaningChecks {
  /// Numbers of 8 bytes that one table of a run may hold: 2 GB.
  private static let largestRun = 250_000_000
  /// Largest lag order that is tried.
  static let largestOrder = 120

  /// Rule 112 on what a run makes of a case: counts that no memory holds are refused before anything is drawn.
  mutating func checkRunSizes() {
    let values = study.hydros.count + study.buses.count + study.sources.count + study.noiseDimension
    var openings = 0
    for (index, stage) in study.stages.enumerated() {
      openings += stage.openings
      guard isTooLarge(openings, max(1, values)) else { continue }
      collector.report(
        112, file: .stages, at: context.stages.path(index, "num_scenarios"), entity: context.stages.entity(index),
        value: String(stage.openings),
        "The openings up to this stage, \(openings), times \(values) values each do not fit into memory.",
        suggestion: "Lower num_scenarios; some tens of openings are usual.")
      break
    }
    checkDistances()
    let training = study.configuration.training
    if isTooLarge(training.forwardPasses, study.stages.count * (study.hydros.count + 1)) {
      collector.report(
        112, file: .config, at: "training.forward_passes", value: String(training.forwardPasses),
        "The trial states of that many passes over \(study.stages.count) stages do not fit into memory.",
        suggestion: "Lower forward_passes; some hundreds are usual.")
    }
    if training.trialRegion != nil, let obstacle = study.trialRegionObstacle {
      collector.report(
        223, file: .config, at: "training.trial_region", "\"trial_region\" has no effect, since \(obstacle).",
        suggestion: "Remove the key.")
    }
    checkEstimationSize()
    checkReplications()
    let simulation = study.configuration.simulation
    if simulation.enabled, isTooLarge(simulation.scenarios, 4) {
      collector.report(
        112, file: .config, at: "simulation.num_scenarios", value: String(simulation.scenarios),
        "The results of that many scenarios do not fit into memory.",
        suggestion: "Lower num_scenarios; some thousands are usual.")
    }
  }

  /// Wasserstein measures keep the distances between all pairs of outcomes.
  private mutating func checkDistances() {
    var pairs = 0
    for (index, stage) in study.stages.enumerated() where stage.riskMeasure.usesDistances {
      let following = study.graph.successors(of: index).reduce(0) { $0 + study.stages[$1.stage].openings }
      let outcomes = max(following, index == 0 ? stage.openings : 0)
      pairs += outcomes <= RiskMeasure.mostWassersteinOutcomes ? outcomes * outcomes : 0
      // Two tables of a stage: a neighbour and its distance for each pair.
      guard outcomes > RiskMeasure.mostWassersteinOutcomes || isTooLarge(pairs, 2) else { continue }
      collector.report(
        112, file: .stages, at: context.stages.path(index, "risk_measure"), entity: context.stages.entity(index),
        value: "\(outcomes) outcomes",
        "A Wasserstein measure keeps the distances of all pairs of outcomes: \(RiskMeasure.mostWassersteinOutcomes) "
          + "outcomes at a stage, \(MeaningChecks.largestRun / 2) pairs in all at most.",
        suggestion: "Use fewer openings, or modified_chi_squared, which keeps no distances.")
      break
    }
  }

  /// The work of selecting an order grows with its fourth power.
  private mutating func checkEstimationSize() {
    let order = study.configuration.estimation.maxOrder
    guard case .estimated(_, true) = study.inflowModelSource, order > MeaningChecks.largestOrder else { return }
    collector.report(
      112, file: .config, at: "estimation.max_order", value: String(order),
      "Orders are tried up to \(MeaningChecks.largestOrder) at most.", suggestion: "Lower max_order; 6 is usual.")
  }

  private mutating func checkReplications() {
    for (index, rule) in study.configuration.training.stoppingRules.enumerated() {
      guard let replications = (rule.condition as? any ConvergenceCondition)?.replications,
        isTooLarge(replications, study.stages.count)
      else { continue }
      collector.report(
        112, file: .config, at: "training.stopping_rules[\(index)].replications", value: String(replications),
        "The costs of that many trajectories do not fit into memory.",
        suggestion: "Lower replications; some hundreds are usual.")
    }
  }

  private func isTooLarge(_ count: Int, _ values: Int) -> Bool {
    let (size, overflow) = count.multipliedReportingOverflow(by: values)
    return overflow || size > MeaningChecks.largestRun
  }
}
