/// Mean and deviation of one series in one stage.
package struct SeriesStatistics: Sendable, Equatable {
  /// m³/s (inflow), MW (load) or share of capacity (sources).
  package var mean: Double
  /// Deviation of the series, same unit, ≥ 0; 0 = deterministic.
  package var deviation: Double

  package static let zero = SeriesStatistics(mean: 0, deviation: 0)
}

/// Which row of the table in Documentation/CaseFormat.md the inflow model follows.
package enum InflowModelSource: Sendable, Equatable {
  /// Inflow 0 in every stage.
  case none
  /// `inflow_seasonal_stats`, with coefficients where `inflow_ar_coefficients` gives some.
  case given
  /// `inflow_openings` replaces the model.
  case openings
  /// Moments, coefficients or both are fitted from `inflow_history`.
  case estimated(momentsFromHistory: Bool, coefficientsFromHistory: Bool)
}

/// Statistics of a period before the study.
package struct PreStudyStatistics: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// −1 is the stage just before stage 0.
  package var stageID: Int
  package var statistics: SeriesStatistics
}

/// One standardised autoregressive coefficient.
package struct AutoregressiveCoefficient: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// Study or pre-study stage.
  package var stageID: Int
  /// 1…p.
  package var lag: Int
  package var coefficient: Double
  /// Residual deviation / deviation of the series, in (0, 1].
  package var residualRatio: Double
}

/// The annual term of the inflow model of one plant and stage.
package struct AnnualComponent: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// Study or pre-study stage.
  package var stageID: Int
  package var coefficient: Double
  /// m³/s.
  package var mean: Double
  /// m³/s, > 0.
  package var deviation: Double
}

/// One observed inflow.
package struct InflowObservation: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// First day of the observed period.
  package var date: CalendarDate
  /// m³/s.
  package var value: Double
  /// First day after the observed period (nil = it lasts until the next observation).
  package var end: CalendarDate? = nil
}
