/// A stretch of days on which an inflow model counts its lags: a month, a week, or a season of the user's own calendar.
package struct LagPeriod: Sendable, Equatable {
  package var start: CalendarDate
  /// First day after the period.
  package var end: CalendarDate

  package init(start: CalendarDate, end: CalendarDate) {
    self.start = start
    self.end = end
  }

  package var days: Int { CalendarDate.days(from: start, to: end) }

  /// Days that are in the period and in [`start`, `end`).
  package func overlap(from start: CalendarDate, to end: CalendarDate) -> Int {
    max(0, CalendarDate.days(from: max(start, self.start), to: min(end, self.end)))
  }

  /// Days that both periods have.
  package func overlap(_ other: LagPeriod) -> Int { overlap(from: other.start, to: other.end) }

  /// The period of equal length just before: as many whole months if it consists of months, else as many days.
  package var previous: LagPeriod {
    let (first, last) = (start.civil, end.civil)
    let months = (last.year - first.year) * 12 + last.month - first.month
    if first.day == 1, last.day == 1, months > 0 {
      let number = first.year * 12 + first.month - 1 - months
      if let date = CalendarDate(year: number / 12, month: number % 12 + 1, day: 1) {
        return LagPeriod(start: date, end: start)
      }
    }
    return LagPeriod(start: CalendarDate(dayNumber: start.dayNumber - days), end: start)
  }

  /// Whether the other period is so much longer that it cannot be counted on the same scale.
  package func isFiner(than other: LagPeriod) -> Bool { 2 * other.days > 3 * days }
}

extension SeasonDefinitions {
  /// The season's occurrence of a year, or nil if the calendar has no such days.
  func occurrence(of season: Season, year: Int) -> LagPeriod? {
    switch cycle {
    case .monthly:
      guard let start = CalendarDate(year: year, month: season.monthStart, day: 1) else { return nil }
      let days = CalendarDate.daysInMonth(season.monthStart, year: year)
      return LagPeriod(start: start, end: CalendarDate(dayNumber: start.dayNumber + days))
    case .weekly:
      guard (0..<52).contains(season.id), let first = Self.firstMonday(year: year),
        let next = Self.firstMonday(year: year + 1)
      else { return nil }
      let start = first + 7 * season.id
      // The last season of a year with 53 weeks has two of them.
      return LagPeriod(
        start: CalendarDate(dayNumber: start), end: CalendarDate(dayNumber: season.id == 51 ? next : start + 7))
    case .custom:
      let turns = (season.monthEnd, season.dayEnd) < (season.monthStart, season.dayStart)
      guard let start = Self.date(year, season.monthStart, season.dayStart),
        let last = Self.date(turns ? year + 1 : year, season.monthEnd, season.dayEnd), start <= last
      else { return nil }
      return LagPeriod(start: start, end: CalendarDate(dayNumber: last.dayNumber + 1))
    }
  }

  /// Occurrences of a season about a year.
  func occurrences(of season: Season, about year: Int) -> [LagPeriod] {
    (-1...1).compactMap { occurrence(of: season, year: year + $0) }
  }

  /// The period that ends where another starts.
  ///
  /// Before an occurrence of a season that is the season before it in its cycle, however long. Else the period of the
  /// calendar that is most like it in length.
  func period(before period: LagPeriod, cycles: SeasonCycles) -> LagPeriod {
    let year = period.start.year
    for season in seasons where occurrences(of: season, about: year).contains(period) {
      guard let id = cycles.season(1, before: season.id), let earlier = seasons.first(where: { $0.id == id }) else {
        continue
      }
      if let found = occurrences(of: earlier, about: year).first(where: { $0.end == period.start }) { return found }
    }
    let shifted = period.previous
    var best = shifted
    var difference = Int.max
    for season in seasons {
      for candidate in occurrences(of: season, about: year) where candidate.end == period.start {
        guard !candidate.isFiner(than: period), !period.isFiner(than: candidate) else { continue }
        let distance = abs(candidate.days - shifted.days)
        guard distance < difference else { continue }
        difference = distance
        best = candidate
      }
    }
    return best
  }

  /// Day number of the Monday of the first ISO week of a year.
  private static func firstMonday(year: Int) -> Int? {
    guard let fourth = CalendarDate(year: year, month: 1, day: 4) else { return nil }
    let weekday = ((fourth.dayNumber + 3) % 7 + 7) % 7
    return fourth.dayNumber - weekday
  }

  /// A day of the calendar.
  ///
  /// Days beyond the end of a month mean its last one.
  private static func date(_ year: Int, _ month: Int, _ day: Int) -> CalendarDate? {
    guard (1...12).contains(month), (1...9999).contains(year) else { return nil }
    return CalendarDate(year: year, month: month, day: min(day, CalendarDate.daysInMonth(month, year: year)))
  }
}
