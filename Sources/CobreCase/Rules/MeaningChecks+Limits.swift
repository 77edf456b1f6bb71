internal import CobreBase

extension MeaningChecks {
  private struct Pair {
    var name: String
    var minimum: Double
    var maximum: Double
    var minimumKey: String
    var column: String
  }

  private static func pairs(_ limits: HydroLimits) -> [Pair] {
    [
      Pair(
        name: "storage", minimum: limits.minStorage, maximum: limits.maxStorage,
        minimumKey: "reservoir.min_storage_hm3", column: "min_storage_hm3"),
      Pair(
        name: "turbined flow", minimum: limits.minTurbined, maximum: limits.maxTurbined,
        minimumKey: "generation.min_turbined_m3s", column: "min_turbined_m3s"),
      Pair(
        name: "outflow", minimum: limits.minOutflow, maximum: limits.maxOutflow ?? .infinity,
        minimumKey: "outflow.min_outflow_m3s", column: "min_outflow_m3s"),
      Pair(
        name: "generation", minimum: limits.minGeneration, maximum: limits.maxGeneration,
        minimumKey: "generation.min_generation_mw", column: "min_generation_mw"),
    ]
  }

  /// Rule 502.
  mutating func checkLimits() {
    let hydros = context.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() {
      report(MeaningChecks.pairs(hydro.limits), hydros, index)
    }
    checkRows(.hydroBounds, "hydro_id", .hydro) { MeaningChecks.pairs($0.limits(stage: $2, hydro: $1)) }
    let thermals = context.registry(.thermal)
    for index in study.thermals.indices {
      let node = thermals.nodes[index]["generation"]
      report(
        [
          Pair(
            name: "generation", minimum: node["min_mw"].number, maximum: node["max_mw"].number,
            minimumKey: "generation.min_mw", column: "")
        ], thermals, index)
    }
    checkRows(.thermalBounds, "thermal_id", .thermal) {
      let limits = $0.limits(stage: $2, thermal: $1)
      return [
        Pair(
          name: "generation", minimum: limits.minGeneration, maximum: limits.maxGeneration, minimumKey: "",
          column: "min_generation_mw")
      ]
    }
    checkFlowsAndContracts()
  }

  private mutating func checkFlowsAndContracts() {
    let pumps = context.registry(.pumpingStation)
    for index in study.pumpingStations.indices {
      let node = pumps.nodes[index]["flow"]
      report(
        [
          Pair(
            name: "flow", minimum: node["min_m3s"].number, maximum: node["max_m3s"].number, minimumKey: "flow.min_m3s",
            column: "")
        ], pumps, index)
    }
    checkRows(.pumpingBounds, "station_id", .pumpingStation) {
      let limits = $0.limits(stage: $2, pump: $1)
      return [
        Pair(name: "flow", minimum: limits.minFlow, maximum: limits.maxFlow, minimumKey: "", column: "min_m3s")
      ]
    }
    let contracts = context.registry(.contract)
    for index in study.contracts.indices {
      let node = contracts.nodes[index]["limits"]
      report(
        [
          Pair(
            name: "power", minimum: node["min_mw"].number, maximum: node["max_mw"].number, minimumKey: "limits.min_mw",
            column: "")
        ], contracts, index)
    }
    checkRows(.batteryBounds, "battery_id", .battery) {
      let limits = $0.limits(stage: $2, battery: $1)
      return [
        Pair(
          name: "contents", minimum: limits.minEnergy, maximum: limits.maxEnergy, minimumKey: "",
          column: "min_energy_mwh")
      ]
    }
    checkRows(.contractBounds, "contract_id", .contract) {
      let limits = $0.limits(stage: $2, contract: $1)
      return [
        Pair(name: "power", minimum: limits.minPower, maximum: limits.maxPower, minimumKey: "", column: "min_mw")
      ]
    }
  }

