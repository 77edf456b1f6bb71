extension CoverageChecks {
  /// Rules 414 to 418 and 421.
  mutating func checkHydros() {
    let registry = context.registry(.hydro)
    let root = context.root(.initialConditions)
    func positions(_ list: String) -> [Int: Int] {
      Dictionary(root[list].elements.enumerated().map { ($1["hydro_id"].int, $0) }) { first, _ in first }
    }
    let volumes = ["storage": positions("storage"), "filling_storage": positions("filling_storage")]
    for (index, hydro) in study.hydros.enumerated() {
      checkProduction(index, hydro, registry)
      checkStartVolume(index, hydro, registry, volumes)
      checkEvaporation(index, hydro, registry)
    }
  }

  private mutating func checkProduction(_ index: Int, _ hydro: Hydro, _ registry: Registry) {
    let models = study.stages.indices.map { study.production(stage: $0, hydro: index) }
    let entity = registry.entity(index)
    let computed = models.contains { $0.fpha?.source == .computed }
    if hydro.ownModel == .fpha { checkFPHACoverage(index, hydro, registry) }
    if let stage = models.indices.first(where: { stage in
      models[stage].fpha?.source == .precomputed && study.exists(stage: stage, hydro: index)
        && study.planes(stage: stage, hydro: index).isEmpty
    }) {
      collector.report(
        414, file: .fphaHyperplanes, entity: entity, value: "stage \(study.stages[stage].id)",
        "The plant has no plane for stage \(study.stages[stage].id).",
        suggestion: "Add rows with that stage, or with an empty stage_id.")
    }
    if computed {
      let missing =
        (hydro.geometry.count < 2 ? ["two rows in system/hydro_geometry.csv"] : [])
        + (hydro.tailrace == nil ? ["tailrace"] : []) + (hydro.hydraulicLosses == nil ? ["hydraulic_losses"] : [])
        + (hydro.efficiency == nil ? ["efficiency"] : [])
      if !missing.isEmpty {
        collector.report(
          415, file: .hydros, at: registry.path(index), entity: entity,
          "Fitting the production function needs \(missing.joined(separator: ", ")).")
      }
    }
    let isLinearized = hydro.ownModel == .linearizedHead || models.contains { $0.kind == .linearizedHead }
    if isLinearized, context.table(.hydroGeometry) != nil, hydro.geometry.count < 2 {
      collector.report(
        416, file: .hydroGeometry, entity: entity, value: "\(hydro.geometry.count) rows",
        "linearized_head needs at least two geometry rows for the plant.")
    }
  }

  private mutating func checkFPHACoverage(_ index: Int, _ hydro: Hydro, _ registry: Registry) {
    let node = context.root(.productionModels)["production_models"].elements.first { $0["hydro_id"].int == hydro.id }
    let uncovered = study.stages.first { stage in
      guard let node else { return true }
      guard node["selection_mode"].text == "stage_ranges" else { return false }
      return !node["stage_ranges"].elements.contains {
        $0["start_stage_id"].int <= stage.id && stage.id <= $0["end_stage_id"].optionalInt ?? .max
      }
    }
    guard let uncovered else { return }
    collector.report(
      417, file: .hydros, at: registry.path(index, "generation.model"), entity: registry.entity(index), value: "fpha",
      "hydro_production_models.json does not cover stage \(uncovered.id) for this plant.",
      suggestion: "Add an entry that covers every stage.")
  }

  /// `volumes` holds the position of each plant in the two lists of start volumes.
  private mutating func checkStartVolume(
    _ index: Int, _ hydro: Hydro, _ registry: Registry, _ volumes: [String: [Int: Int]]
  ) {
    let needed = hydro.filling == nil ? "storage" : "filling_storage"
    let other = hydro.filling == nil ? "filling_storage" : "storage"
    if volumes[needed]?[hydro.id] != nil { return }
    let entity = registry.entity(index)
    if let position = volumes[other]?[hydro.id] {
      return collector.report(
        418, file: .initialConditions, at: "\(other)[\(position)].hydro_id", entity: entity, value: String(hydro.id),
        hydro.filling == nil
          ? "The plant has no filling, so its volume belongs in storage."
          : "The plant has filling, so its volume belongs in filling_storage.", suggestion: "Move it to \(needed).")
    }
    guard hydro.limits.minStorage != hydro.limits.maxStorage else { return }
    collector.report(
      418, file: .initialConditions, at: needed, entity: entity,
      "\(needed) has no volume for hydro \(hydro.id).", suggestion: "Add {\"hydro_id\": \(hydro.id), \"value_hm3\": …}."
    )
  }

  private mutating func checkEvaporation(_ index: Int, _ hydro: Hydro, _ registry: Registry) {
    guard hydro.evaporation != nil else { return }
    let entity = registry.entity(index)
    if hydro.geometry.isEmpty || hydro.geometry.allSatisfy({ $0.area == 0 }) {
      collector.report(
        421, file: .hydroGeometry, entity: entity,
        hydro.geometry.isEmpty
          ? "Evaporation needs geometry rows for the plant."
          : "Evaporation needs an area; all areas of the plant are 0.")
    }
    if let stage = study.stages.firstIndex(where: { !(0...11).contains($0.seasonID ?? -1) }) {
      collector.report(
        421, file: .stages, at: context.stages.path(stage, "season_id"), entity: entity,
        value: study.stages[stage].seasonID.map(String.init) ?? "null",
        "Evaporation needs the month of every stage as season_id in 0…11.")
    }
  }
}
