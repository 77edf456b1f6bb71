internal import CobreBase

extension NovomodeloBuilder {
  /// The input path of the inflow, one of seven.
  func inflowModelSource() -> InflowModelSource {
    func has(_ file: NovomodeloFile) -> Bool { (context.table(file)?.rowCount ?? 0) > 0 }
    return switch (has(.inflowHistory), has(.inflowSeasonalStats), has(.inflowARCoefficients)) {
    case (false, true, _), (true, true, true): .given
    case (true, let stats, let coefficients):
      .estimated(momentsFromHistory: !stats, coefficientsFromHistory: !coefficients)
    case (false, false, _): .none
    }
  }

  func fillStatistics(_ study: inout StudyCase) {
    study.inflowStatistics = statistics(.inflowSeasonalStats, "hydro_id", .hydro, "mean_m3s", "std_m3s", study)
      .map { $0 ?? .zero }
    study.loadStatistics = statistics(.loadSeasonalStats, "bus_id", .bus, "mean_mw", "std_mw", study)
      .map { $0 ?? .zero }
    study.sourceStatistics = statistics(
      .nonControllableStats, "ncs_id", .nonControllableSource, "mean", "std", study)
    // A source that has statistics in some stage gives nothing where it has none, as there.
    for index in study.sourceStatistics.indices where study.sourceStatistics[index] == nil {
      let own = stride(from: index % study.sources.count, to: study.sourceStatistics.count, by: study.sources.count)
      if own.contains(where: { study.sourceStatistics[$0] != nil }) { study.sourceStatistics[index] = .zero }
    }
    for index in study.sourceStatistics.indices {
      // Statistics win over the table of bounds.
      guard let statistics = study.sourceStatistics[index] else { continue }
      study.sourceAvailabilities[index] =
        study.sources[index % study.sources.count].maxGeneration * min(1, max(0, statistics.mean))
    }
  }

  private func statistics(
    _ file: NovomodeloFile, _ key: String, _ kind: EntityKind, _ mean: String, _ deviation: String, _ study: StudyCase
  ) -> [SeriesStatistics?] {
    let count = context.registry(kind).count
    var result = [SeriesStatistics?](repeating: nil, count: count * study.stages.count)
    guard let table = context.table(file) else { return result }
    let means = table.numbers(mean)
    let deviations = table.numbers(deviation)
    for row in context.rows(file, key, kind) {
      result[row.stage * count + row.entity] = SeriesStatistics(mean: means[row.row], deviation: deviations[row.row])
    }
    return result
  }

  /// The number of a stage in the tables of the inflow model: its position, its id if that is negative, or nil if it is
  /// unknown.
  private func stageNumber(_ id: Int) -> Int? { id < 0 ? id : context.stages.index[id] }

  func fillInflowModel(_ study: inout StudyCase) {
    let hydros = context.registry(.hydro).index
    if let table = context.table(.inflowSeasonalStats) {
      let (ids, stages) = (table.integers("hydro_id"), table.integers("stage_id"))
      let (means, deviations) = (table.numbers("mean_m3s"), table.numbers("std_m3s"))
      study.preStudyStatistics = (0..<table.rowCount).compactMap { row in
        guard let hydro = hydros[ids[row]], stages[row] < 0 else { return nil }
        return PreStudyStatistics(
          hydro: hydro, stageID: stages[row],
          statistics: SeriesStatistics(mean: means[row], deviation: deviations[row]))
      }.sorted { ($0.hydro, $0.stageID) < ($1.hydro, $1.stageID) }
    }
    let source = study.inflowModelSource
    if source != .none, let table = context.table(.inflowARCoefficients) {
      let (ids, stages, lags) = (table.integers("hydro_id"), table.integers("stage_id"), table.integers("lag"))
      let values = table.numbers("coefficient")
      study.autoregressiveCoefficients = (0..<table.rowCount).compactMap { row in
        guard let hydro = hydros[ids[row]], let stage = stageNumber(stages[row]) else { return nil }
        return AutoregressiveCoefficient(
          hydro: hydro, stageID: stage, lag: lags[row], coefficient: values[row], residualRatio: 1)
      }.sorted { ($0.hydro, $0.stageID, $0.lag) < ($1.hydro, $1.stageID, $1.lag) }
    }
    if source == .given, let table = context.table(.inflowAnnualComponent) {
      let (ids, stages) = (table.integers("hydro_id"), table.integers("stage_id"))
      let columns = ["annual_coefficient", "annual_mean_m3s", "annual_std_m3s"].map(table.numbers)
      study.annualComponents = (0..<table.rowCount).compactMap { row in
        guard let hydro = hydros[ids[row]], let stage = stageNumber(stages[row]) else { return nil }
        return AnnualComponent(
          hydro: hydro, stageID: stage, coefficient: columns[0][row], mean: columns[1][row],
          deviation: columns[2][row])
      }.sorted { ($0.hydro, $0.stageID) < ($1.hydro, $1.stageID) }
    }
    fillHistory(&study, hydros)
  }

