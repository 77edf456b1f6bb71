/// How the stages of a study fall into the lag periods of the inflow model.
///
/// A stage counts in the occurrence of its season that it overlaps most. Without seasons, or if a stage is much longer
/// than that occurrence, the stage is its own lag period.
package struct LagCalendar: Sendable, Equatable {
  /// One stage in its lag period.
  package struct Step: Sendable, Equatable {
    package var period: LagPeriod
    /// Which period of the study it is, in order of time: 0 for the period of the first stage.
    package var index: Int
    /// Share of the period's days that the stage covers.
    package var weight: Double
    /// Share of the next period's days that the stage covers; 0 unless the stage is the last of its period.
    package var spill: Double
    /// Whether the period ends with the stage, so that lags shift.
    package var isLast: Bool
    /// Cycle of the season that the period is an occurrence of, or nil if it is not one.
    var cycle: Int?
  }

  /// By stage.
  package let steps: [Step]
  /// By stage, the first stage at the next time position, or nil at the end.
  private let following: [Int?]
  private let seasons: SeasonDefinitions?
  private let cycles: SeasonCycles

  package init(study: StudyCase) {
    seasons = study.seasons
    cycles = SeasonCycles(study: study)
    let timeline = study.timeline
    let periods = timeline.map { Self.period(of: study.stages[$0], seasons: study.seasons) }
    var steps: [Step] = []
    for (t, first) in timeline.enumerated() {
      let stage = study.stages[first]
      let period = periods[t]
      let next = t + 1 < periods.count ? periods[t + 1] : nil
      let isLast = next != period
      let index = t == 0 ? 0 : steps[t - 1].index + (steps[t - 1].isLast ? 1 : 0)
      var spill = 0.0
      if isLast, let next, next.days > 0 {
        spill = Double(next.overlap(from: max(stage.start, period.end), to: stage.end)) / Double(next.days)
      }
      steps.append(
        Step(
          period: period, index: index,
          weight: Double(period.overlap(from: stage.start, to: stage.end)) / Double(max(1, period.days)), spill: spill,
          isLast: isLast, cycle: Self.cycle(of: stage, period: period, seasons: study.seasons, cycles: cycles)))
    }
    // A time position without a stage, which only a faulty case has, gets no step.
    let places = Dictionary(timeline.enumerated().map { (study.position(of: $1), $0) }) { first, _ in first }
    let placeOfStage = study.stages.indices.map { places[study.position(of: $0)] ?? 0 }
    self.steps = placeOfStage.map { steps[$0] }
    following = placeOfStage.map { $0 + 1 < timeline.count ? timeline[$0 + 1] : nil }
  }

  /// Whether some stage leaves part of a period to later ones, so that sums have to be carried over.
  package var needsSums: Bool {
    steps.indices.contains { following[$0] != nil && (!steps[$0].isLast || steps[$0].spill > 0) }
  }

  /// The first of the stages that follow in time, or nil at the end.
  func following(_ stage: Int) -> Int? { following[stage] }

  /// Whether the next stage counts its lags in longer periods.
  package func coarsens(after stage: Int) -> Bool {
    following[stage].map { isFiner(stage, than: $0) } ?? false
  }

  /// Whether a later stage counts its lags in longer periods.
  ///
  /// The seasons of one cycle count as one scale, however unequal they are.
  func isFiner(_ stage: Int, than later: Int) -> Bool {
    if let cycle = steps[stage].cycle, cycle == steps[later].cycle { return false }
    return steps[stage].period.isFiner(than: steps[later].period)
  }

  /// The period `count` periods before another one.
  package func period(_ count: Int, before period: LagPeriod) -> LagPeriod {
    var result = period
    for _ in 0..<max(0, count) { result = previous(of: result) }
    return result
  }

  /// A shorter lag, from 1, and its share in a longer one.
  package struct Share: Sendable, Equatable {
    package var lag: Int
    package var weight: Double
  }

  /// How lags of longer periods follow from the lags at the end of a stage, as duration-weighted means.
  ///
  /// - Parameters:
  ///   - stage: the last stage before the longer periods.
  ///   - order: number of longer lags wanted.
  /// - Returns: for each longer lag the shares of the shorter ones, newest first. They sum to 1.
  package func coarseShares(after stage: Int, order: Int) -> [[Share]] {
    guard let next = following[stage] else { return [] }
    var coarse = steps[next].period
    var fine = steps[stage].period
    var lag = 1
    return (0..<max(0, order)).map { _ in
      coarse = previous(of: coarse)
      var shares: [Share] = []
      // No period is shorter than a day, so this ends.
      while fine.end > coarse.start {
        let days = fine.overlap(coarse)
        if days > 0 { shares.append(Share(lag: lag, weight: Double(days))) }
        guard fine.start >= coarse.start else { break }
        fine = previous(of: fine)
        lag += 1
      }
      let sum = shares.reduce(0) { $0 + $1.weight }
      return sum > 0 ? shares.map { Share(lag: $0.lag, weight: $0.weight / sum) } : [Share(lag: lag, weight: 1)]
    }
  }

  private func previous(of period: LagPeriod) -> LagPeriod {
    guard let seasons else { return period.previous }
    return seasons.period(before: period, cycles: cycles)
  }

  private static func cycle(
    of stage: Stage, period: LagPeriod, seasons: SeasonDefinitions?, cycles: SeasonCycles
  ) -> Int? {
    guard let seasons, let id = stage.seasonID, let season = seasons.seasons.first(where: { $0.id == id }),
      seasons.occurrences(of: season, about: stage.start.year).contains(period)
    else { return nil }
    return cycles.place(of: id)?.cycle
  }

  /// The lag period of a stage.
  static func period(of stage: Stage, seasons: SeasonDefinitions?) -> LagPeriod {
    let own = LagPeriod(start: stage.start, end: stage.end)
    guard let seasons, let id = stage.seasonID, let season = seasons.seasons.first(where: { $0.id == id }) else {
      return own
    }
    let found = seasons.occurrences(of: season, about: stage.start.year).max { left, right in
      let (a, b) = (left.overlap(own), right.overlap(own))
      // If none overlaps, the nearest counts.
      return a != b
        ? a < b : abs(left.start.dayNumber - own.start.dayNumber) > abs(right.start.dayNumber - own.start.dayNumber)
    }
    guard let found, !found.isFiner(than: own) else { return own }
    return found
  }
}
