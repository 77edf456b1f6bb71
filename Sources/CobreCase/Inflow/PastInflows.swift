/// Observed inflows, as means over periods.
package struct PastInflows {
  private let observations: [InflowObservation]
  /// Range of the observations of each plant, by date.
  private let ranges: [Range<Int>]
  /// How long the observations of each plant usually hold.
  private let lengths: [ObservationLength]
  /// Years with an observation, ascending.
  package let years: [Int]

  package init(study: StudyCase) {
    let observations = study.inflowHistory
    var ranges = [Range<Int>](repeating: 0..<0, count: study.hydros.count)
    var next = 0
    for hydro in study.hydros.indices {
      let first = next
      while next < observations.count, observations[next].hydro == hydro { next += 1 }
      ranges[hydro] = first..<next
    }
    self.observations = observations
    self.ranges = ranges
    lengths = ranges.map { ObservationLength(observations[$0], seasons: study.seasons) }
    years = Set(observations.map(\.date.year)).sorted()
  }

  /// Mean inflow over a period in m³/s, weighted by days, or nil if the observations do not cover all of it.
  ///
  /// An observation lasts until the next one. Observations that begin in the period count.
  package func mean(hydro: Int, over period: LagPeriod) -> Double? {
    let range = ranges[hydro]
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if observations[middle].date < period.start { low = middle + 1 } else { high = middle }
    }
    guard low < range.upperBound,
      CalendarDate.days(from: period.start, to: observations[low].date) < lengths[hydro].days(from: period.start)
    else { return nil }
    var sum = 0.0
    var days = 0
    var index = low
    while index < range.upperBound, observations[index].date < period.end {
      let follower = index + 1 < range.upperBound ? observations[index + 1].date : period.end
      let next = min(observations[index].end ?? follower, period.end)
      let length = CalendarDate.days(from: observations[index].date, to: next)
      guard 2 * length <= 3 * lengths[hydro].days(from: observations[index].date) else { return nil }
      sum += Double(length) * observations[index].value
      days += length
      index += 1
    }
    return days > 0 ? sum / Double(days) : nil
  }
}

extension LagPeriod {
  /// The period of the calendar that is so many years later, or nil beyond the calendar.
  package func shifted(years: Int, seasons: SeasonDefinitions?) -> LagPeriod? {
    if let seasons, seasons.cycle == .weekly {
      let id = min(start.isoWeek, 52) - 1
      return seasons.seasons.first { $0.id == id }.flatMap {
        seasons.occurrence(of: $0, year: seasons.year(ofSeason: id, at: start) + years)
      }
    }
    guard let first = Self.shifted(start, years), let last = Self.shifted(end, years), first < last else { return nil }
    return LagPeriod(start: first, end: last)
  }

  /// The same day of another year.
  ///
  /// The day before it if the year does not have that day.
  private static func shifted(_ date: CalendarDate, _ years: Int) -> CalendarDate? {
    let (year, month, day) = date.civil
    return CalendarDate(year: year + years, month: month, day: day)
      ?? CalendarDate(year: year + years, month: month, day: day - 1)
  }
}
