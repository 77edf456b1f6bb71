extension CaseBuilder {
  func fillLimits(_ study: inout StudyCase) {
    study.hydroLimits = repeated(study.hydros.map(\.limits), study)
    fillOperatingRules(&study)
    applyHydroBounds(&study)
    fillThermalLimits(&study)
    fillLineLimits(&study)
    fillPumpLimits(&study)
    fillContractLimits(&study)
    fillBatteryLimits(&study)
    fillSourceAvailabilities(&study)
  }

  /// Changes limits where the rows of a table, which are for whole stages, give others.
  func apply<Value>(
    _ file: CaseFileName, _ key: String, _ kind: EntityKind, _ study: inout StudyCase,
    _ limits: WritableKeyPath<StudyCase, [Value]>, _ columns: [(String, WritableKeyPath<Value, Double>)]
  ) {
    guard let table = context.table(file) else { return }
    let count = context.registry(kind).count
    // Rows for single blocks have been reported.
    let blocks = table.integers("block_id")
    let values = columns.map { (NumberColumn(table, $0.0), $0.1) }
    for (row, entity, stage) in context.rows(table, key, kind) where blocks.isEmpty || blocks[row] == Table.none {
      for (column, path) in values {
        if let value = column[row] { study[keyPath: limits][stage * count + entity][keyPath: path] = value }
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
}
