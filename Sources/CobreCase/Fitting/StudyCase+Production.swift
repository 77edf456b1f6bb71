extension StudyCase {
  /// Volume in hm³ at which a plant's head and level are taken in a stage.
  package func referenceVolume(stage: Int, hydro: Int) -> Double {
    let limits = hydros[hydro].limits
    switch production(stage: stage, hydro: hydro).referenceVolume ?? .usual {
    case .volume(let volume): return volume
    case .share(let share): return limits.minStorage + share * (limits.maxStorage - limits.minStorage)
    }
  }

  /// Level in m of the reservoir below a plant at its reference volume, or nil if there is none or it has no geometry.
  package func levelBelow(stage: Int, hydro: Int) -> Double? {
    guard let below = hydros[hydro].downstream, !hydros[below].geometry.isEmpty else { return nil }
    return hydros[below].levelCurve.value(at: referenceVolume(stage: stage, hydro: below))
  }

  /// The exact production of a plant.
  ///
  /// Its tailrace families, if any, replace its own tailrace.
  ///
  /// - Parameters:
  ///   - hydro: index of the plant.
  ///   - levelBelow: level in m that chooses among the families.
  /// - Returns: the function.
  /// - Throws: `PlaneFitFailure` if geometry, tailrace, losses or efficiency are missing.
  package func exactProduction(hydro: Int, levelBelow: Double?) throws(PlaneFitFailure) -> ProductionFunction {
    let plant = hydros[hydro]
    var missing = plant.geometry.isEmpty ? ["rows of hydro_geometry"] : []
    if plant.tailrace == nil { missing.append("tailrace") }
    if plant.hydraulicLosses == nil { missing.append("hydraulic_losses") }
    if plant.efficiency == nil { missing.append("efficiency") }
    let own = plant.tailrace.flatMap { Tailwater($0) }
    guard missing.isEmpty, let tail = Tailwater(plant.tailraceFamilies, downstream: levelBelow) ?? own else {
      throw PlaneFitFailure(
        rule: missing.isEmpty ? 510 : 415,
        message: missing.isEmpty
          ? "The outflows of the tailrace do not rise."
          : "Computed planes need what the plant does not have: \(missing.joined(separator: ", ")).",
        suggestion: "Add it to the plant, or give its planes as precomputed.")
    }
    return ProductionFunction(
      level: plant.levelCurve, tail: tail, losses: plant.hydraulicLosses, efficiency: plant.efficiency)
  }

  /// Productivity that the production model of a constant plant gives, or nil for a plant with planes.
  func givenProductivity(stage: Int, hydro: Int) -> Double? {
    let model = production(stage: stage, hydro: hydro)
    return model.kind == .fpha || hydros[hydro].ownModel == .fpha ? nil : model.productivity
  }
}