  private mutating func report(_ pairs: [Pair], _ registry: Registry, _ index: Int) {
    for pair in pairs where pair.minimum > pair.maximum {
      collector.report(
        502, file: registry.file, at: registry.path(index, pair.minimumKey), entity: registry.entity(index),
        value: "\(pair.minimum) > \(pair.maximum)",
        "The minimum \(pair.name) \(pair.minimum) is above the maximum \(pair.maximum).",
        suggestion: "Lower the minimum or raise the maximum.")
    }
  }

  /// The same after the stage tables, for the rows that exist.
  private mutating func checkRows(
    _ file: CaseFileName, _ key: String, _ kind: EntityKind, _ pairs: (StudyCase, Int, Int) -> [Pair]
  ) {
    guard let table = context.table(file) else { return }
    let registry = context.registry(kind)
    for (row, entity, stage) in context.rows(table, key, kind) {
      for pair in pairs(study, entity, stage) where pair.minimum > pair.maximum {
        collector.report(
          502, file: file, at: table.place(row, pair.column), entity: registry.entity(entity),
          value: "\(pair.minimum) > \(pair.maximum)",
          "With this row the minimum \(pair.name) \(pair.minimum) of stage \(study.stages[stage].id) is above the "
            + "maximum \(pair.maximum).", suggestion: "Empty fields keep the value of the entity; give both limits.")
      }
    }
  }

  /// Rule 503.
  mutating func checkService() {
    for kind in [EntityKind.line, .hydro, .thermal, .nonControllableSource, .pumpingStation, .contract, .battery] {
      let registry = context.registry(kind)
      for (index, node) in registry.nodes.enumerated() {
        guard let entry = node["entry_stage_id"].optionalInt, let exit = node["exit_stage_id"].optionalInt,
          entry >= exit
        else { continue }
        collector.report(
          503, file: registry.file, at: registry.path(index, "exit_stage_id"), entity: registry.entity(index),
          value: String(exit), "The element leaves (\(exit)) before it enters (\(entry)).",
          suggestion: "It is in service where entry ≤ stage < exit.")
      }
    }
  }

  /// Rule 504.
  mutating func checkVolumes() {
    let registry = context.registry(.hydro)
    for list in ["storage", "filling_storage"] {
      for (position, node) in context.root(.initialConditions)[list].elements.enumerated() {
        guard let index = registry.index[node["hydro_id"].int] else { continue }
        let limits = study.hydros[index].limits
        let range = list == "storage" ? (limits.minStorage, limits.maxStorage) : (0, limits.minStorage)
        let volume = node["value_hm3"].number
        if volume < range.0 || volume > range.1 {
          collector.report(
            504, file: .initialConditions, at: "\(list)[\(position)].value_hm3", entity: registry.entity(index),
            value: String(volume), "The volume \(volume) hm³ is outside \(range.0)…\(range.1) hm³.")
        }
      }
    }
  }

  /// Rule 505.
  mutating func checkDeficitSegments() {
    checkSegments(context.root(.penalties)["bus"]["deficit_segments"], .penalties, "bus.deficit_segments", nil)
    let registry = context.registry(.bus)
    for (index, node) in registry.nodes.enumerated() where node["deficit_segments"].exists {
      checkSegments(
        node["deficit_segments"], .buses, registry.path(index, "deficit_segments"), registry.entity(index))
    }
  }

  private mutating func checkSegments(
    _ list: Node, _ file: CaseFileName, _ path: String, _ entity: Finding.Entity?
  ) {
    let segments = list.elements
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      if segment["depth_mw"].exists == isLast {
        collector.report(
          505, file: file, at: "\(path)[\(index)].depth_mw", entity: entity,
          value: segment["depth_mw"].value?.text() ?? "null",
          isLast
            ? "The last segment must have no depth, so that every deficit has a price."
            : "Only the last segment may be without depth.",
          suggestion: isLast ? "Set depth_mw of the last segment to null." : "Give depth_mw in MW.")
      }
      if index > 0, segment["cost"].number <= segments[index - 1]["cost"].number {
        collector.report(
          505, file: file, at: "\(path)[\(index)].cost", entity: entity, value: segment["cost"].value?.text(),
          "The cost does not rise over the segment before.", suggestion: "Order the segments by rising cost.")
      }
    }
  }
}