  private func fillHistory(_ study: inout StudyCase, _ hydros: [Int: Int]) {
    guard let table = context.table(.inflowHistory) else { return }
    let (ids, starts) = (table.integers("hydro_id"), table.integers("start_date"))
    let ends = table.integers("end_date")
    let values = table.numbers("value_m3s")
    var history: [InflowObservation] = []
    history.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      guard let hydro = hydros[ids[row]] else { continue }
      history.append(
        InflowObservation(
          hydro: hydro, date: CalendarDate(dayNumber: starts[row]), value: values[row],
          end: CalendarDate(dayNumber: ends[row])))
    }
    study.inflowHistory = history.sorted { ($0.hydro, $0.date) < ($1.hydro, $1.date) }
  }

  func fillScenarios(_ study: inout StudyCase) {
    study.externalInflows = scenarios(
      .externalInflows, "scenario_id", "hydro_id", .hydro, "value_m3s", study)
    study.externalLoads = scenarios(.externalLoads, "scenario_id", "bus_id", .bus, "value_mw", study)
    study.externalAvailabilities = scenarios(
      .externalAvailabilities, "scenario_id", "ncs_id", .nonControllableSource, "availability_factor", study)
    if readsOpenings { study.noiseOpenings = noiseOpenings(study) }
  }

  /// Whether the case takes its opening tree from the file.
  var readsOpenings: Bool {
    context.root(.config)["training"]["scenario_source"]["openings"]["source"].text == "file"
  }

  private func scenarios(
    _ file: NovomodeloFile, _ index: String, _ key: String, _ kind: EntityKind, _ value: String, _ study: StudyCase
  ) -> ScenarioTable? {
    guard let table = context.table(file) else { return nil }
    let registry = context.registry(kind)
    return CaseBuilder.scenarios(
      table, index, table.integers(key).map { registry.index[$0] ?? -1 }, registry.count, value,
      stages: table.integers("stage_id").map { context.stages.index[$0] ?? -1 }, stageCount: study.stages.count)
  }

  /// Novomodelo's noise vector has every source with statistics, ours only the sources that vary.
  private func noiseOpenings(_ study: StudyCase) -> ScenarioTable? {
    guard let table = context.table(.noiseOpenings) else { return nil }
    let components = noiseComponents(study)
    return CaseBuilder.scenarios(
      table, "opening_index",
      table.integers("entity_index").map { components.indices.contains($0) ? components[$0] : -1 },
      study.noiseDimension, "value", stages: table.integers("stage_id").map { context.stages.index[$0] ?? -1 },
      stageCount: study.stages.count)
  }

  /// For each component of Novomodelo's noise vector, the index of ours, or −1 if ours has none.
  func noiseComponents(_ study: StudyCase) -> [Int] {
    let hydros = study.hydros.count
    let buses = study.noiseBuses
    var result = Array(0..<(hydros + buses.count))
    let varying = Dictionary(study.noiseSources.enumerated().map { ($1, $0) }) { first, _ in first }
    for source in study.sources.indices
    where study.stages.indices.contains(where: { study.sourceStatistics(stage: $0, source: source) != nil }) {
      result.append(varying[source].map { hydros + buses.count + $0 } ?? -1)
    }
    return result
  }
}
