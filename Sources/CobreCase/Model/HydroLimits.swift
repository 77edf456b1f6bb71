/// Limits of a hydro plant in one stage, after the cascade.
package struct HydroLimits: Sendable, Equatable {
  /// hm³, end of stage.
  package var minStorage: Double
  /// hm³, end of stage.
  package var maxStorage: Double
  /// m³/s.
  package var minTurbined: Double
  /// m³/s.
  package var maxTurbined: Double
  /// m³/s.
  ///
  /// Outflow = turbined + spilled, and diverted water where `countsDiversionAsOutflow` says so.
  package var minOutflow: Double
  /// m³/s (nil = no limit).
  package var maxOutflow: Double?
  /// MW.
  package var minGeneration: Double
  /// MW.
  package var maxGeneration: Double
  /// In m³/s.
  ///
  /// 0 for plants without `diversion`, infinite if it has no limit.
  package var maxDiversion: Double
  /// m³/s kept for filling; 0 for plants without `filling`.
  package var fillingInflow: Double
  /// m³/s taken from the balance.
  ///
  /// Negative = added.
  package var withdrawal: Double
  /// m³/s, hard.
  package var minDiversion = 0.0
  /// m³/s, hard.
  package var minSpillage = 0.0
  /// m³/s, hard (nil = no limit).
  package var maxSpillage: Double?
  /// hm³ that the end of the stage should not be below (nil = none).
  package var alertStorage: Double?
  /// hm³ that the end of the stage should not be above (nil = none).
  package var floodStorage: Double?
  /// m³/s from a block to the next (nil = no limit).
  package var maxOutflowRise: Double?
  /// m³/s from a block to the next (nil = no limit).
  package var maxOutflowFall: Double?
  /// Limits on the sums over the unit groups of the plant.
  package var totals = PlantTotals()
}

/// Costs of a hydro plant in one stage, after the cascade.
///
/// Flow costs are in $/(m³/s·h), the two storage costs in $/hm³, the generation cost in $/MWh.
package struct HydroCosts: Sendable, Equatable {
  package var spillage: Double
  package var fphaTurbined: Double
  package var diversion: Double
  /// $/hm³ missing to the minimum storage.
  package var storageViolationBelow: Double
  /// $/hm³ missing when filling ends.
  package var fillingTargetViolation: Double
  package var turbinedViolationBelow: Double
  package var outflowViolationBelow: Double
  package var outflowViolationAbove: Double
  /// $/MWh.
  package var generationViolationBelow: Double
  /// Evaporating more than computed (`_pos_`).
  package var evaporationViolationAbove: Double
  /// Evaporating less than computed (`_neg_`).
  package var evaporationViolationBelow: Double
  /// Withdrawing more than scheduled (`_pos_`).
  package var withdrawalViolationAbove: Double
  /// Withdrawing less than scheduled (`_neg_`).
  package var withdrawalViolationBelow: Double
  /// Virtual inflow of the `penalty` methods.
  package var inflowNonnegativity: Double
}
