extension NovomodeloBuilder {
  func fillCosts(_ study: inout StudyCase) {
    let penalties = context.root(.penalties)
    fillSystemCosts(&study, penalties) { kind, column in
      let (file, key): (NovomodeloFile, String) =
        switch kind {
        case .bus: (.penaltyOverridesBus, "bus_id")
        case .line: (.penaltyOverridesLine, "line_id")
        default: (.penaltyOverridesNCS, "ncs_id")
        }
      guard let table = context.table(file) else { return [] }
      let values = NumberColumn(table, column)
      return context.rows(file, key, kind).compactMap { row in
        values[row.row].map { (row.entity, row.stage, $0) }
      }
    }
    fillHydroCosts(&study, penalties["hydro"])
  }

  private func fillHydroCosts(_ study: inout StudyCase, _ global: Node) {
    let own = HydroCosts.declared(
      context.registry(.hydro).nodes, penalties: global, naming: NovomodeloBuilder.name)
    study.hydroCosts = repeated(own, study)
    guard let overrides = context.table(.penaltyOverridesHydro) else { return }
    let columns = Dictionary(
      overrides.shape.columns.filter { !$0.isKey }.map { ($0.name, NumberColumn(overrides, $0.name)) }
    ) { first, _ in first }
    for row in context.rows(.penaltyOverridesHydro, "hydro_id", .hydro) {
      let index = row.stage * own.count + row.entity
      study.hydroCosts[index].apply { columns[NovomodeloBuilder.name($0)]?[row.row] }
      study.hydroCosts[index].applyDirections { columns[$0]?[row.row] }
      if let value = columns["inflow_nonnegativity_cost"]?[row.row] {
        study.hydroCosts[index].inflowNonnegativity = value
      }
    }
  }

  /// The name of a cost here, by that in our own format.
  private static func name(_ own: String) -> String { own == "fpha_turbined_cost" ? "turbined_cost" : own }
}
