/// The statistics and standardised coefficients that an inflow model is made of, given with a case or estimated.
package struct InflowTables: Sendable, Equatable {
  /// `[stage * hydros + hydro]`, or nil if the stage has no row of its own.
  package var statistics: [SeriesStatistics?]
  /// Sorted by hydro, then stage.
  package var preStudyStatistics: [PreStudyStatistics]
  /// Sorted by hydro, stage, lag.
  package var coefficients: [AutoregressiveCoefficient]
  /// Sorted by hydro, then stage.
  package var annualComponents: [AnnualComponent]
  /// Moments by hydro and position of the season, `[hydro * seasons + position]`, if they come from a history.
  ///
  /// They then serve every lag.
  package var seasonalMoments: [SeriesStatistics]

  /// The tables as a case gives them.
  package init(study: StudyCase) {
    let hydros = study.hydros.count
    statistics = study.inflowStatistics.enumerated().map { index, row in
      // A plant out of service may have no row, which the case then holds as zeros.
      row == .zero && !study.exists(stage: index / hydros, hydro: index % hydros) ? nil : row
    }
    preStudyStatistics = study.preStudyStatistics
    coefficients = study.autoregressiveCoefficients
    annualComponents = study.annualComponents
    seasonalMoments = study.fittedInflowMoments
  }
}

/// A stage or season before the study counts by its id, −1 just before stage 0.
struct HydroStage: Hashable {
  var hydro: Int
  var stage: Int
}
