extension SeasonDefinitions {
  /// The year that an occurrence of a season counts for: the year of its first day, or for weeks the year of their
  /// Thursday.
  ///
  /// - Parameters:
  ///   - id: the season.
  ///   - date: a day of the occurrence.
  /// - Returns: the year. If the season is not defined, the year of the date.
  package func year(ofSeason id: Int, at date: CalendarDate) -> Int {
    switch cycle {
    case .monthly: return date.year
    case .weekly:
      let weekday = ((date.dayNumber + 3) % 7 + 7) % 7
      return CalendarDate(dayNumber: date.dayNumber - weekday + 3).year
    case .custom:
      guard let season = seasons.first(where: { $0.id == id }) else { return date.year }
      let passesNewYear = (season.monthStart, season.dayStart) > (season.monthEnd, season.dayEnd)
      let isAfterNewYear = (date.month, date.day) <= (season.monthEnd, season.dayEnd)
      return passesNewYear && isAfterNewYear ? date.year - 1 : date.year
    }
  }
}

extension StudyCase {
  /// Whether two stages belong to the same occurrence of a season.
  ///
  /// A stage belongs to the one that it shares most days with.
  private func sharesOccurrence(_ first: Stage, _ second: Stage) -> Bool {
    guard let season = first.seasonID, second.seasonID == season else { return false }
    guard let seasons, seasons.seasons.contains(where: { $0.id == season }) else {
      return first.start.year == second.start.year
    }
    return LagCalendar.period(of: first, seasons: seasons) == LagCalendar.period(of: second, seasons: seasons)
  }

  /// The first of the consecutive stages of one season occurrence, which share their noise.
  package func noiseGroup(of stage: Int) -> Int {
    var first = stage
    while first > 0, sharesOccurrence(stages[first - 1], stages[first]) { first -= 1 }
    return first
  }
}
