extension NovomodeloMeaningChecks {
  /// Rule 502: hard limits are not empty, in the entity and after the tables.
  mutating func checkLimits() {
    for (index, hydro) in study.hydros.enumerated() {
      var pairs = ElementChecks.pairs(hydro.limits)
      for (position, group) in hydro.groups.enumerated() {
        let (limits, place) = (group.limits, "unit_groups[\(position)]")
        pairs += [
          .init("turbined flow", limits.minTurbined, limits.maxTurbined, key: "\(place).min_turbined_m3s"),
          .init("generation", limits.minGeneration, limits.maxGeneration, key: "\(place).min_generation_mw"),
        ]
      }
      for pair in pairs { pair.check(hydros, index, &collector) }
    }
    ElementChecks.checkLimits(context, &collector)
    let study = study
    checkRows(.thermalBounds, "thermal_id", .thermal, "min_generation_mw") {
      let limits = study.limits(stage: $0, thermal: $1, block: $2)
      return (limits.minGeneration, limits.maxGeneration)
    }
    checkRows(.pumpingBounds, "pumping_station_id", .pumpingStation, "min_m3s") {
      let limits = study.limits(stage: $0, pump: $1, block: $2)
      return (limits.minFlow, limits.maxFlow)
    }
    checkRows(.contractBounds, "contract_id", .contract, "min_mw") {
      let limits = study.limits(stage: $0, contract: $1, block: $2)
      return (limits.minPower, limits.maxPower)
    }
    checkRows(.hydroBounds, "hydro_id", .hydro, "min_diversion_m3s") {
      let limits = study.limits(stage: $0, hydro: $1, block: $2)
      return (limits.minDiversion, limits.maxDiversion)
    }
    checkRows(.hydroBounds, "hydro_id", .hydro, "min_spillage_m3s") {
      let limits = study.limits(stage: $0, hydro: $1, block: $2)
      return (limits.minSpillage, limits.maxSpillage ?? .infinity)
    }
    // Novomodelo accepts a stage with such storage limits with a warning.
    checkRows(.hydroBounds, "hydro_id", .hydro, "min_storage_hm3", severity: .warning) {
      let limits = study.limits(stage: $0, hydro: $1, block: $2)
      return (limits.minStorage, limits.maxStorage)
    }
  }

  private mutating func checkRows(
    _ file: NovomodeloFile, _ key: String, _ kind: EntityKind, _ column: String, severity: Finding.Severity = .error,
    _ limits: (Int, Int, Int) -> (Double, Double)
  ) {
    guard let table = context.table(file) else { return }
    let registry = context.registry(kind)
    for row in context.rows(file, key, kind) {
      let (minimum, maximum) = limits(row.stage, row.entity, row.block ?? -1)
      guard minimum > maximum else { continue }
      report(
        502, severity: severity, file, table.place(row.row, column), entity: registry.entity(row.entity),
        value: "\(minimum) > \(maximum)",
        "With this row the minimum \(minimum) at stage \(context.stages.ids[row.stage]) is above the maximum \(maximum).",
        "Null keeps the value of the entity; give both limits.")
    }
  }

  /// Rule 618.
  mutating func checkBlockRows() {
    let columns: [(NovomodeloFile, [String])] = [
      (.hydroBounds, ["min_storage_hm3", "max_storage_hm3", "filling_min_rate_m3s", "water_withdrawal_m3s"]),
      (.thermalBounds, ["cost_per_mwh"]),
    ]
    for (file, names) in columns {
      guard let table = context.table(file) else { continue }
      let blocks = table.integers("block_id")
      let values = names.map { ($0, NumberColumn(table, $0)) }
      for row in blocks.indices where blocks[row] != Table.none {
        for (name, column) in values where column[row] != nil {
          report(
            618, file, table.place(row, name), value: column[row].map { String($0) },
            "\(name) holds for whole stages; this row is for block \(blocks[row]).",
            "Put it into a row whose block_id is null.")
        }
      }
    }
    guard let table = context.table(.thermalBounds) else { return }
    for row in context.rows(.thermalBounds, "thermal_id", .thermal)
    where row.block != nil && study.thermals[row.entity].anticipation != nil {
      report(
        618, .thermalBounds, table.place(row.row, "block_id"), entity: context.registry(.thermal).entity(row.entity),
        "The plant is committed in advance for whole stages; limits of blocks are not possible.",
        "Set block_id to null.")
    }
  }

