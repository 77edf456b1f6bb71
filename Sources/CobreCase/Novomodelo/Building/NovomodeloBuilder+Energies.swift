extension NovomodeloBuilder {
  /// What computed planes and the energies of plants are derived from, besides the plants themselves.
  func fillEnergies(_ study: inout StudyCase) {
    let families = tailraceFamilies()
    let specific = context.registry(.hydro).nodes.map { $0["specific_productivity_mw_per_m3s_per_m"].optionalNumber }
    for hydro in study.hydros.indices {
      study.hydros[hydro].tailraceFamilies = families[hydro] ?? []
      study.hydros[hydro].specificProductivity = specific[hydro]
    }
    study.energyProductivities = energyProductivities()
    study.planeReduction = planeReduction()
  }

  /// Families of tailrace curves by index of the plant.
  private func tailraceFamilies() -> [Int: [TailraceFamily]] {
    guard let table = context.table(.tailraceCurves) else { return [:] }
    let registry = context.registry(.hydro)
    let (ids, families, segments) = (
      table.integers("hydro_id"), table.integers("family_id"), table.integers("segment_id")
    )
    let (starts, ends) = (table.numbers("outflow_min_m3s"), table.numbers("outflow_max_m3s"))
    let coefficients = (0...4).map { table.numbers("coefficient_\($0)") }
    let levels = NumberColumn(table, "downstream_reference_level_m")
    var rows: [Int: [Int: (level: Double?, segments: [TailraceSegment])]] = [:]
    for row in 0..<table.rowCount {
      guard let hydro = registry.index[ids[row]] else { continue }
      let segment = TailraceSegment(
        id: segments[row], from: starts[row], to: ends[row], coefficients: coefficients.map { $0[row] })
      rows[hydro, default: [:]][families[row], default: (levels[row], [])].segments.append(segment)
    }
    return rows.mapValues { families in
      families.sorted { $0.key < $1.key }.map {
        TailraceFamily(id: $0.key, level: $0.value.level, segments: $0.value.segments)
      }
    }
  }

  private func energyProductivities() -> [EnergyProductivity] {
    guard let table = context.table(.energyProductivity) else { return [] }
    let registry = context.registry(.hydro)
    let (ids, stages) = (table.integers("hydro_id"), table.integers("stage_id"))
    let columns = [
      "equivalent_productivity_mw_per_m3s", "reference_outflow_m3s", "specific_productivity_mw_per_m3s_per_m",
      "integrated_equivalent_productivity_mw_per_m3s",
    ].map { NumberColumn(table, $0) }
    return (0..<table.rowCount).compactMap { row in
      let id = stages.isEmpty ? Table.none : stages[row]
      let stage = context.stages.index[id]
      guard let hydro = registry.index[ids[row]], id == Table.none || stage != nil else { return nil }
      return EnergyProductivity(
        hydro: hydro, stage: stage, equivalent: columns[0][row], referenceOutflow: columns[1][row],
        specific: columns[2][row], integrated: columns[3][row])
    }
  }

  private func planeReduction() -> PlaneReductionRule? {
    let node = context.root(.productionModels)["fpha_plane_reduction"]
    return switch node["method"].text {
    case "angle": .angle(degrees: node["tolerance_deg"].number)
    case "distance": .distance(percent: node["tolerance_pct"].number, samples: node["n_samples"].int)
    default: nil
    }
  }

  /// Productivities that a plant declared with planes needs in its constant stages and that the case leaves to derive.
  func deriveProductivities(_ study: inout StudyCase) {
    let entries = productionEntries(study)
    let equivalent = equivalentProductivities(study)
    var energies: EnergyTable?
    for index in study.productionModels.indices {
      let (stage, hydro) = (index / max(1, study.hydros.count), index % max(1, study.hydros.count))
      guard study.productionModels[index].kind != .fpha, study.hydros[hydro].ownModel == .fpha,
        equivalent[index] == nil, entries[index]?.productivity == nil
      else { continue }
      let table = energies ?? EnergyTable(study: study)
      energies = table
      if let value = table.equivalentProductivity(stage: stage, hydro: hydro) {
        study.productionModels[index].productivity = value
      }
    }
  }
}
