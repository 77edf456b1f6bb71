internal import CobreBase

extension MeaningChecks {
  /// Rules 506 and 507.
  mutating func checkFilling() {
    let registry = context.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() {
      guard let filling = hydro.filling else { continue }
      let entity = registry.entity(index)
      let path = { (key: String) in registry.path(index, key) }
      guard let entry = hydro.service.entry else {
        collector.report(
          506, file: .hydros, at: path("entry_stage_id"), entity: entity, "A plant with filling needs an entry stage.",
          suggestion: "Filling ends at entry_stage_id.")
        continue
      }
      if filling.startStage >= entry {
        collector.report(
          506, file: .hydros, at: path("filling.start_stage_id"), entity: entity, value: String(filling.startStage),
          "Filling starts at \(filling.startStage) but the plant enters at \(entry).",
          suggestion: "Start before the entry stage.")
      }
      if filling.inflow <= 0 {
        collector.report(
          506, file: .hydros, at: path("filling.filling_inflow_m3s"), entity: entity, value: String(filling.inflow),
          "The filling inflow must be greater than 0.")
      }
      let filled = study.stages.indices.reduce(hydro.initialStorage) { volume, stage in
        guard study.isFilling(stage: stage, hydro: index) else { return volume }
        return volume + 0.0036 * study.stages[stage].hours * study.limits(stage: stage, hydro: index).fillingInflow
      }
      if filled < hydro.limits.minStorage {
        collector.report(
          507, file: .hydros, at: path("filling"), entity: entity, value: "\(filled) hm³",
          "The scheduled inflow fills \(filled) hm³ of the minimum storage \(hydro.limits.minStorage) hm³.",
          suggestion: "Raise filling_inflow_m3s or start earlier.")
      }
    }
  }

  /// Rules 508, 509, 513, 514 and 548.
  mutating func checkGeometry() {
    let registry = context.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() {
      let entity = registry.entity(index)
      for (lower, upper) in zip(hydro.geometry, hydro.geometry.dropFirst())
      where upper.height < lower.height || upper.area < lower.area {
        collector.report(
          508, file: .hydroGeometry, entity: entity, value: "volume \(upper.volume)",
          "\(upper.height < lower.height ? "The level" : "The area") falls from volume \(lower.volume) to "
            + "\(upper.volume) hm³.", suggestion: "Level and area must not fall with the volume.")
      }
      if let first = hydro.geometry.first, let last = hydro.geometry.last,
        first.volume > hydro.limits.minStorage || last.volume < hydro.limits.maxStorage
      {
        collector.report(
          509, file: .hydroGeometry, entity: entity, value: "\(first.volume)…\(last.volume) hm³",
          "The curve does not span the storage \(hydro.limits.minStorage)…\(hydro.limits.maxStorage) hm³.",
          suggestion: "Add points at both ends.")
      }
      for volume in hydro.evaporation?.referenceVolumes ?? []
      where volume < hydro.limits.minStorage || volume > hydro.limits.maxStorage {
        collector.report(
          513, file: .hydros, at: registry.path(index, "evaporation.reference_volumes_hm3"), entity: entity,
          value: String(volume),
          "The volume \(volume) hm³ is outside \(hydro.limits.minStorage)…\(hydro.limits.maxStorage) hm³.")
      }
      if let month = hydro.evaporation?.coefficients.firstIndex(where: { $0 < 0 }) {
        collector.report(
          548, file: .hydros, at: registry.path(index, "evaporation.coefficients_mm[\(month)]"), entity: entity,
          value: hydro.evaporation.map { String($0.coefficients[month]) },
          "It rains more than evaporates, which adds water to the reservoir.")
      }
      guard case .piecewise(let points) = hydro.tailrace else { continue }
      for (position, pair) in zip(points, points.dropFirst()).enumerated() where pair.1.outflow <= pair.0.outflow {
        collector.report(
          514, file: .hydros, at: registry.path(index, "tailrace.points[\(position + 1)].outflow_m3s"), entity: entity,
          value: String(pair.1.outflow), "The outflow does not rise from point \(position) to \(position + 1).",
          suggestion: "Order the points by rising outflow.")
      }
    }
  }

  /// Rules 511 and 512, and 415 or 510 if a fit failed.
  mutating func checkProduction() {
    let registry = context.registry(.hydro)
    for index in study.hydros.indices {
      checkFit(index, registry)
      let stage = study.stages.indices.first { stage in
        let costs = study.costs(stage: stage, hydro: index)
        return study.production(stage: stage, hydro: index).kind == .fpha && costs.fphaTurbined <= costs.spillage
      }
      guard let stage else { continue }
      let costs = study.costs(stage: stage, hydro: index)
      collector.report(
        512, file: .penalties, at: "hydro.fpha_turbined_cost", entity: registry.entity(index),
        value: String(costs.fphaTurbined),
        "fpha_turbined_cost \(costs.fphaTurbined) does not exceed spillage_cost \(costs.spillage).",
        suggestion: "Raise fpha_turbined_cost above spillage_cost.")
    }
  }