  /// Rule 619.
  mutating func checkHydroBounds() {
    guard let table = context.table(.hydroBounds) else { return }
    let turbined = NumberColumn(table, "max_turbined_m3s")
    let generation = NumberColumn(table, "max_generation_mw")
    let diversion = NumberColumn(table, "min_diversion_m3s")
    for row in context.rows(.hydroBounds, "hydro_id", .hydro) {
      let limits = study.hydros[row.entity].limits
      let entity = hydros.entity(row.entity)
      if let value = turbined[row.row], value > limits.maxTurbined {
        report(
          619, .hydroBounds, table.place(row.row, "max_turbined_m3s"), entity: entity, value: String(value),
          "The row raises the plant's largest turbined flow of \(limits.maxTurbined) m³/s.",
          "Raise it in \(NovomodeloFile.hydros.path) instead.")
      }
      if let value = generation[row.row], value > limits.maxGeneration {
        report(
          619, .hydroBounds, table.place(row.row, "max_generation_mw"), entity: entity, value: String(value),
          "The row raises the plant's largest generation of \(limits.maxGeneration) MW.",
          "Raise it in \(NovomodeloFile.hydros.path) instead.")
      }
      if let value = diversion[row.row], value > 0, study.hydros[row.entity].diversion == nil {
        report(
          619, .hydroBounds, table.place(row.row, "min_diversion_m3s"), entity: entity, value: String(value),
          "The plant has no diversion.", "Add one, or remove the value.")
      }
    }
  }

  /// Rule 619: rows of unit groups lower what the groups declare.
  mutating func checkGroupBounds() {
    guard let table = context.table(.unitGroupBounds) else { return }
    let ids = table.integers("hydro_unit_group_id")
    let columns: [(String, String, NumberColumn, KeyPath<UnitGroupLimits, Double>)] = [
      ("max_turbined_m3s", "m³/s", NumberColumn(table, "max_turbined_m3s"), \.maxTurbined),
      ("max_generation_mw", "MW", NumberColumn(table, "max_generation_mw"), \.maxGeneration),
    ]
    for row in context.rows(.unitGroupBounds, "hydro_id", .hydro) {
      guard let group = study.hydros[row.entity].groups.first(where: { $0.id == ids[row.row] }) else { continue }
      for (name, unit, column, path) in columns {
        guard let value = column[row.row], value > group.limits[keyPath: path] else { continue }
        report(
          619, .unitGroupBounds, table.place(row.row, name), entity: hydros.entity(row.entity), value: String(value),
          "The row raises \(name) of unit group \(group.id) above its own \(group.limits[keyPath: path]) \(unit).",
          "Raise it in \(NovomodeloFile.hydros.path) instead.")
      }
    }
  }

  /// Rule 504.
  mutating func checkVolumes() {
    let root = context.root(.initialConditions)
    for (index, node) in root["storage"].elements.enumerated() {
      guard let hydro = hydros.index[node["hydro_id"].int] else { continue }
      let limits = study.hydros[hydro].limits
      let value = node["value_hm3"].number
      guard value < limits.minStorage || value > limits.maxStorage else { continue }
      report(
        504, .initialConditions, "storage[\(index)].value_hm3", entity: hydros.entity(hydro), value: String(value),
        "The start volume lies outside \(limits.minStorage)…\(limits.maxStorage) hm³.",
        "Plants that are still to be filled belong in filling_storage.")
    }
    for (index, node) in root["filling_storage"].elements.enumerated() {
      guard let hydro = hydros.index[node["hydro_id"].int] else { continue }
      let value = node["value_hm3"].number
      if study.hydros[hydro].filling == nil {
        report(
          504, .initialConditions, "filling_storage[\(index)]", entity: hydros.entity(hydro),
          "The plant has no filling.", "Move the entry to storage.")
      } else if value > 0, let filling = study.hydros[hydro].filling, filling.startStage > 0 {
        report(
          504, .initialConditions, "filling_storage[\(index)].value_hm3", entity: hydros.entity(hydro),
          value: String(value), "The plant begins to be filled later, and would hold this volume before it is there.",
          "Give 0, or let the filling start with the study.")
      } else if value >= study.hydros[hydro].limits.minStorage, value > 0 {
        report(
          504, .initialConditions, "filling_storage[\(index)].value_hm3", entity: hydros.entity(hydro),
          value: String(value),
          "The start volume of a plant to be filled lies below its minimum of \(study.hydros[hydro].limits.minStorage) hm³.",
          "Give a smaller volume, or remove the filling.")
      }
    }
  }

