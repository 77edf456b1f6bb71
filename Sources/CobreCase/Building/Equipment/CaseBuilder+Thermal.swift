extension CaseBuilder {
  func buildThermals() -> [Thermal] {
    context.registry(.thermal).nodes.map {
      Thermal(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        commitmentLag: $0["gnl_config"]["lag_stages"].optionalInt)
    }
  }

  /// Limits by stage: those of the entity, then what its table says.
  func fillThermalLimits(_ study: inout StudyCase) {
    study.thermalLimits = repeated(
      context.registry(.thermal).nodes.map {
        ThermalLimits(
          minGeneration: $0["generation"]["min_mw"].number, maxGeneration: $0["generation"]["max_mw"].number,
          cost: $0["cost_per_mwh"].number)
      }, study)
    guard let table = context.table(.thermalBounds) else { return }
    let blocks = table.integers("block_id")
    let minimum = NumberColumn(table, "min_generation_mw")
    let maximum = NumberColumn(table, "max_generation_mw")
    let cost = NumberColumn(table, "cost_per_mwh")
    for (row, thermal, stage) in context.rows(table, "thermal_id", .thermal)
    where blocks.isEmpty || blocks[row] == Table.none {
      let index = stage * study.thermals.count + thermal
      if let value = minimum[row] { study.thermalLimits[index].minGeneration = value }
      if let value = maximum[row] { study.thermalLimits[index].maxGeneration = value }
      if let value = cost[row] { study.thermalLimits[index].cost = value }
    }
  }
}
