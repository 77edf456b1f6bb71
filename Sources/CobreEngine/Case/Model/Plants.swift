/// A thermal plant with one cost segment.
package struct Thermal: Sendable, Equatable {
  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of its bus.
  package var bus: Int
  /// Stages of advance commitment of `gnl_config`.
  ///
  /// Read but without effect.
  package var commitmentLag: Int?
  /// When its generation is decided (nil = in the stage of delivery).
  package var anticipation: Anticipation?
}

/// Wind, solar or another source without control over what it could generate.
package struct NonControllableSource: Sendable, Equatable {
  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of its bus.
  package var bus: Int
  /// Installed capacity in MW, ≥ 0.
  package var maxGeneration: Double
  /// Whether less than the available power may be taken.
  package var allowsCurtailment = true
}

/// A pump that moves water from one reservoir to another.
package struct PumpingStation: Sendable, Equatable {
  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of the bus that feeds it.
  package var bus: Int
  /// Index of the hydro the water leaves.
  package var sourceHydro: Int
  /// Index of the hydro the water enters.
  package var destinationHydro: Int
  /// Power drawn per flow, in MW/(m³/s), ≥ 0.
  package var consumption: Double
}

/// An energy contract.
package struct EnergyContract: Sendable, Equatable {
  package enum Direction: String, Sendable, CaseIterable {
    /// Adds energy to the bus.
    case imports = "import"
    /// Takes energy from the bus.
    case exports = "export"
  }

  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of its bus.
  package var bus: Int
  package var direction: Direction
}
