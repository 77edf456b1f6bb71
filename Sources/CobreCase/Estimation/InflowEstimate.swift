/// The inflow model of a case that is estimated from its history, in whole or in part.
package struct InflowEstimate: Sendable, Equatable {
  package let cycles: SeasonCycles
  /// Observations of each plant in each cycle of seasons.
  package let series: [[SeasonalSeries]]
  /// Fit of each plant in each cycle of seasons.
  package let fits: [[PeriodicFit]]
  /// Largest order of each season of each cycle, nil for seasons that the model does not reach.
  ///
  /// Empty if all are the same.
  let ceilings: [[Int?]]

  /// Fits all plants, and returns nil if the case gives its model.
  init?(study: StudyCase) {
    guard case .estimated = study.inflowModelSource, let seasons = study.seasons else { return nil }
    let cycles = SeasonCycles(study: study)
    self.cycles = cycles
    let years = study.inflowHistory.map(\.date.year)
    let span = (years.min() ?? 2000)...(years.max() ?? 2000)
    let timelines = cycles.cycles.map { SeasonTimeline(seasons, ids: $0, years: span) }
    var series: [[SeasonalSeries]] = []
    var first = 0
    for hydro in study.hydros.indices {
      var end = first
      while end < study.inflowHistory.count, study.inflowHistory[end].hydro == hydro { end += 1 }
      series.append(timelines.map { $0.series(study.inflowHistory[first..<end]) })
      first = end
    }
    self.series = series
    let rule = study.conventions.estimationRule
    let ceilings = rule == .studySeasons ? study.orderCeilings(cycles) : []
    self.ceilings = ceilings
    fits = series.map { series in
      series.enumerated().map { cycle, series in
        PeriodicFit(
          series, settings: study.configuration.estimation,
          ceilings: ceilings.isEmpty ? nil : ceilings[cycle].map { $0 ?? 0 }, rule: rule)
      }
    }
  }

  /// The fit of a plant in a season, or nil for seasons that are not defined.
  package func season(_ id: Int, hydro: Int) -> PeriodicFit.Season? {
    cycles.place(of: id).map { fits[hydro][$0.cycle].seasons[$0.index] }
  }
}

extension StudyCase {
  /// The case with what it leaves to its history; see `GivenCase.resolved`.
  func fittingHistory() -> StudyCase {
    guard case .estimated(let takesMoments, let takesCoefficients) = inflowModelSource,
      let estimate = InflowEstimate(study: self)
    else { return self }
    var study = self
    study.inflowEstimate = estimate
    if takesMoments {
      let ids = estimate.cycles.cycles.joined()
      study.fittedInflowMoments = hydros.indices.flatMap { hydro in
        ids.map { estimate.season($0, hydro: hydro).map { .init(mean: $0.mean, deviation: $0.deviation) } ?? .zero }
      }
    }
    if takesCoefficients {
      study.autoregressiveCoefficients = []
      study.annualComponents = []
    }
    // In the order of the tables: by hydro, then stage.
    for hydro in hydros.indices {
      for stage in stages.indices {
        guard let id = inflowSeason(of: stage), let fit = estimate.season(id, hydro: hydro) else { continue }
        if takesMoments {
          study.inflowStatistics[stage * hydros.count + hydro] = .init(mean: fit.mean, deviation: fit.deviation)
        }
        if takesCoefficients {
          let deviation = study.inflowStatistics(stage: stage, hydro: hydro).deviation
          study.append(fit, hydro: hydro, stageID: stages[stage].id, deviation: deviation)
        }
      }
    }
    if conventions.estimationRule == .studySeasons { study.fitPast(estimate, takesCoefficients: takesCoefficients) }
    if takesCoefficients, !conventions.seedsLagsFromWindows { study.startFromHistory() }
    if correlation == nil {
      study.correlation = ResidualCorrelation(study: study, estimate: estimate).correlation
      study.correlatesResiduals = true
    }
    return study
  }

  /// The season of a stage: its own, else the season of its first day.
  package func inflowSeason(of stage: Int) -> Int? {
    stages[stage].seasonID ?? seasons?.season(of: stages[stage].start)
  }

  mutating func append(_ fit: PeriodicFit.Season, hydro: Int, stageID: Int, deviation: Double) {
    // A plant and stage without noise has no coefficients in the tables either.
    guard deviation > 0 else { return }
    var coefficients = fit.coefficients
    if let annual = fit.annual, annual != 0, fit.annualMoments.deviation > 0 {
      annualComponents.append(
        AnnualComponent(
          hydro: hydro, stageID: stageID, coefficient: annual, mean: fit.annualMoments.mean,
          deviation: fit.annualMoments.deviation))
      // The residual ratio is stored with a coefficient, so there must be one.
      if coefficients.isEmpty { coefficients = [0] }
    }
    for (index, coefficient) in coefficients.enumerated() {
      autoregressiveCoefficients.append(
        AutoregressiveCoefficient(
          hydro: hydro, stageID: stageID, lag: index + 1, coefficient: coefficient,
          residualRatio: fit.residualRatio))
    }
  }
}
