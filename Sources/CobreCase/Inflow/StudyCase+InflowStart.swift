extension StudyCase {
  /// Takes the starting lags of an estimated model from the history, for all plants without past inflows.
  ///
  /// Lag l is the mean of the lag period that is l periods before the first stage, by date. A plant stops at the first
  /// period that the history does not cover. What the history has of a period that is running when the study starts
  /// counts like a recent observation.
  mutating func startFromHistory() {
    let process = InflowProcess(study: self, tables: InflowTables(study: self))
    guard let running = process.calendar.steps.first?.period, let first = stages.first else { return }
    let history = PastInflows(study: self)
    let given = Set(initialConditions.pastInflows.map(\.hydro))
    let recent = Set(initialConditions.recentObservations.map(\.hydro))
    for hydro in hydros.indices where process.layout.lagCounts[hydro] > 0 && !given.contains(hydro) {
      var start = InflowStart(hydro: hydro, needed: process.layout.lagCounts[hydro], days: [], values: [])
      for lag in 1...start.needed {
        let period = process.calendar.period(lag, before: running)
        guard let value = history.mean(hydro: hydro, over: period) else { break }
        start.days.append(period.start)
        start.values.append(value)
      }
      inflowStarts.append(start)
      initialConditions.pastInflows.append(PastInflow(hydro: hydro, values: start.values))
      let begun = LagPeriod(start: running.start, end: first.start)
      if running.start < first.start, !recent.contains(hydro), let value = history.mean(hydro: hydro, over: begun) {
        initialConditions.recentObservations.append(
          RecentObservation(hydro: hydro, start: begun.start, end: begun.end, value: value))
      }
    }
    initialConditions.pastInflows.sort { $0.hydro < $1.hydro }
    initialConditions.recentObservations.sort { ($0.hydro, $0.start) < ($1.hydro, $1.start) }
  }
}
