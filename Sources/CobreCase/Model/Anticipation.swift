/// How long before its delivery the generation of a thermal plant is decided.
package enum Anticipation: Sendable, Equatable {
  /// Stages, ≥ 1.
  case stages(Int)
  /// Hours before the end of the delivery stage, > 0, counted in hours of blocks.
  case hours(Double)
}

/// A period after the last stage for which the study decides deliveries.
package struct PostStudyStage: Sendable, Equatable {
  package var start: CalendarDate
  /// > 0.
  package var hours: Double

  /// The number of days that the hours come nearest to, within what a calendar holds.
  package var wholeDays: Int { Int(min(max(0, (hours / 24).rounded()), 1e6)) }

  package init(start: CalendarDate, hours: Double) {
    self.start = start
    self.hours = hours
  }
}

/// Limits and price of an anticipated plant in a period after the last stage.
package struct PostStudyLimits: Sendable, Equatable {
  /// Index of the plant.
  package var thermal: Int
  /// Index in `StudyCase.postStudyStages`.
  package var stage: Int
  package var limits: ThermalLimits

  package init(thermal: Int, stage: Int, limits: ThermalLimits) {
    self.thermal = thermal
    self.stage = stage
    self.limits = limits
  }
}

/// What was committed for a period before the study began.
package struct PastCommitment: Sendable, Equatable {
  /// Index of the plant.
  package var thermal: Int
  /// The period of delivery.
  package var start: CalendarDate
  /// First day after it.
  package var end: CalendarDate
  /// MW.
  package var power: Double

  package init(thermal: Int, start: CalendarDate, end: CalendarDate, power: Double) {
    self.thermal = thermal
    self.start = start
    self.end = end
    self.power = power
  }
}

/// Outflow of a plant before the study, some of which is still on its way downstream.
package struct PastRelease: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  package var start: CalendarDate
  /// First day after the period.
  package var end: CalendarDate
  /// m³/s, ≥ 0.
  package var flow: Double

  package init(hydro: Int, start: CalendarDate, end: CalendarDate, flow: Double) {
    self.hydro = hydro
    self.start = start
    self.end = end
    self.flow = flow
  }
}
