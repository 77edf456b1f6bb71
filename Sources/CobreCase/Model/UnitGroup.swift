/// Machines of a hydro plant that feed one bus.
package struct UnitGroup: Sendable, Equatable {
  package var id: Int
  package var name: String
  /// Index of the bus.
  package var bus: Int
  /// Declared limits, before the tables.
  package var limits: UnitGroupLimits

  package init(id: Int, name: String, bus: Int, limits: UnitGroupLimits) {
    self.id = id
    self.name = name
    self.bus = bus
    self.limits = limits
  }
}

/// Limits of a unit group.
///
/// The minima are soft.
package struct UnitGroupLimits: Sendable, Equatable {
  /// m³/s.
  package var minTurbined: Double
  /// m³/s.
  package var maxTurbined: Double
  /// MW.
  package var minGeneration: Double
  /// MW.
  package var maxGeneration: Double

  package init(minTurbined: Double, maxTurbined: Double, minGeneration: Double, maxGeneration: Double) {
    self.minTurbined = minTurbined
    self.maxTurbined = maxTurbined
    self.minGeneration = minGeneration
    self.maxGeneration = maxGeneration
  }
}

/// Limits on the sums over all unit groups of a plant, in addition to the groups' own limits, or nil if there is none.
package struct PlantTotals: Sendable, Equatable {
  /// m³/s, soft.
  package var minTurbined: Double?
  /// m³/s.
  package var maxTurbined: Double?
  /// MW, soft.
  package var minGeneration: Double?
  /// MW.
  package var maxGeneration: Double?

  package init(
    minTurbined: Double? = nil, maxTurbined: Double? = nil, minGeneration: Double? = nil, maxGeneration: Double? = nil
  ) {
    self.minTurbined = minTurbined
    self.maxTurbined = maxTurbined
    self.minGeneration = minGeneration
    self.maxGeneration = maxGeneration
  }
}
