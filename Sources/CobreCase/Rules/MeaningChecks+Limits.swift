internal import CobreBase

extension MeaningChecks {
  /// Rule 502.
  mutating func checkLimits() {
    let hydros = context.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() {
      for pair in ElementChecks.pairs(hydro.limits) { pair.check(hydros, index, &collector) }
    }
    checkRows(.hydroBounds, "hydro_id", .hydro) { ElementChecks.pairs($0.limits(stage: $2, hydro: $1)) }
    ElementChecks.checkLimits(context, &collector)
    checkRows(.thermalBounds, "thermal_id", .thermal) {
      let limits = $0.limits(stage: $2, thermal: $1)
      return [.init("generation", limits.minGeneration, limits.maxGeneration, column: "min_generation_mw")]
    }
    checkRows(.pumpingBounds, "station_id", .pumpingStation) {
      let limits = $0.limits(stage: $2, pump: $1)
      return [.init("flow", limits.minFlow, limits.maxFlow, column: "min_m3s")]
    }
    checkRows(.batteryBounds, "battery_id", .battery) {
      let limits = $0.limits(stage: $2, battery: $1)
      return [.init("contents", limits.minEnergy, limits.maxEnergy, column: "min_energy_mwh")]
    }
    checkRows(.contractBounds, "contract_id", .contract) {
      let limits = $0.limits(stage: $2, contract: $1)
      return [.init("power", limits.minPower, limits.maxPower, column: "min_mw")]
    }
  }

  /// The same after the stage tables, for the rows that exist.
  private mutating func checkRows(
    _ file: CaseFileName, _ key: String, _ kind: EntityKind, _ pairs: (StudyCase, Int, Int) -> [ElementChecks.LimitPair]
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
}
