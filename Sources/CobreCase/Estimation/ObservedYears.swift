/// A history as vectors of all plants in the order of time, with a number for the wetness of each.
struct ObservedYears {
  /// First days of the periods that all plants have observed, ascending.
  let dates: [CalendarDate]
  /// m³/s, `[observation][hydro]`.
  let inflows: [[Double]]
  /// Energy of the inflows in MW: Σ inflow · what the plant and those below it make of a m³/s.
  let wetness: [Double]
  /// Whether the next observation is that of the season that follows, by observation.
  let follows: [Bool]
  private let seasons: [Int]
  private let weights: [Double]

  init(_ study: StudyCase) throws(MarkovLattice.Failure) {
    guard let definitions = study.seasons else { throw .init(sentence: "the case has no season_definitions") }
    var values: [CalendarDate: [Double?]] = [:]
    for observation in study.inflowHistory {
      values[observation.date, default: .init(repeating: nil, count: study.hydros.count)][observation.hydro] =
        observation.value
    }
    var kept: [(date: CalendarDate, season: Int, inflows: [Double])] = []
    // Whether the period before an observation has been left out.
    var hasGap: [Bool] = []
    var isGap = true
    for (date, row) in values.sorted(by: { $0.key < $1.key }) {
      let known = row.compactMap { $0 }
      guard known.count == row.count, let season = definitions.season(of: date) else {
        isGap = true
        continue
      }
      kept.append((date, season, known))
      hasGap.append(isGap)
      isGap = false
    }
    let cycles = SeasonCycles(definitions)
    weights = Self.weights(study)
    dates = kept.map(\.date)
    inflows = kept.map(\.inflows)
    seasons = kept.map(\.season)
    let sums = weights
    wetness = kept.map { row in zip(sums, row.inflows).reduce(0) { $0 + $1.0 * $1.1 } }
    follows = kept.indices.map { index in
      index + 1 < kept.count && !hasGap[index + 1]
        && cycles.season(1, before: kept[index + 1].season) == kept[index].season
    }
  }

  /// Observations of a season, ascending.
  func observations(of season: Int?) -> [Int] { seasons.indices.filter { seasons[$0] == season } }

  /// Wetness before the study, and the observations of that season, if all plants have a past inflow or the history
  /// reaches the start of the study.
  func before(_ study: StudyCase) -> (wetness: Double, season: [Int])? {
    guard let definitions = study.seasons, let season = study.stages.first?.seasonID,
      let last = SeasonCycles(definitions).season(1, before: season)
    else { return nil }
    var past = [Double?](repeating: nil, count: study.hydros.count)
    for inflow in study.initialConditions.pastInflows { past[inflow.hydro] = inflow.values.first }
    let known = past.compactMap { $0 }
    if known.count == past.count {
      return (zip(weights, known).reduce(0) { $0 + $1.0 * $1.1 }, observations(of: last))
    }
    guard let end = dates.last, dates.count > 1, seasons.last == last, let start = study.stages.first?.start,
      let wet = wetness.last
    else { return nil }
    // The last period ends where the study begins: it is about as long as the one before it.
    let (length, before) = (start.dayNumber - end.dayNumber, end.dayNumber - dates[dates.count - 2].dayNumber)
    return length > 0 && 2 * length <= 3 * before ? (wet, observations(of: last)) : nil
  }

  /// MW per m³/s of each plant and those below it; 1 for all where none makes power.
  private static func weights(_ study: StudyCase) -> [Double] {
    let own = study.hydros.indices.map { hydro in
      max(
        study.production(stage: 0, hydro: hydro).productivity,
        study.planes(stage: 0, hydro: hydro).map(\.gammaTurbined).max() ?? 0)
    }
    let sums = study.hydros.indices.map { hydro in
      var (sum, next, steps) = (0.0, Optional(hydro), 0)
      while let plant = next, steps < study.hydros.count {
        sum += own[plant]
        next = study.hydros[plant].downstream
        steps += 1
      }
      return sum
    }
    return sums.contains { $0 > 0 } ? sums : sums.map { _ in 1 }
  }
}
