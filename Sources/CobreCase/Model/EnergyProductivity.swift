/// A row of given productivities of a plant, for one stage or for all.
package struct EnergyProductivity: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// Index of the stage (nil = every stage without a row of its own).
  package var stage: Int?
  /// MW/(m³/s) at the reference volume.
  package var equivalent: Double?
  /// m³/s.
  ///
  /// Reported only, heads are taken at the largest turbined flow.
  package var referenceOutflow: Double?
  /// MW/(m³/s) per m of head.
  package var specific: Double?
  /// MW/(m³/s) at the mean level of the storage range.
  package var integrated: Double?

  package init(
    hydro: Int, stage: Int? = nil, equivalent: Double? = nil, referenceOutflow: Double? = nil, specific: Double? = nil,
    integrated: Double? = nil
  ) {
    self.hydro = hydro
    self.stage = stage
    self.equivalent = equivalent
    self.referenceOutflow = referenceOutflow
    self.specific = specific
    self.integrated = integrated
  }
}

/// Volume at which a plant's head and level are taken.
package enum ReferenceVolume: Sendable, Hashable {
  /// hm³.
  case volume(Double)
  /// Share 0…1 of the declared storage range.
  case share(Double)

  /// The default if nothing is declared.
  package static let usual = ReferenceVolume.share(0.65)
}

/// A quantity of a plant that parameters of user constraints may ask for.
package enum ComputedParameterTag: String, Sendable, CaseIterable {
  case equivalentProductivity = "equivalent_productivity"
  case accumulatedProductivity = "accumulated_productivity"
  case referenceVolume = "reference_volume"
  case referenceTurbine = "reference_turbine"
  case minStorage = "min_storage"
  case maxStorage = "max_storage"
  case specificProductivity = "specific_productivity"
  case integratedEquivalentProductivity = "integrated_equivalent_productivity"
  case integratedAccumulatedProductivity = "integrated_accumulated_productivity"
  case maxStoredEnergy = "max_stored_energy"
  case integratedEquivalentEnergy = "integrated_equivalent_productivity_mwh_per_hm3"
  case integratedAccumulatedEnergy = "integrated_accumulated_productivity_mwh_per_hm3"
  case maxStoredEnergyHours = "max_stored_energy_mwh"
}
