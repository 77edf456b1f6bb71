extension CaseBuilder {
  /// A table with one value per stage and entity, all stages starting from the entity's own value.
  private func repeated<Value>(_ values: [Value], _ study: StudyCase) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(values.count * study.stages.count)
    for _ in study.stages { result.append(contentsOf: values) }
    return result
  }

  func fillLimits(_ study: inout StudyCase) {
    study.hydroLimits = repeated(study.hydros.map(\.limits), study)
    applyHydroBounds(&study)
    study.thermalLimits = repeated(
      context.registry(.thermal).nodes.map {
        ThermalLimits(
          minGeneration: $0["generation"]["min_mw"].number, maxGeneration: $0["generation"]["max_mw"].number,
          cost: $0["cost_per_mwh"].number)
      }, study)
    applyThermalBounds(&study)
    study.lineLimits = repeated(
      context.registry(.line).nodes.map {
        LineLimits(direct: $0["capacity"]["direct_mw"].number, reverse: $0["capacity"]["reverse_mw"].number)
      }, study)
    if let table = context.table(.lineBounds) {
      let direct = NumberColumn(table, "direct_mw")
      let reverse = NumberColumn(table, "reverse_mw")
      for (row, line, stage) in context.rows(table, "line_id", .line) {
        let index = stage * study.lines.count + line
        if let value = direct[row] { study.lineLimits[index].direct = value }
        if let value = reverse[row] { study.lineLimits[index].reverse = value }
      }
    }
    fillPumpsAndContracts(&study)
    study.sourceAvailabilities = repeated(study.sources.map(\.maxGeneration), study)
    if let table = context.table(.ncsBounds) {
      let available = NumberColumn(table, "available_generation_mw")
      for (row, source, stage) in context.rows(table, "ncs_id", .nonControllableSource) {
        if let value = available[row] { study.sourceAvailabilities[stage * study.sources.count + source] = value }
      }
    }
  }

  private func applyHydroBounds(_ study: inout StudyCase) {
    guard let table = context.table(.hydroBounds) else { return }
    let columns: [(NumberColumn, WritableKeyPath<HydroLimits, Double>)] = [
      (NumberColumn(table, "min_turbined_m3s"), \.minTurbined),
      (NumberColumn(table, "max_turbined_m3s"), \.maxTurbined),
      (NumberColumn(table, "min_storage_hm3"), \.minStorage), (NumberColumn(table, "max_storage_hm3"), \.maxStorage),
      (NumberColumn(table, "min_outflow_m3s"), \.minOutflow),
      (NumberColumn(table, "min_generation_mw"), \.minGeneration),
      (NumberColumn(table, "max_generation_mw"), \.maxGeneration),
      (NumberColumn(table, "water_withdrawal_m3s"), \.withdrawal),
    ]
    let maxOutflow = NumberColumn(table, "max_outflow_m3s")
    let diversion = NumberColumn(table, "max_diversion_m3s")
    let filling = NumberColumn(table, "filling_inflow_m3s")
    for (row, hydro, stage) in context.rows(table, "hydro_id", .hydro) {
      let index = stage * study.hydros.count + hydro
      for (column, path) in columns {
        if let value = column[row] { study.hydroLimits[index][keyPath: path] = value }
      }
      if let value = maxOutflow[row] { study.hydroLimits[index].maxOutflow = value }
      if let value = diversion[row], study.hydros[hydro].diversion != nil {
        study.hydroLimits[index].maxDiversion = value
      }
      if let value = filling[row], study.hydros[hydro].filling != nil { study.hydroLimits[index].fillingInflow = value }
    }
  }

  private func applyThermalBounds(_ study: inout StudyCase) {
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

  private func fillPumpsAndContracts(_ study: inout StudyCase) {
    study.pumpLimits = repeated(
      context.registry(.pumpingStation).nodes.map {
        PumpLimits(minFlow: $0["flow"]["min_m3s"].number, maxFlow: $0["flow"]["max_m3s"].number)
      }, study)
    if let table = context.table(.pumpingBounds) {
      let minimum = NumberColumn(table, "min_m3s")
      let maximum = NumberColumn(table, "max_m3s")
      for (row, pump, stage) in context.rows(table, "station_id", .pumpingStation) {
        let index = stage * study.pumpingStations.count + pump
        if let value = minimum[row] { study.pumpLimits[index].minFlow = value }
        if let value = maximum[row] { study.pumpLimits[index].maxFlow = value }
      }
    }
    study.contractLimits = repeated(
      context.registry(.contract).nodes.map {
        ContractLimits(
          minPower: $0["limits"]["min_mw"].number, maxPower: $0["limits"]["max_mw"].number,
          price: $0["price_per_mwh"].number)
      }, study)
    if let table = context.table(.contractBounds) {
      let minimum = NumberColumn(table, "min_mw")
      let maximum = NumberColumn(table, "max_mw")
      let price = NumberColumn(table, "price_per_mwh")
      for (row, contract, stage) in context.rows(table, "contract_id", .contract) {
        let index = stage * study.contracts.count + contract
        if let value = minimum[row] { study.contractLimits[index].minPower = value }
        if let value = maximum[row] { study.contractLimits[index].maxPower = value }
        if let value = price[row] { study.contractLimits[index].price = value }
      }
    }
  }
}
