/// Finds the statistics of a stage and of the lag periods before it.
struct LagStatistics {
  private let study: StudyCase
  private let tables: InflowTables
  private let calendar: LagCalendar
  private let cycles: SeasonCycles
  private let preStudy: [HydroStage: SeriesStatistics]
  private let coefficientRows: [HydroStage: Range<Int>]
  private let annualRows: [HydroStage: Int]
  /// First stage of each lag period of the study.
  private let firstOfPeriod: [Int]
  /// Study stages by season id, ascending.
  private let stagesOfSeason: [Int: [Int]]

  init(study: StudyCase, tables: InflowTables, calendar: LagCalendar) {
    self.study = study
    self.tables = tables
    self.calendar = calendar
    cycles = SeasonCycles(study: study)
    preStudy = Dictionary(
      tables.preStudyStatistics.map { (HydroStage(hydro: $0.hydro, stage: $0.stageID), $0.statistics) }
    ) { first, _ in first }
    var ranges: [HydroStage: Range<Int>] = [:]
    for (index, row) in tables.coefficients.enumerated() {
      let key = HydroStage(hydro: row.hydro, stage: row.stageID)
      ranges[key] = (ranges[key]?.lowerBound ?? index)..<(index + 1)
    }
    coefficientRows = ranges
    annualRows = Dictionary(
      tables.annualComponents.enumerated().map { (HydroStage(hydro: $1.hydro, stage: $1.stageID), $0) }
    ) { first, _ in first }
    firstOfPeriod = calendar.steps.indices.filter {
      $0 == 0 || calendar.steps[$0].index != calendar.steps[$0 - 1].index
    }
    stagesOfSeason = Dictionary(
      grouping: study.stages.indices.filter { study.stages[$0].seasonID != nil },
      by: { study.stages[$0].seasonID ?? 0 })
  }

  /// The stage's own statistics, or nil if it has none.
  func own(stage: Int, hydro: Int) -> SeriesStatistics? { tables.statistics[stage * study.hydros.count + hydro] }

  /// Coefficients of the stage, lags 1…p.
  func coefficients(stage: Int, hydro: Int) -> ArraySlice<AutoregressiveCoefficient> {
    tables.coefficients[coefficientRows[HydroStage(hydro: hydro, stage: stage)] ?? 0..<0]
  }

  func annualComponent(stage: Int, hydro: Int) -> AnnualComponent? {
    annualRows[HydroStage(hydro: hydro, stage: stage)].map { tables.annualComponents[$0] }
  }

  /// Statistics of the period `lag` periods before a stage's period.
  ///
  /// The row of that period itself comes first, as a study or pre-study stage, then the earliest study stage of its
  /// season. Moments of a history apply by season. If nothing is known the deviation is 0, so that the lag drops out.
  func before(stage: Int, lag: Int, hydro: Int) -> SeriesStatistics {
    let season = study.inflowSeason(of: stage).flatMap { cycles.season(lag, before: $0) }
    if let season, let position = cycles.position(of: season),
      tables.seasonalMoments.indices.contains(hydro * cycles.count + position)
    {
      return tables.seasonalMoments[hydro * cycles.count + position]
    }
    if let row = row(stage: stage, lag: lag, hydro: hydro) { return row }
    guard let season else { return .zero }
    for candidate in stagesOfSeason[season] ?? [] {
      if let row = own(stage: candidate, hydro: hydro) { return row }
    }
    for candidate in study.preStudyStages.reversed() where candidate.seasonID == season {
      if let row = preStudy[HydroStage(hydro: hydro, stage: candidate.id)] { return row }
    }
    return .zero
  }

  /// The row of the lag period itself, counted back in time, or nil if there is none or the length of the lags has
  /// changed since.
  private func row(stage: Int, lag: Int, hydro: Int) -> SeriesStatistics? {
    let index = calendar.steps[stage].index - lag
    let earliest = firstOfPeriod[max(0, index)]
    guard !calendar.isFiner(earliest, than: stage) else { return nil }
    guard index < 0 else { return own(stage: earliest, hydro: hydro) }
    return preStudy[HydroStage(hydro: hydro, stage: index)]
  }
}
