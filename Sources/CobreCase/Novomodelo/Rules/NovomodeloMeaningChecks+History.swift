extension NovomodeloMeaningChecks {
  /// Rules 112, 420 and 531 to 534 on inflow models that are estimated.
  mutating func checkEstimation() {
    guard case .estimated(_, let takesCoefficients) = study.inflowModelSource else { return }
    let order = study.configuration.estimation.maxOrder
    if takesCoefficients, order > MeaningChecks.largestOrder {
      report(
        112, .config, "estimation.max_order", value: String(order),
        "Orders are tried up to \(MeaningChecks.largestOrder) at most.", "Lower max_order; 6 is usual.")
    }
    if study.seasons == nil {
      report(
        420, .stages, "season_definitions", "Estimating the inflow model needs season_definitions.",
        "Add season_definitions.")
    }
    let observed = Set(study.inflowHistory.map(\.hydro))
    for hydro in study.hydros.indices where !observed.contains(hydro) {
      report(
        420, .inflowHistory, "", entity: hydros.entity(hydro),
        "Hydro \(study.hydros[hydro].id) has no observation.", "Add its history.")
    }
    let inStudy = Set(study.stages.compactMap(\.seasonID))
    let unknown = (study.seasons?.seasons ?? []).filter { !inStudy.contains($0.id) }
    if study.configuration.estimation.orderSelection == .pacfAnnual, unknown.count > order {
      report(
        626, .config, "estimation.order_selection", value: "pacf_annual",
        "The study covers part of the year only. Novomodelo then takes the missing monthly means of the annual component "
          + "as 0; Cobre takes them from the history.")
    }
    ObservationChecks.check(study, hydros, file: NovomodeloFile.inflowHistory.path, &collector)
  }

  /// Rule 552, for models that can be built.
  mutating func checkTruncation() {
    let method = study.configuration.inflowMethod
    guard method.truncates, !collector.hasErrors, !study.stages.isEmpty,
      study.inflowModelSource != .none, study.inflowModelSource != .openings,
      given.resolved().inflowFacts().hasHeuristicBounds
    else { return }
    report(
      552, .config, "modeling.inflow_non_negativity.method", value: method.rawValue,
      "Inflows with lags are truncated at 0, so the bounds are heuristic: the lower bound may lie above the true cost and "
        + "the deterministic upper bound below it.",
      "Use \"penalty\" or \"none\" where bounds or gaps matter; judge this policy by simulation.")
  }

  /// Rules 420, 567, 628 and 629: the noise that the case asks for can be drawn.
  mutating func checkNoise() {
    guard !collector.hasErrors, !study.stages.isEmpty else { return }
    for gap in LagGaps(study: study).messages(study) {
      report(
        567, gap.isAnnual ? .inflowAnnualComponent : .inflowARCoefficients, "", entity: hydros.entity(gap.place.hydro),
        value: "lag \(gap.place.lag)", gap.message,
        "Give inflow_seasonal_stats of that period, if need be for a pre-study stage of its season.")
    }
    let faults = given.noiseFaults()
    for fault in faults.coefficients {
      report(
        628, .inflowARCoefficients, "", fault, "Lower the coefficients; as correlations they stay within −1 and 1.")
    }
    if let gap = faults.past { report(629, .initialConditions, "recent_observations", gap) }
    if let lack = faults.windows { report(420, .inflowHistory, "", lack) }
  }
}
