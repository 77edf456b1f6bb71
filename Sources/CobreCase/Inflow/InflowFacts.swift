/// What the rules of a case ask of its inflow model.
struct InflowFacts {
  /// Lags by hydro.
  let lagCounts: [Int]
  /// See `InflowProcess.hasHeuristicBounds`.
  let hasHeuristicBounds: Bool
  private let process: InflowProcess

  fileprivate init(_ process: InflowProcess) {
    self.process = process
    lagCounts = process.layout.lagCounts
    hasHeuristicBounds = process.hasHeuristicBounds
  }

  /// First day of the lag period so many periods before the study, or nil if the study has no stage.
  func firstDay(ofLag lag: Int) -> CalendarDate? {
    process.calendar.steps.first.map { process.calendar.period(lag, before: $0.period).start }
  }

  /// Whether the inflow of a stage depends on lags.
  func hasLags(stage: Int, hydro: Int) -> Bool { !process.coefficients(stage: stage, hydro: hydro).isEmpty }
}

extension StudyCase {
  /// What the rules of a case need to know about its inflow model.
  func inflowFacts() -> InflowFacts { InflowFacts(InflowProcess(study: self)) }

  /// By hydro, the seasons whose observations do not support the largest order of the estimation, with the order that
  /// they support.
  func limitedOrders() -> [[(season: Int, order: Int)]] {
    guard let estimate = inflowEstimate else { return [] }
    let most = configuration.estimation.maxOrder
    return hydros.indices.map { hydro in
      estimate.cycles.cycles.joined().compactMap { id in
        guard let fit = estimate.season(id, hydro: hydro), fit.count > 0, let order = fit.carriedOrder, order < most
        else { return nil }
        return (id, order)
      }
    }
  }
}
