extension NovomodeloBuilder {
  func fillLimits(_ study: inout StudyCase) {
    fillHydroLimits(&study)
    fillGroupLimits(&study)
    study.thermalLimits = repeated(context.registry(.thermal).nodes.map(ThermalLimits.init(thermal:)), study)
    apply(
      .thermalBounds, "thermal_id", .thermal, &study, \.thermalLimits, \.thermalBlockLimits,
      [
        ("min_generation_mw", \.minGeneration), ("max_generation_mw", \.maxGeneration), ("cost_per_mwh", \.cost),
      ])
    study.lineLimits = repeated(context.registry(.line).nodes.map(LineLimits.init(line:)), study)
    apply(
      .lineBounds, "line_id", .line, &study, \.lineLimits, \.lineBlockLimits,
      [("direct_mw", \.direct), ("reverse_mw", \.reverse)])
    study.pumpLimits = repeated(context.registry(.pumpingStation).nodes.map(PumpLimits.init(station:)), study)
    apply(
      .pumpingBounds, "pumping_station_id", .pumpingStation, &study, \.pumpLimits, \.pumpBlockLimits,
      [("min_m3s", \.minFlow), ("max_m3s", \.maxFlow)])
    study.contractLimits = repeated(context.registry(.contract).nodes.map(ContractLimits.init(contract:)), study)
    apply(
      .contractBounds, "contract_id", .contract, &study, \.contractLimits, \.contractBlockLimits,
      [("min_mw", \.minPower), ("max_mw", \.maxPower), ("price_per_mwh", \.price)])
    fillAvailabilities(&study)
  }

  /// Rows for whole stages change the values of the stage.
  ///
  /// Rows of blocks start from those and change single blocks.
  private func apply<Value>(
    _ file: NovomodeloFile, _ key: String, _ kind: EntityKind, _ study: inout StudyCase,
    _ stageValues: WritableKeyPath<StudyCase, [Value]>, _ blockValues: WritableKeyPath<StudyCase, BlockValues<Value>>,
    _ columns: [(String, WritableKeyPath<Value, Double>)]
  ) {
    guard let table = context.table(file) else { return }
    let count = context.registry(kind).count
    let values = columns.map { (NumberColumn(table, $0.0), $0.1) }
    for row in context.rows(file, key, kind) {
      let index = row.stage * count + row.entity
      var value = study[keyPath: stageValues][index]
      if let block = row.block {
        value = study[keyPath: blockValues][row.stage, row.entity, block] ?? value
      }
      for (column, path) in values {
        if let number = column[row.row] { value[keyPath: path] = number }
      }
      if let block = row.block {
        study[keyPath: blockValues][row.stage, row.entity, block] = value
      } else {
        study[keyPath: stageValues][index] = value
      }
    }
  }

  private func fillHydroLimits(_ study: inout StudyCase) {
    study.hydroLimits = repeated(study.hydros.map(\.limits), study)
    guard let table = context.table(.hydroBounds) else { return }
    let columns = HydroBoundColumns(table)
    for row in context.rows(.hydroBounds, "hydro_id", .hydro) {
      let index = row.stage * study.hydros.count + row.entity
      var limits = study.hydroLimits[index]
      if let block = row.block { limits = study.hydroBlockLimits[row.stage, row.entity, block] ?? limits }
      columns.apply(row.row, to: &limits, of: study.hydros[row.entity])
      if let block = row.block {
        study.hydroBlockLimits[row.stage, row.entity, block] = limits
      } else {
        study.hydroLimits[index] = limits
      }
    }
  }

  private func fillGroupLimits(_ study: inout StudyCase) {
    guard let table = context.table(.unitGroupBounds) else { return }
    let groupIDs = table.integers("hydro_unit_group_id")
    let columns: [(NumberColumn, WritableKeyPath<UnitGroupLimits, Double>)] = [
      (NumberColumn(table, "min_turbined_m3s"), \.minTurbined),
      (NumberColumn(table, "max_turbined_m3s"), \.maxTurbined),
      (NumberColumn(table, "min_generation_mw"), \.minGeneration),
      (NumberColumn(table, "max_generation_mw"), \.maxGeneration),
    ]
    for row in context.rows(.unitGroupBounds, "hydro_id", .hydro) {
      guard let group = study.hydros[row.entity].groups.firstIndex(where: { $0.id == groupIDs[row.row] }) else {
        continue
      }
      let index = study.groupIndex(hydro: row.entity, group: group)
      let blocks = row.block.map { $0..<($0 + 1) } ?? study.stages[row.stage].blocks.indices
      for block in blocks {
        var limits = study.groupLimits[row.stage, index, block] ?? study.hydros[row.entity].groups[group].limits
        for (column, path) in columns {
          if let value = column[row.row] { limits[keyPath: path] = value }
        }
        study.groupLimits[row.stage, index, block] = limits
      }
    }
  }

