/// Inflows of the lag periods before a study, as means of observed windows.
///
/// Recent observations come first. The rest of a period is taken from the history. A period that neither covers counts
/// as 0. A partly covered period takes the mean of the covered part.
package struct LagSeeds {
  /// m³/s, lag 1 first, by plant.
  private(set) var values: [[Double]] = []
  /// Lags whose period is not wholly observed, by plant, ascending.
  package private(set) var gaps: [[Int]] = []

  /// - Parameters:
  ///   - study: the case.
  ///   - calendar: its lag periods.
  ///   - counts: number of lags of each plant.
  package init(study: StudyCase, calendar: LagCalendar, counts: [Int]) {
    let recent = Dictionary(grouping: study.initialConditions.recentObservations, by: \.hydro)
    let longest = counts.max() ?? 0
    var periods: [LagPeriod] = []
    if var period = calendar.steps.first?.period {
      for _ in 0..<longest {
        period = calendar.period(1, before: period)
        periods.append(period)
      }
    }
    let history = PastWindows(study: study)
    for (hydro, count) in counts.enumerated() {
      var values: [Double] = []
      var gaps: [Int] = []
      for (index, period) in periods.prefix(count).enumerated() {
        let (value, days) = Self.mean(over: period, recent[hydro] ?? [], history.windows(hydro: hydro, in: period))
        values.append(value)
        if days < period.days { gaps.append(index + 1) }
      }
      self.values.append(values)
      self.gaps.append(gaps)
    }
  }

  /// Mean in m³/s over the days that are observed, and their number.
  private static func mean(
    over period: LagPeriod, _ recent: [RecentObservation], _ history: [(window: LagPeriod, value: Double)]
  ) -> (value: Double, days: Int) {
    var sum = 0.0
    var days = 0
    func add(_ count: Int, _ value: Double) {
      sum += Double(count) * value
      days += count
    }
    for row in recent { add(period.overlap(from: row.start, to: row.end), row.value) }
    for (window, value) in history {
      let start = max(window.start, period.start)
      let end = min(window.end, period.end)
      guard start < end else { continue }
      let shared = LagPeriod(start: start, end: end)
      add(shared.days - recent.reduce(0) { $0 + shared.overlap(from: $1.start, to: $1.end) }, value)
    }
    return (days > 0 ? sum / Double(days) : 0, days)
  }
}

/// The windows of the inflow history, found by plant and period.
private struct PastWindows {
  private let observations: [InflowObservation]
  private var ranges: [Range<Int>]

  init(study: StudyCase) {
    observations = study.inflowHistory
    ranges = .init(repeating: 0..<0, count: study.hydros.count)
    var next = 0
    while next < observations.count {
      let first = next
      while next < observations.count, observations[next].hydro == observations[first].hydro { next += 1 }
      if ranges.indices.contains(observations[first].hydro) { ranges[observations[first].hydro] = first..<next }
    }
  }

  /// Windows of a plant that reach into a period.
  ///
  /// A window without an end lasts until the next.
  func windows(hydro: Int, in period: LagPeriod) -> [(window: LagPeriod, value: Double)] {
    var (low, high) = (ranges[hydro].lowerBound, ranges[hydro].upperBound)
    while low < high {
      let middle = (low + high) / 2
      if end(of: middle, hydro) <= period.start { low = middle + 1 } else { high = middle }
    }
    var result: [(window: LagPeriod, value: Double)] = []
    while low < ranges[hydro].upperBound, observations[low].date < period.end {
      result.append((LagPeriod(start: observations[low].date, end: end(of: low, hydro)), observations[low].value))
      low += 1
    }
    return result
  }

  private func end(of index: Int, _ hydro: Int) -> CalendarDate {
    if let end = observations[index].end { return end }
    return index + 1 < ranges[hydro].upperBound ? observations[index + 1].date : observations[index].date
  }
}
