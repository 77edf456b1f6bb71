extension CaseBuilder {
  /// Which row of the format's model table applies.
  func inflowModelSource() -> InflowModelSource {
    let has = { (file: CaseFileName) in context.table(file) != nil }
    if has(.inflowOpenings) { return .openings }
    switch (has(.inflowHistory), has(.inflowSeasonalStats), has(.inflowARCoefficients)) {
    case (false, true, _), (true, true, true): return .given
    case (true, let stats, let coefficients):
      return .estimated(momentsFromHistory: !stats, coefficientsFromHistory: !coefficients)
    case (false, false, _): return .none
    }
  }

  func fillStatistics(_ study: inout StudyCase) {
    let stageCount = study.stages.count
    study.inflowStatistics = statistics(.inflowSeasonalStats, "hydro_id", .hydro, "mean_m3s", "std_m3s", stageCount)
      .map { $0 ?? .zero }
    study.loadStatistics = statistics(.loadSeasonalStats, "bus_id", .bus, "mean_mw", "std_mw", stageCount)
      .map { $0 ?? .zero }
    study.sourceStatistics = statistics(
      .nonControllableStats, "ncs_id", .nonControllableSource, "mean", "std", stageCount)
    for index in study.sourceStatistics.indices {
      // Statistics win over the stage table.
      guard let statistics = study.sourceStatistics[index] else { continue }
      study.sourceAvailabilities[index] =
        study.sources[index % study.sources.count].maxGeneration * min(1, max(0, statistics.mean))
    }
    fillInflowModel(&study)
  }

  private func statistics(
    _ file: CaseFileName, _ key: String, _ kind: EntityKind, _ mean: String, _ deviation: String, _ stageCount: Int
  ) -> [SeriesStatistics?] {
    let count = context.registry(kind).count
    var result = [SeriesStatistics?](repeating: nil, count: count * stageCount)
    guard let table = context.table(file) else { return result }
    let means = table.numbers(mean)
    let deviations = table.numbers(deviation)
    for (row, entity, stage) in context.rows(table, key, kind) {
      result[stage * count + entity] = SeriesStatistics(mean: means[row], deviation: deviations[row])
    }
    return result
  }

  private func fillInflowModel(_ study: inout StudyCase) {
    let hydros = context.registry(.hydro).index
    let isKnown = { (id: Int) in context.stages.index[id] != nil || context.preStudyIDs.contains(id) }
    if let table = context.table(.inflowSeasonalStats) {
      let (ids, stages) = (table.integers("hydro_id"), table.integers("stage_id"))
      let (means, deviations) = (table.numbers("mean_m3s"), table.numbers("std_m3s"))
      study.preStudyStatistics = (0..<table.rowCount).compactMap { row in
        guard let hydro = hydros[ids[row]], context.preStudyIDs.contains(stages[row]) else { return nil }
        return PreStudyStatistics(
          hydro: hydro, stageID: stages[row],
          statistics: SeriesStatistics(mean: means[row], deviation: deviations[row]))
      }.sorted { ($0.hydro, $0.stageID) < ($1.hydro, $1.stageID) }
    }
    let hasMoments = context.table(.inflowSeasonalStats) != nil || context.table(.inflowHistory) != nil
    if hasMoments, let table = context.table(.inflowARCoefficients) {
      let (ids, stages, lags) = (table.integers("hydro_id"), table.integers("stage_id"), table.integers("lag"))
      let (values, ratios) = (table.numbers("coefficient"), table.numbers("residual_std_ratio"))
      study.autoregressiveCoefficients = (0..<table.rowCount).compactMap { row in
        guard let hydro = hydros[ids[row]], isKnown(stages[row]) else { return nil }
        return AutoregressiveCoefficient(
          hydro: hydro, stageID: stages[row], lag: lags[row], coefficient: values[row], residualRatio: ratios[row])
      }.sorted { ($0.hydro, $0.stageID, $0.lag) < ($1.hydro, $1.stageID, $1.lag) }
    }
    if study.inflowModelSource == .given, let table = context.table(.inflowAnnualComponent) {
      let (ids, stages) = (table.integers("hydro_id"), table.integers("stage_id"))
      let columns = ["annual_coefficient", "annual_mean_m3s", "annual_std_m3s"].map(table.numbers)
      study.annualComponents = (0..<table.rowCount).compactMap { row in
        guard let hydro = hydros[ids[row]], isKnown(stages[row]) else { return nil }
        return AnnualComponent(
          hydro: hydro, stageID: stages[row], coefficient: columns[0][row], mean: columns[1][row],
          deviation: columns[2][row])
      }.sorted { ($0.hydro, $0.stageID) < ($1.hydro, $1.stageID) }
    }
    fillHistory(&study, hydros)
  }

  private func fillHistory(_ study: inout StudyCase, _ hydros: [Int: Int]) {
    guard let table = context.table(.inflowHistory) else { return }
    let (ids, dates, values) = (table.integers("hydro_id"), table.integers("date"), table.numbers("value_m3s"))
    var history: [InflowObservation] = []
    history.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      guard let hydro = hydros[ids[row]] else { continue }
      history.append(
        InflowObservation(hydro: hydro, date: CalendarDate(dayNumber: dates[row]), value: values[row]))
    }
    let precedes = { (a: InflowObservation, b: InflowObservation) in
      a.hydro != b.hydro ? a.hydro < b.hydro : a.date < b.date
    }
    let isSorted = zip(history, history.dropFirst()).allSatisfy { !precedes($1, $0) }
    study.inflowHistory = isSorted ? history : history.sorted(by: precedes)
  }
}