  private mutating func checkFit(_ index: Int, _ registry: Registry) {
    let models = context.root(.productionModels)["production_models"].elements
    let position = models.firstIndex { $0["hydro_id"].int == study.hydros[index].id } ?? 0
    if let failure = study.planeFitFailures[index] {
      collector.report(
        failure.rule, file: .productionModels, at: "production_models[\(position)]", entity: registry.entity(index),
        failure.message, suggestion: failure.suggestion)
    }
    if let fit = study.fittedPlanes[index], fit.kappa < 0.95 {
      collector.report(
        511, file: .productionModels, at: "production_models[\(position)]", entity: registry.entity(index),
        value: String(fit.kappa),
        "The fitted planes exceed the production function by up to \(percent(1 - fit.kappa)) and are lowered by that.",
        suggestion: "Use more planes or grid points, or a narrower fitting_window.")
    }
  }

  private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

  /// Rule 516.
  mutating func checkConnections() {
    let lines = context.registry(.line)
    for (index, node) in lines.nodes.enumerated() where node["source_bus_id"].int == node["target_bus_id"].int {
      collector.report(
        516, file: .lines, at: lines.path(index, "target_bus_id"), entity: lines.entity(index),
        value: String(node["target_bus_id"].int), "The line starts and ends at the same bus.")
    }
    for (index, node) in lines.nodes.enumerated()
    where node["max_angle_degrees"].exists && !node["reactance_pu"].exists {
      collector.report(
        558, file: .lines, at: lines.path(index, "max_angle_degrees"), entity: lines.entity(index),
        value: node["max_angle_degrees"].value?.text(), "The line has no reactance, so that no angle limits its flow.",
        suggestion: "Give reactance_pu, or remove max_angle_degrees.")
    }
    checkResistances()
    let pumps = context.registry(.pumpingStation)
    for (index, node) in pumps.nodes.enumerated()
    where node["source_hydro_id"].int == node["destination_hydro_id"].int {
      collector.report(
        516, file: .pumpingStations, at: pumps.path(index, "destination_hydro_id"), entity: pumps.entity(index),
        value: String(node["destination_hydro_id"].int), "The station pumps into the reservoir it takes from.")
    }
    let contracts = context.registry(.contract)
    for (index, node) in contracts.nodes.enumerated()
    where node["type"].text == "export" && node["price_per_mwh"].number > 0
      && study.contracts[index].priceProcess == nil
    {
      collector.report(
        516, file: .energyContracts, at: contracts.path(index, "price_per_mwh"), entity: contracts.entity(index),
        value: node["price_per_mwh"].value?.text(), "A positive price makes the export a cost.",
        suggestion: "Export revenue is a negative price.")
    }
  }

  /// Rules 517 and 518.
  mutating func checkIgnoredRows() {
    if let table = context.table(.hydroBounds) {
      let columns = [
        ("max_diversion_m3s", "diversion", NumberColumn(table, "max_diversion_m3s")),
        ("filling_inflow_m3s", "filling", NumberColumn(table, "filling_inflow_m3s")),
      ]
      let registry = context.registry(.hydro)
      for (row, hydro, _) in context.rows(table, "hydro_id", .hydro) {
        for (name, owner, column) in columns where column[row] != nil && !registry.nodes[hydro][owner].exists {
          collector.report(
            517, file: .hydroBounds, at: table.place(row, name), entity: registry.entity(hydro),
            "The value has no effect: the plant has no \(owner).", suggestion: "Leave the field empty.")
        }
      }
    }
    if let table = context.table(.thermalBounds) {
      let blocks = table.integers("block_id")
      for (row, thermal, _) in context.rows(table, "thermal_id", .thermal)
      where !blocks.isEmpty && blocks[row] != Table.none {
        collector.report(
          517, file: .thermalBounds, at: table.place(row, "block_id"),
          entity: context.registry(.thermal).entity(thermal),
          value: String(blocks[row]), "Limits per block are reserved; the row is skipped.",
          suggestion: "Leave block_id empty.")
      }
    }
    guard let table = context.table(.ncsBounds) else { return }
    let available = NumberColumn(table, "available_generation_mw")
    let registry = context.registry(.nonControllableSource)
    for (row, source, stage) in context.rows(table, "ncs_id", .nonControllableSource) {
      let entity = registry.entity(source)
      if let value = available[row], value > study.sources[source].maxGeneration {
        collector.report(
          518, file: .ncsBounds, at: table.place(row, "available_generation_mw"), entity: entity,
          value: String(value), "\(value) MW exceed max_generation_mw \(study.sources[source].maxGeneration).")
      }
      if study.sourceStatistics(stage: stage, source: source) != nil {
        collector.report(
          518, file: .ncsBounds, at: table.place(row), entity: entity,
          "non_controllable_stats has a row for stage \(study.stages[stage].id) too; the statistics win.",
          suggestion: "Remove one of the two rows.")
      }
    }
  }
}
