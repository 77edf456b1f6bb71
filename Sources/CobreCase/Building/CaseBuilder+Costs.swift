extension CaseBuilder {
  func fillCosts(_ study: inout StudyCase) {
    let penalties = context.root(.penalties)
    fillSystemCosts(&study, penalties) { kind, column in
      let (file, key): (CaseFileName, String) =
        switch kind {
        case .bus: (.penaltyOverridesBus, "bus_id")
        case .line: (.penaltyOverridesLine, "line_id")
        default: (.penaltyOverridesNCS, "source_id")
        }
      guard let table = context.table(file) else { return [] }
      let values = NumberColumn(table, column)
      return context.rows(table, key, kind).compactMap { row, entity, stage in
        values[row].map { (entity, stage, $0) }
      }
    }
    fillHydroCosts(&study, penalties["hydro"])
  }

  private func fillHydroCosts(_ study: inout StudyCase, _ global: Node) {
    let own = HydroCosts.declared(context.registry(.hydro).nodes, penalties: global)
    study.hydroCosts = repeated(own, study)
    guard let overrides = context.table(.penaltyOverridesHydro) else { return }
    let columns = Dictionary(
      CaseFormat.hydroCosts.map { ($0.name, NumberColumn(overrides, $0.name)) }
    ) { first, _ in first }
    for (row, hydro, stage) in context.rows(overrides, "hydro_id", .hydro) {
      study.hydroCosts[stage * own.count + hydro].apply { columns[$0]?[row] }
    }
  }
}
