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

  /// What is known of the period `lag` periods before a stage's period.
  ///
  /// The row of that period itself comes first, as a study or pre-study stage, then the earliest study stage of its
  /// season, then, where the format says so, the shorter periods that it consists of. Moments of a history apply by
  /// season.
  func before(stage: Int, lag: Int, hydro: Int) -> Before {
    let season = study.inflowSeason(of: stage).flatMap { cycles.season(lag, before: $0) }
    if let season, let position = cycles.position(of: season),
      tables.seasonalMoments.indices.contains(hydro * cycles.count + position)
    {
      return Before(tables.seasonalMoments[hydro * cycles.count + position], .period)
    }
    if let row = row(stage: stage, lag: lag, hydro: hydro) { return Before(row, .period) }
    if let season {
      for candidate in stagesOfSeason[season] ?? [] {
        if let row = own(stage: candidate, hydro: hydro) { return Before(row, .period) }
      }
      for candidate in study.preStudyStages.reversed() where candidate.seasonID == season {
        if let row = preStudy[HydroStage(hydro: hydro, stage: candidate.id)] { return Before(row, .period) }
      }
    }
    return parts(stage: stage, lag: lag, hydro: hydro).map { Before($0, .parts) } ?? Before(.zero, .nothing)
  }

  /// Statistics of a lag, and how they were found.
  struct Before: Equatable {
    enum Source: Equatable {
      /// The row of the period or of its season.
      case period
      /// Rows of the shorter periods in it.
      case parts
      /// Nothing is known: mean and deviation are 0, so that the lag drops out.
      case nothing
    }

    let statistics: SeriesStatistics
    let source: Source

    fileprivate init(_ statistics: SeriesStatistics, _ source: Source) {
      self.statistics = statistics
      self.source = source
    }
  }

  /// Statistics of a longer lag period out of those of the shorter periods in it, or nil if none has a row.
  ///
  /// The mean is theirs by days, since the longer lag is. Its deviation would need their correlations; it is that of
  /// the last of them, as Novomodelo takes it.
  private func parts(stage: Int, lag: Int, hydro: Int) -> SeriesStatistics? {
    guard study.conventions.takesLagStatisticsOfParts,
      firstOfPeriod.contains(where: { calendar.isFiner($0, than: stage) })
    else { return nil }
    let whole = calendar.period(lag, before: calendar.steps[stage].period)
    var days = 0
    var sum = 0.0
    var last: (end: CalendarDate, deviation: Double)?
    func add(_ period: LagPeriod, _ row: SeriesStatistics?) {
      let shared = whole.overlap(period)
      guard shared > 0, let row else { return }
      days += shared
      sum += Double(shared) * row.mean
      if last.map({ $0.end < period.end }) ?? true { last = (period.end, row.deviation) }
    }
    for part in firstOfPeriod where calendar.isFiner(part, than: stage) {
      add(calendar.steps[part].period, own(stage: part, hydro: hydro))
    }
    for part in study.preStudyStages {
      let period = LagPeriod(start: part.start, end: part.end)
      guard period.isFiner(than: whole) else { continue }
      add(period, preStudy[HydroStage(hydro: hydro, stage: part.id)])
    }
    guard days > 0, let last else { return nil }
    return SeriesStatistics(mean: sum / Double(days), deviation: last.deviation)
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
