/// How long the observations of a plant last.
///
/// They only give their first day.
///
/// Seasons may differ in length, and with them the observations: each season has its own usual length.
struct ObservationLength: Sendable {
  /// Whether all observations start with a month, so that they cover whole months.
  private let isMonthly: Bool
  /// Median of the days to the next observation.
  private let days: Int
  /// The same by the season of the first day.
  private let daysOfSeason: [Int: Int]
  private let seasons: SeasonDefinitions?

  /// - Parameters:
  ///   - history: of one plant, ascending in time.
  ///   - seasons: the calendar.
  init(_ history: ArraySlice<InflowObservation>, seasons: SeasonDefinitions?) {
    let gaps = zip(history, history.dropFirst()).map { CalendarDate.days(from: $0.date, to: $1.date) }
    let usual = Self.median(gaps) ?? 30
    days = usual
    // Only a history of unequal lengths needs to know which season has which.
    let isEven = gaps.allSatisfy { 2 * $0 <= 3 * usual && 3 * $0 >= 2 * usual }
    self.seasons = isEven ? nil : seasons
    var bySeason: [Int: [Int]] = [:]
    if !isEven, let seasons {
      for (gap, own) in zip(gaps, history) {
        if let season = seasons.season(of: own.date) { bySeason[season, default: []].append(gap) }
      }
    }
    daysOfSeason = bySeason.compactMapValues { Self.median($0) }
    isMonthly = history.allSatisfy { $0.date.day == 1 } && days >= 28
  }

  /// Usual number of days of an observation that starts on a date, ≥ 1.
  func days(from start: CalendarDate) -> Int { seasons?.season(of: start).flatMap { daysOfSeason[$0] } ?? days }

  /// First day after an observation.
  ///
  /// - Parameters:
  ///   - start: its first day.
  ///   - next: first day of the next observation, or nil for the last one.
  /// - Returns: at latest the day on which the next one starts.
  func end(from start: CalendarDate, next: CalendarDate?) -> CalendarDate {
    let days = days(from: start)
    var usual = CalendarDate(dayNumber: start.dayNumber + days)
    if isMonthly {
      let number = start.year * 12 + start.month - 1 + max(1, (2 * days + 30) / 61)
      usual = CalendarDate(year: number / 12, month: number % 12 + 1, day: 1) ?? usual
    }
    guard let next else { return usual }
    // Half as long again is still the same observation, such as the last week of a year.
    return 2 * CalendarDate.days(from: start, to: next) <= 3 * days ? next : min(next, usual)
  }

  private static func median(_ values: [Int]) -> Int? {
    values.isEmpty ? nil : max(1, values.sorted()[values.count / 2])
  }
}
