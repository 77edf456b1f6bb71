internal import CobreCase
internal import CobreEngine

/// Whole months in a row, counted from January of the year 0.
struct MonthSpan: Equatable {
  var first: Int
  var count: Int
  var end: Int { first + count }

  func back(_ steps: Int) -> MonthSpan { MonthSpan(first: first - steps * count, count: count) }

  /// Days in common with [`start`, `end`).
  func days(_ start: CalendarDate, _ end: CalendarDate) -> Int {
    max(0, min(MonthSpan.day(self.end), end.dayNumber) - max(MonthSpan.day(first), start.dayNumber))
  }

  static func day(_ month: Int) -> Int {
    CalendarDate(year: month / 12, month: month % 12 + 1, day: 1)?.dayNumber ?? 0
  }
}

/// Past inflows by the calendar: what the lags of a stage mean, worked out from dates alone.
///
/// Serves calendars whose seasons are whole months. A stage belongs to the occurrence of its season that it shares most
/// days with. What it has beyond the end of that period counts in the next.
struct InflowPast {
  let study: StudyCase
  /// Stages and inflows of the history, newest first.
  let path: [(stage: Int, inflow: Double)]
  let hydro: Int

  /// The months of the season occurrence, or nil if the case has no seasons.
  static func span(_ study: StudyCase, season: Int?, start: CalendarDate, end: CalendarDate) -> MonthSpan? {
    guard let season = study.seasons?.seasons.first(where: { $0.id == season }) else { return nil }
    let count = study.seasons?.cycle == .custom ? (season.monthEnd - season.monthStart + 12) % 12 + 1 : 1
    let choices = (-1...1).map { MonthSpan(first: (start.year + $0) * 12 + season.monthStart - 1, count: count) }
    return choices.max { $0.days(start, end) < $1.days(start, end) }
  }

  func span(_ stage: Int) -> MonthSpan? {
    let value = study.stages[stage]
    return InflowPast.span(study, season: value.seasonID, start: value.start, end: value.end)
  }

  /// Inflow of the lag period in m³/s.
  func lag(_ lag: Int, stage: Int) -> Double {
    guard let own = span(stage) else { return byNumber(stage - lag) }
    return mean(own.back(lag))
  }

  /// Mean over months: of the stages that count in them, or of what is known from before the study.
  private func mean(_ months: MonthSpan) -> Double {
    guard let first = span(0) else { return 0 }
    if first.count < months.count, !study.stages.indices.contains(where: { span($0) == months }) {
      // Longer periods before the first longer stage are made of the shorter ones.
      let parts = (0..<(months.count / first.count)).map {
        MonthSpan(first: months.first + $0 * first.count, count: first.count)
      }
      let days = parts.map { Double(MonthSpan.day($0.end) - MonthSpan.day($0.first)) }
      return zip(parts, days).reduce(0) { $0 + mean($1.0) * $1.1 } / days.reduce(0, +)
    }
    var sum = 0.0
    var days = 0.0
    for (stage, inflow) in path {
      guard let own = span(stage), own == months || own.end == months.first else { continue }
      let shared = Double(months.days(study.stages[stage].start, study.stages[stage].end))
      sum += shared * inflow
      days += shared
    }
    for row in study.initialConditions.recentObservations where row.hydro == hydro && months == first {
      let shared = Double(months.days(row.start, min(row.end, study.stages[0].start)))
      sum += shared * row.value
      days += shared
    }
    if days > 0 { return sum / days }
    return known((first.first - months.end) / months.count)
  }

  /// Inflow of the stage with a number, negative before the study.
  private func byNumber(_ stage: Int) -> Double {
    path.first { $0.stage == stage }?.inflow ?? known(-stage - 1)
  }

  private func known(_ position: Int) -> Double {
    let past = study.initialConditions.pastInflows.first { $0.hydro == hydro }?.values ?? []
    return past.indices.contains(position) ? past[position] : 0
  }

  /// Statistics of the lag period: its own row, else the row of the first stage of its season.
  func statistics(_ lag: Int, stage: Int) -> SeriesStatistics? {
    let count = study.hydros.count
    guard let own = span(stage) else {
      if stage >= lag { return study.inflowStatistics[(stage - lag) * count + hydro] }
      return study.preStudyStatistics.first { $0.hydro == hydro && $0.stageID == stage - lag }?.statistics
    }
    let months = own.back(lag)
    if let found = study.stages.indices.first(where: { span($0) == months }) {
      return study.inflowStatistics[found * count + hydro]
    }
    for before in study.preStudyStages {
      let other = InflowPast.span(study, season: before.seasonID, start: before.start, end: before.end)
      if other == months,
        let row = study.preStudyStatistics.first(where: { $0.hydro == hydro && $0.stageID == before.id })
      {
        return row.statistics
      }
    }
    let season = study.stages.indices.first {
      span($0).map { ($0.first - months.first) % 12 == 0 && $0.count == months.count } ?? false
    }
    return season.map { study.inflowStatistics[$0 * count + hydro] }
  }
}
