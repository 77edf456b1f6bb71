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

/// Hard limits of a pumping station in one stage, after the cascade, in m³/s.
package struct PumpLimits: Sendable, Equatable {
  package var minFlow: Double
  package var maxFlow: Double
}

extension StudyCase {
  package func exists(stage: Int, pump: Int) -> Bool { pumpingStations[pump].service.contains(position(of: stage)) }

  package func limits(stage: Int, pump: Int) -> PumpLimits { pumpLimits[stage * pumpingStations.count + pump] }

  package func limits(stage: Int, pump: Int, block: Int) -> PumpLimits {
    pumpBlockLimits[stage, pump, block] ?? limits(stage: stage, pump: pump)
  }
}
