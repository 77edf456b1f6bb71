extension StudyCase {
  /// Why the penalties of a case do not bound how fast its costs change with the state, or nil if they do.
  ///
  /// The deterministic upper bound then needs a slope from the user (`Mathematics.md`, 4.6).
  ///
  /// - Parameter process: the inflow process of this case.
  /// - Returns: the beginning of a sentence.
  package func slopeObstacle(_ process: InflowProcess) -> String? {
    if !conventions.penaltiesBoundSlopes { return "the case follows rules under which penalties bound other things" }
    if !priceProcesses.isEmpty { return "costs are not convex in the prices of the case" }
    for stage in stages.indices {
      for hydro in hydros.indices where exists(stage: stage, hydro: hydro) {
        if !configuration.inflowMethod.hasSlack, limits(stage: stage, hydro: hydro).minStorage > 0 {
          return "hydro \(hydros[hydro].id) has a hard minimum storage without the inflow method 'penalty'"
        }
        if !rainGrowth(stage: stage, hydro: hydro).isFinite {
          return "rain on the surface of hydro \(hydros[hydro].id) adds more water than the surface needs to grow"
        }
      }
      for pump in pumpingStations.indices where exists(stage: stage, pump: pump) {
        if limits(stage: stage, pump: pump).minFlow > 0 {
          return "pumping station \(pumpingStations[pump].id) has a hard minimum"
        }
      }
    }
    if let constraint = genericConstraints.first(where: { $0.slackPenalty == nil }) {
      return "generic constraint \(constraint.id) has no slack"
    }
    if process.layout.hasLags, process.truncates { return "inflows with a memory are truncated at 0" }
    if !LagWater(study: self, process: process).fades { return "what inflows remember does not fade round the cycle" }
    return nil
  }

  /// What becomes of an hm³ by the rain on the surface that it adds: (1 + a)/(1 − a) with a half the slope of the rain;
  /// infinite where that has no end.
  package func rainGrowth(stage: Int, hydro: Int) -> Double {
    guard let line = evaporation(stage: stage, hydro: hydro), line.isRain else { return 1 }
    let half = -line.slope * 0.0036 * stages[stage].hours / 2
    return half < 1 ? (1 + half) / (1 - half) : .infinity
  }
}

extension UpperBoundSettings {
  /// What to say where penalties do not bound the slopes and no slope is given.
  package static func missingFallback(_ obstacle: String) -> String {
    "The deterministic upper bound needs upper_bound_evaluation.lipschitz.fallback_value: \(obstacle), so that the "
      + "penalties of the case do not bound how fast costs change with the state."
  }
}
