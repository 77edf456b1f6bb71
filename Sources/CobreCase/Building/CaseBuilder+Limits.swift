extension CaseBuilder {
  /// A table with one value per stage and entity, all stages starting from the entity's own value.
  func repeated<Value>(_ values: [Value], _ study: StudyCase) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(values.count * study.stages.count)
    for _ in study.stages { result.append(contentsOf: values) }
    return result
  }

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
