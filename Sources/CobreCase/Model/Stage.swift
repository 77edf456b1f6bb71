/// A load block: a share of the stage's hours with constant flows and powers.
package struct Block: Sendable, Equatable {
  /// 0…n−1 within the stage, equal to the index in `Stage.blocks`.
  package var id: Int
  package var name: String
  /// Duration τ in h, > 0.
  package var hours: Double
}

/// How the blocks of a stage follow each other.
package enum BlockMode: String, Sendable, CaseIterable {
  /// One water balance for the whole stage.
  case parallel
  /// Blocks in id order, with a water balance each.
  case chronological
}

/// How the openings of a stage are drawn.
package enum SamplingMethod: String, Sendable, CaseIterable {
  case saa
  case lhs
  case qmcSobol = "qmc_sobol"
  case qmcHalton = "qmc_halton"
  case historicalResiduals = "historical_residuals"
  case selective

  /// Components of the noise vector up to which there are Sobol points.
  package static let mostSobolDimensions = 21201
}

/// A study stage, whose id equals its index in `StudyCase.stages`.
package struct Stage: Sendable, Equatable {
  package var id: Int
  /// First day of the stage.
  package var start: CalendarDate
  /// First day after the stage.
  package var end: CalendarDate
  package var seasonID: Int?
  /// At least one.
  ///
  /// Index = id.
  package var blocks: [Block]
  package var blockMode: BlockMode
  /// Whether `state_variables.inflow_lags` asks for lagged inflows as state.
  package var inflowLags: Bool
  package var riskMeasure: RiskMeasure
  /// Number of openings N in use: the number in the opening tables if there are any, else `num_scenarios`.
  package var openings: Int
  package var samplingMethod: SamplingMethod
  /// Σ of block hours H, in h.
  ///
  /// Drives energy and volume.
  package var hours: Double
  /// The id that the case declares, where that need not be the index.
  package var declaredID: Int? = nil

  /// Calendar days from start to end.
  ///
  /// Drives discounting.
  package var days: Int { CalendarDate.days(from: start, to: end) }
}

/// A period before stage 0 that carries lag statistics.
///
/// The last has id −1.
package struct PreStudyStage: Sendable, Equatable {
  package var id: Int
  package var start: CalendarDate
  package var end: CalendarDate
  package var seasonID: Int?
}

/// Rule by which a date outside every stage finds its season.
package enum SeasonCycle: String, Sendable, CaseIterable {
  case monthly
  case weekly
  case custom
}

/// One season of the inflow model.
package struct Season: Sendable, Equatable {
  package var id: Int
  package var label: String
  package var monthStart: Int
  package var dayStart: Int
  package var monthEnd: Int
  package var dayEnd: Int
}

/// The calendar of seasons, sorted by id.
package struct SeasonDefinitions: Sendable, Equatable {
  package var cycle: SeasonCycle
  package var seasons: [Season]
}