  /// Availability without statistics, by block: the largest of a stage, with factors that bring down the others.
  private func fillAvailabilities(_ study: inout StudyCase) {
    study.sourceAvailabilities = repeated(study.sources.map(\.maxGeneration), study)
    guard let table = context.table(.ncsBounds) else { return }
    let available = NumberColumn(table, "available_generation_mw")
    var blockValues: [Int: [Double]] = [:]
    for row in context.rows(.ncsBounds, "ncs_id", .nonControllableSource) {
      guard let value = available[row.row] else { continue }
      let index = row.stage * study.sources.count + row.entity
      if let block = row.block {
        let count = study.stages[row.stage].blocks.count
        var values = blockValues[index] ?? Array(repeating: study.sourceAvailabilities[index], count: count)
        values[block] = value
        blockValues[index] = values
      } else {
        study.sourceAvailabilities[index] = value
      }
    }
    for (index, values) in blockValues {
      let (stage, source) = (index / study.sources.count, index % study.sources.count)
      // Statistics and external values leave these bounds without effect.
      guard !hasSourceSeries(stage: stage, source: source) else { continue }
      let largest = values.max() ?? 0
      study.sourceAvailabilities[index] = largest
      guard largest > 0 else { continue }
      for block in values.indices { study.sourceFactors[stage, source, block] *= values[block] / largest }
    }
  }

  private func hasSourceSeries(stage: Int, source: Int) -> Bool {
    let id = context.registry(.nonControllableSource).ids[source]
    return [NovomodeloFile.nonControllableStats, .externalAvailabilities].contains { file in
      context.table(file).map { $0.integers("ncs_id").contains(id) } ?? false
    }
  }
}

/// The columns of `hydro_bounds`, and where each goes.
private struct HydroBoundColumns {
  private let plain: [(NumberColumn, WritableKeyPath<HydroLimits, Double>)]
  private let totals: [(NumberColumn, WritableKeyPath<HydroLimits, Double>, WritableKeyPath<PlantTotals, Double?>)]
  private let maxOutflow: NumberColumn
  private let maxSpillage: NumberColumn
  private let filling: NumberColumn
  private let diversion: [(NumberColumn, WritableKeyPath<HydroLimits, Double>)]

  init(_ table: Table) {
    plain = [
      (NumberColumn(table, "min_storage_hm3"), \.minStorage), (NumberColumn(table, "max_storage_hm3"), \.maxStorage),
      (NumberColumn(table, "min_outflow_m3s"), \.minOutflow), (NumberColumn(table, "min_spillage_m3s"), \.minSpillage),
      (NumberColumn(table, "water_withdrawal_m3s"), \.withdrawal),
    ]
    totals = [
      (NumberColumn(table, "min_turbined_m3s"), \.minTurbined, \.minTurbined),
      (NumberColumn(table, "max_turbined_m3s"), \.maxTurbined, \.maxTurbined),
      (NumberColumn(table, "min_generation_mw"), \.minGeneration, \.minGeneration),
      (NumberColumn(table, "max_generation_mw"), \.maxGeneration, \.maxGeneration),
    ]
    maxOutflow = NumberColumn(table, "max_outflow_m3s")
    maxSpillage = NumberColumn(table, "max_spillage_m3s")
    filling = NumberColumn(table, "filling_min_rate_m3s")
    diversion = [
      (NumberColumn(table, "min_diversion_m3s"), \.minDiversion),
      (NumberColumn(table, "max_diversion_m3s"), \.maxDiversion),
    ]
  }

  func apply(_ row: Int, to limits: inout HydroLimits, of hydro: Hydro) {
    for (column, path) in plain {
      if let value = column[row] { limits[keyPath: path] = value }
    }
    for (column, path, total) in totals {
      guard let value = column[row] else { continue }
      limits[keyPath: path] = value
      limits.totals[keyPath: total] = value
    }
    if let value = maxOutflow[row] { limits.maxOutflow = value }
    if let value = maxSpillage[row] { limits.maxSpillage = value }
    if let value = filling[row], hydro.filling != nil { limits.fillingInflow = value }
    guard hydro.diversion != nil, hydro.filling == nil else { return }
    for (column, path) in diversion {
      if let value = column[row] { limits[keyPath: path] = value }
    }
  }
}