  /// Rule 506.
  mutating func checkFilling() {
    for (index, node) in hydros.nodes.enumerated() where node["filling"].exists {
      let place = hydros.path(index, "filling")
      guard let entry = node["entry_stage_id"].optionalInt else {
        report(
          506, .hydros, place, entity: hydros.entity(index),
          "A filling needs entry_stage_id, the stage at which it ends.",
          "Add entry_stage_id.")
        continue
      }
      if node["filling"]["start_stage_id"].int >= entry {
        report(
          506, .hydros, "\(place).start_stage_id", entity: hydros.entity(index),
          value: String(node["filling"]["start_stage_id"].int), "The filling does not start before it ends (\(entry)).",
          "Give an earlier stage.")
      }
      if node["exit_stage_id"].exists {
        report(
          506, .hydros, hydros.path(index, "exit_stage_id"), entity: hydros.entity(index),
          "A plant that is filled does not leave service.", "Remove exit_stage_id.")
      }
      checkSchedule(index)
    }
  }

  /// The rates of the filling stages must reach the minimum storage.
  private mutating func checkSchedule(_ index: Int) {
    let hydro = study.hydros[index]
    guard let filling = hydro.filling, let entry = hydro.service.entry, filling.startStage < entry else { return }
    let last = min(entry, study.stages.count)
    guard entry <= study.stages.count else { return }
    var volume = hydro.initialStorage
    for stage in filling.startStage..<last {
      volume += 0.0036 * study.stages[stage].hours * study.limits(stage: stage, hydro: index).fillingInflow
    }
    let target = hydro.limits.minStorage
    guard volume < target * (1 - 1e-9) else { return }
    report(
      506, .hydros, hydros.path(index, "filling.filling_min_rate_m3s"), entity: hydros.entity(index),
      value: String(filling.inflow),
      "These rates fill \(volume) hm³ up to the entry, less than the \(target) hm³ needed.",
      "Raise the rate, or let the filling start earlier.")
  }

  /// Rule 615.
  mutating func checkUnitGroups() {
    for (index, hydro) in study.hydros.enumerated() {
      func sum(_ path: KeyPath<UnitGroupLimits, Double>) -> Double {
        hydro.groups.reduce(0) { $0 + $1.limits[keyPath: path] }
      }
      let limits = hydro.limits
      let pairs: [(String, Double, Double, Bool)] = [
        ("turbined flow", sum(\.maxTurbined), limits.maxTurbined, true),
        ("generation", sum(\.maxGeneration), limits.maxGeneration, true),
        ("turbined flow", sum(\.minTurbined), limits.minTurbined, false),
        ("generation", sum(\.minGeneration), limits.minGeneration, false),
      ]
      for (name, groups, plant, isMaximum) in pairs {
        let tolerance = 1e-9 * max(1, abs(plant))
        guard isMaximum ? groups > plant + tolerance : groups < plant - tolerance else { continue }
        report(
          615, .hydros, hydros.path(index, "unit_groups"), entity: hydros.entity(index), value: String(groups),
          "The groups' \(isMaximum ? "largest" : "least") \(name) sums to \(groups), \(isMaximum ? "above" : "below") "
            + "the plant's \(plant).", "Make groups and plant agree.")
      }
    }
  }
}
