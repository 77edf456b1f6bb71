/// The observed inflows of one plant by season of the year, in order of time.
package struct SeasonalSeries: Sendable, Equatable {
  /// One season of one year.
  package struct Observation: Sendable, Equatable {
    /// Number of the season in its cycle.
    package var season: Int
    package var year: Int
    /// m³/s.
    package var value: Double
    /// Number of the season counted from an early year, so that neighbours in time differ by 1.
    package var time: Int

    package init(season: Int, year: Int, value: Double, time: Int) {
      self.season = season
      self.year = year
      self.value = value
      self.time = time
    }
  }

  /// Number of seasons n of the cycle.
  package let seasons: Int
  /// Ascending in time.
  package let observations: [Observation]
  /// Values of each season in order of years.
  package let values: [[Double]]

  /// - Parameters:
  ///   - seasons: number of seasons of the cycle, ≥ 1.
  ///   - observations: ascending in time, at most one for each season and year.
  package init(seasons: Int, observations: [Observation]) {
    self.seasons = seasons
    self.observations = observations
    var values = [[Double]](repeating: [], count: seasons)
    for observation in observations { values[observation.season].append(observation.value) }
    self.values = values
  }

  /// A series without gaps that starts with the first season of a year.
  package init(seasons: Int, values: [Double]) {
    self.init(
      seasons: seasons,
      observations: values.enumerated().map {
        Observation(season: $0 % seasons, year: $0 / seasons, value: $1, time: $0)
      })
  }
}

/// When each season of a cycle occurs over a span of years, as stretches of days in order of time.
struct SeasonTimeline {
  struct Entry {
    var period: LagPeriod
    var season: Int
    var year: Int
    var time: Int
  }

  let entries: [Entry]
  let seasons: Int
  private let definitions: SeasonDefinitions

  /// - Parameters:
  ///   - definitions: the calendar.
  ///   - ids: seasons of the cycle in the order of time.
  ///   - years: first and last year of interest.
  init(_ definitions: SeasonDefinitions, ids: [Int], years: ClosedRange<Int>) {
    seasons = ids.count
    self.definitions = definitions
    let cycle = ids.compactMap { id in definitions.seasons.first { $0.id == id } }
    var entries: [Entry] = []
    for year in (years.lowerBound - 1)...(years.upperBound + 1) {
      for (position, season) in cycle.enumerated() {
        guard let period = definitions.occurrence(of: season, year: year) else { continue }
        entries.append(Entry(period: period, season: position, year: year, time: year * cycle.count + position))
      }
    }
    entries.sort { ($0.period.start.dayNumber, $0.season) < ($1.period.start.dayNumber, $1.season) }
    // Whatever the numbering of the seasons, neighbours in time get neighbouring numbers.
    for index in entries.indices { entries[index].time = index }
    self.entries = entries
  }

  /// Averages observations into seasons, weighted by the days that each has in them.
  ///
  /// An observation lasts until the next one. Before a gap, and at the end, it lasts as long as is usual in its season.
  /// One that begins a season ends with it at the latest.
  ///
  /// - Parameter history: of one plant, ascending in time.
  /// - Returns: one observation for each season and year that has some.
  func series(_ history: ArraySlice<InflowObservation>) -> SeasonalSeries {
    var sums = [Double](repeating: 0, count: entries.count)
    var days = [Int](repeating: 0, count: entries.count)
    var parts = [Int](repeating: 0, count: entries.count)
    let rule = ObservationLength(history, seasons: definitions)
    var first = 0
    for index in history.indices {
      let start = history[index].date
      let declared = history[index].end
      var end = declared ?? rule.end(from: start, next: index + 1 < history.endIndex ? history[index + 1].date : nil)
      while first < entries.count, entries[first].period.end <= start { first += 1 }
      if declared == nil, first < entries.count, entries[first].period.start == start {
        end = min(end, entries[first].period.end)
      }
      var entry = first
      while entry < entries.count, entries[entry].period.start < end {
        let shared = entries[entry].period.overlap(from: start, to: end)
        if shared > 0 {
          // A lone part keeps its value to the last bit.
          sums[entry] += Double(shared) * history[index].value
          days[entry] += shared
          parts[entry] = parts[entry] == 0 ? index + 1 : -1
        }
        entry += 1
      }
    }
    return SeasonalSeries(
      seasons: seasons,
      observations: entries.indices.filter { days[$0] > 0 }.map { index in
        let value = parts[index] > 0 ? history[parts[index] - 1].value : sums[index] / Double(days[index])
        return .init(
          season: entries[index].season, year: entries[index].year, value: value, time: entries[index].time)
      })
  }
}
