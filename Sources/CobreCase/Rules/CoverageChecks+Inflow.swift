internal import CobreBase

extension CoverageChecks {
  /// Rules 406, 419, 420, 422 and 423.
  mutating func checkInflowModel() {
    checkLags()
    checkPastInflows()
    checkSeasons()
    checkEstimation()
    checkHistory()
  }

  private func statisticsRows() -> Set<[Int]> {
    guard let table = context.table(.inflowSeasonalStats) else { return [] }
    let (ids, stages) = (table.integers("hydro_id"), table.integers("stage_id"))
    return Set((0..<table.rowCount).map { [ids[$0], stages[$0]] })
  }

  private mutating func checkLags() {
    let registry = context.registry(.hydro)
    let statistics = context.table(.inflowSeasonalStats) == nil ? nil : statisticsRows()
    var expected = (hydro: -1, stageID: 0, lag: 0)
    for row in study.autoregressiveCoefficients {
      let isSame = row.hydro == expected.hydro && row.stageID == expected.stageID
      let lag = isSame ? expected.lag + 1 : 1
      expected = (row.hydro, row.stageID, row.lag)
      if row.lag != lag {
        collector.report(
          406, file: .inflowARCoefficients, entity: registry.entity(row.hydro),
          value: "stage \(row.stageID), lag \(row.lag)",
          "Lag \(lag) of hydro \(registry.ids[row.hydro]) at stage \(row.stageID) is missing.",
          suggestion: "Lags run 1…p without gap.")
      }
      if !isSame { checkStatisticsRow(.inflowARCoefficients, row.hydro, row.stageID, statistics) }
    }
    for row in study.annualComponents {
      checkStatisticsRow(.inflowAnnualComponent, row.hydro, row.stageID, statistics)
    }
  }

  private mutating func checkStatisticsRow(
    _ file: CaseFileName, _ hydro: Int, _ stageID: Int, _ statistics: Set<[Int]>?
  ) {
    let registry = context.registry(.hydro)
    guard let statistics, !statistics.contains([registry.ids[hydro], stageID]) else { return }
    collector.report(
      406, file: file, at: "column stage_id", entity: registry.entity(hydro), value: "stage \(stageID)",
      "inflow_seasonal_stats has no row for hydro \(registry.ids[hydro]) at stage \(stageID).",
      suggestion: "Add the row.")
  }

  private mutating func checkPastInflows() {
    let registry = context.registry(.hydro)
    let isRequired = study.stages.contains(where: \.inflowLags)
    var orders = [Int](repeating: 0, count: study.hydros.count)
    for row in study.autoregressiveCoefficients { orders[row.hydro] = max(orders[row.hydro], row.lag) }
    let annual = Set(study.annualComponents.map(\.hydro))
    let past = Dictionary(study.initialConditions.pastInflows.map { ($0.hydro, $0.values.count) }) { first, _ in first }
    for hydro in study.hydros.indices {
      let given = past[hydro] ?? 0
      let entity = registry.entity(hydro)
      if given < orders[hydro] {
        collector.report(
          419, isRequired ? .error : .warning, file: .initialConditions, at: "past_inflows", entity: entity,
          value: "\(given) values",
          "Hydro \(study.hydros[hydro].id) has lags up to \(orders[hydro]) but \(given) past inflows; the others start at 0.",
          suggestion: "Give \(orders[hydro]) values, most recent first.")
      } else if annual.contains(hydro), given < 12 {
        collector.report(
          419, .warning, file: .initialConditions, at: "past_inflows", entity: entity, value: "\(given) values",
          "The annual component looks back 12 inflows; only \(given) are given.", suggestion: "Give 12 values.")
      }
    }
  }

  private mutating func checkSeasons() {
    let stageIDs = Set(study.autoregressiveCoefficients.map(\.stageID) + study.annualComponents.map(\.stageID))
    for (index, stage) in study.stages.enumerated() where stage.seasonID == nil && stageIDs.contains(stage.id) {
      collector.report(
        422, file: .stages, at: context.stages.path(index, "season_id"), entity: context.stages.entity(index),
        "Stage \(stage.id) has lags but no season_id.", suggestion: "Give the season of the stage.")
    }
  }

  private mutating func checkEstimation() {
    guard case .estimated = study.inflowModelSource else { return }
    if study.seasons == nil {
      collector.report(
        420, file: .stages, at: "season_definitions", "Estimating the inflow model needs season_definitions.",
        suggestion: "Add season_definitions.")
    }
    let observed = Set(study.inflowHistory.map(\.hydro))
    for hydro in study.hydros.indices where !observed.contains(hydro) {
      collector.report(
        420, file: .inflowHistory, entity: context.registry(.hydro).entity(hydro),
        "Hydro \(study.hydros[hydro].id) has no observation.", suggestion: "Add its history.")
    }
  }

  /// Whether there is a history; whether it has windows is judged with the inflow model (`MeaningChecks`).
  private mutating func checkHistory() {
    guard study.inflowHistory.isEmpty else { return }
    for use in HistoryUse.all(study, context) {
      collector.report(
        423, file: use.file, at: use.path, "Historical noise needs scenarios/inflow_history.csv.",
        suggestion: HistoryUse.advice)
    }
  }

  /// Rules 412 and 413.
  mutating func checkCorrelation() {
    guard let profiles = context.root(.correlation)["profiles"].value?.object else { return }
    if profiles.count > 1, !profiles.contains("default") {
      collector.report(
        413, file: .correlation, at: "profiles", value: profiles.keys.joined(separator: ", "),
        "None of the profiles is named default.", suggestion: "Name one of them \"default\".")
    }
    for (name, profile) in profiles.members {
      for (index, group) in Node(profile)["correlation_groups"].elements.enumerated() {
        let count = group["entities"].elements.count
        let rows = group["matrix"].elements
        let widths = rows.map { $0.elements.count }
        if rows.count != count || widths.contains(where: { $0 != count }) {
          collector.report(
            412, file: .correlation, at: "profiles.\(name.printable(limit: 40)).correlation_groups[\(index)].matrix",
            value: "\(rows.count) rows", "The matrix must be \(count) × \(count), as there are \(count) entities.")
        }
      }
    }
  }

  /// Rules 424 and 425.
  mutating func checkOthers() {
    for (index, stage) in study.stages.enumerated() where stage.samplingMethod == .selective {
      collector.report(
        424, file: .stages, at: context.stages.path(index, "sampling_method"), entity: context.stages.entity(index),
        value: "selective", "The sampling method \"selective\" is reserved.", suggestion: "Use \"saa\".")
    }
    let bounded = Set(study.genericBounds.map(\.constraint))
    let registry = context.registry(.genericConstraint)
    for index in study.genericConstraints.indices where !bounded.contains(index) {
      collector.report(
        425, file: .genericConstraints, at: registry.path(index), entity: registry.entity(index),
        "The constraint has no row in generic_constraint_bounds.csv, so it is never active.",
        suggestion: "Add a bound, or remove the constraint.")
    }
  }
}
