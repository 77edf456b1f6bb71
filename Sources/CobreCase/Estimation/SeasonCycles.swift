/// The seasons as cycles of the year: one for each length that the calendar has, such as months and quarters.
package struct SeasonCycles: Sendable, Equatable {
  /// Ids of the seasons of each cycle in the order of time.
  package let cycles: [[Int]]
  private let places: [Int: (cycle: Int, index: Int, position: Int)]

  /// Number of seasons.
  package var count: Int { places.count }

  /// The seasons defined in a case, else the seasons that its stages name.
  package init(study: StudyCase) {
    if let seasons = study.seasons {
      self.init(seasons)
    } else {
      // Ids are only names, so the stages themselves say which season follows which.
      var known: Set<Int> = []
      let ids = study.preStudyStages.compactMap(\.seasonID) + study.stages.compactMap(\.seasonID)
      self.init(cycles: [ids.filter { known.insert($0).inserted }])
    }
  }

  /// The seasons of a calendar.
  package init(_ definitions: SeasonDefinitions) { self.init(cycles: Self.cycles(of: definitions)) }

  private init(cycles: [[Int]]) {
    self.cycles = cycles
    var places: [Int: (cycle: Int, index: Int, position: Int)] = [:]
    for (cycle, ids) in cycles.enumerated() {
      for (index, id) in ids.enumerated() { places[id] = (cycle, index, places.count) }
    }
    self.places = places
  }

  /// Id of the season that is `lag` seasons before another.
  package func season(_ lag: Int, before id: Int) -> Int? {
    guard let place = places[id] else { return nil }
    let cycle = cycles[place.cycle]
    return cycle[((place.index - lag) % cycle.count + cycle.count) % cycle.count]
  }

  /// The cycle of a season, and its position in it.
  package func place(of id: Int) -> (cycle: Int, index: Int)? { places[id].map { ($0.cycle, $0.index) } }

  /// Number of a season among all, cycle after cycle.
  package func position(of id: Int) -> Int? { places[id]?.position }

  package static func == (left: SeasonCycles, right: SeasonCycles) -> Bool { left.cycles == right.cycles }

  /// Seasons follow the calendar: each starts where the previous one ends.
  private static func cycles(of definitions: SeasonDefinitions) -> [[Int]] {
    switch definitions.cycle {
    case .monthly: return [definitions.seasons.sorted { $0.monthStart < $1.monthStart }.map(\.id)]
    // The id of a week is its number in the year.
    case .weekly: return [definitions.seasons.map(\.id).sorted()]
    case .custom: break
    }
    // A year of no particular kind shows which seasons touch.
    let spans = definitions.seasons.compactMap { season in
      definitions.occurrence(of: season, year: 2001).map { Span(id: season.id, period: $0) }
    }
    var left = spans.sorted(by: Span.isEarlier)
    var cycles: [[Int]] = []
    var rest: [Span] = []
    while let first = left.first {
      left.removeFirst()
      let chain = chain(from: first, taking: &left)
      if chain.reduce(0, { $0 + $1.period.days }) == 365 { cycles.append(chain.map(\.id)) } else { rest += chain }
    }
    // Seasons that leave gaps in the year can only be counted.
    if !rest.isEmpty { cycles.append(rest.sorted(by: Span.isEarlier).map(\.id)) }
    return cycles
  }

  /// Follows seasons from one to the next until the year is full.
  ///
  /// Of several candidates, the one with the most similar length follows.
  private static func chain(from first: Span, taking left: inout [Span]) -> [Span] {
    var chain = [first]
    var last = first
    var days = first.period.days
    while days < 365 {
      let end = (last.period.end.month, last.period.end.day)
      let touching = left.indices.filter { (left[$0].period.start.month, left[$0].period.start.day) == end }
      let next = touching.min {
        abs(left[$0].period.days - last.period.days) < abs(left[$1].period.days - last.period.days)
      }
      guard let next else { break }
      last = left.remove(at: next)
      days += last.period.days
      chain.append(last)
    }
    return chain
  }

  /// A season as days of the year.
  private struct Span {
    var id: Int
    var period: LagPeriod

    static func isEarlier(_ left: Span, _ right: Span) -> Bool {
      (left.period.start.dayNumber, left.period.days, left.id)
        < (right.period.start.dayNumber, right.period.days, right.id)
    }
  }
}
