/// A thermal plant with one cost segment.
package struct Thermal: Sendable, Equatable {
  package var id: Int
  package var name: String
  package var service: ServicePeriod
  /// Index of its bus.
  package var bus: Int
  /// Stages of advance commitment of `gnl_config`.
  ///
  /// Without effect on the LP; the tables in the layout of Novomodelo show it.
  package var commitmentLag: Int?
  /// When its generation is decided (nil = in the stage of delivery).
  package var anticipation: Anticipation?
}

/// Hard limits and cost of a thermal plant in one stage, after the cascade.
package struct ThermalLimits: Sendable, Equatable {
  /// MW.
  package var minGeneration: Double
  /// MW.
  package var maxGeneration: Double
  /// $/MWh.
  package var cost: Double

  package init(minGeneration: Double, maxGeneration: Double, cost: Double) {
    self.minGeneration = minGeneration
    self.maxGeneration = maxGeneration
    self.cost = cost
  }
}

extension StudyCase {
  package func exists(stage: Int, thermal: Int) -> Bool { thermals[thermal].service.contains(position(of: stage)) }

  package func limits(stage: Int, thermal: Int) -> ThermalLimits { thermalLimits[stage * thermals.count + thermal] }

  package func limits(stage: Int, thermal: Int, block: Int) -> ThermalLimits {
    thermalBlockLimits[stage, thermal, block] ?? limits(stage: stage, thermal: thermal)
  }
}
