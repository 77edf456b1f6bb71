extension NovomodeloBuilder {
  func fillCosts(_ study: inout StudyCase) {
    let penalties = context.root(.penalties)
    func table(
      _ own: [Double], _ file: NovomodeloFile, _ key: String, _ kind: EntityKind, _ column: String
    ) -> [Double] {
      var result = repeated(own, study)
      guard let overrides = context.table(file) else { return result }
      let values = NumberColumn(overrides, column)
      for row in context.rows(file, key, kind) {
        if let value = values[row.row] { result[row.stage * own.count + row.entity] = value }
      }
      return result
    }
    study.busExcessCosts = table(
      study.buses.map { _ in penalties["bus"]["excess_cost"].number }, .penaltyOverridesBus, "bus_id", .bus,
      "excess_cost")
    let exchange = penalties["line"]["exchange_cost"].number
    study.lineExchangeCosts = table(
      context.registry(.line).nodes.map { $0["exchange_cost"].optionalNumber ?? exchange }, .penaltyOverridesLine,
      "line_id", .line, "exchange_cost")
    let curtailment = penalties["non_controllable_source"]["curtailment_cost"].number
    study.sourceCurtailmentCosts = table(
      context.registry(.nonControllableSource).nodes.map { $0["curtailment_cost"].optionalNumber ?? curtailment },
      .penaltyOverridesNCS, "ncs_id", .nonControllableSource, "curtailment_cost")
    fillHydroCosts(&study, penalties["hydro"])
  }

  private func fillHydroCosts(_ study: inout StudyCase, _ global: Node) {
    let own = context.registry(.hydro).nodes.map { node in
      var costs = globalCosts(global)
      costs.apply { node["penalties"][NovomodeloBuilder.name($0)].optionalNumber }
      if let value = node["penalties"]["inflow_nonnegativity_cost"].optionalNumber { costs.inflowNonnegativity = value }
      return costs
    }
    study.hydroCosts = repeated(own, study)
    guard let overrides = context.table(.penaltyOverridesHydro) else { return }
    let columns = Dictionary(
      overrides.shape.columns.filter { !$0.isKey }.map { ($0.name, NumberColumn(overrides, $0.name)) }
    ) { first, _ in first }
    for row in context.rows(.penaltyOverridesHydro, "hydro_id", .hydro) {
      let index = row.stage * own.count + row.entity
      study.hydroCosts[index].apply { columns[NovomodeloBuilder.name($0)]?[row.row] }
      for (name, path) in NovomodeloBuilder.directional {
        if let value = columns[name]?[row.row] { study.hydroCosts[index][keyPath: path] = value }
      }
      if let value = columns["inflow_nonnegativity_cost"]?[row.row] {
        study.hydroCosts[index].inflowNonnegativity = value
      }
    }
  }

  /// Costs of `penalties.json`: a directional value beats the symmetric one of the same level.
  private func globalCosts(_ global: Node) -> HydroCosts {
    var costs = HydroCosts(
      spillage: 0, fphaTurbined: 0, diversion: 0, storageViolationBelow: 0, fillingTargetViolation: 0,
      turbinedViolationBelow: 0, outflowViolationBelow: 0, outflowViolationAbove: 0, generationViolationBelow: 0,
      evaporationViolationAbove: 0, evaporationViolationBelow: 0, withdrawalViolationAbove: 0,
      withdrawalViolationBelow: 0, inflowNonnegativity: global["inflow_nonnegativity_cost"].number)
    costs.apply { global[NovomodeloBuilder.name($0)].optionalNumber }
    for (name, path) in NovomodeloBuilder.directional {
      if let value = global[name].optionalNumber { costs[keyPath: path] = value }
    }
    return costs
  }

  private static var directional: [(String, WritableKeyPath<HydroCosts, Double>)] {
    [
      ("evaporation_violation_pos_cost", \.evaporationViolationAbove),
      ("evaporation_violation_neg_cost", \.evaporationViolationBelow),
      ("water_withdrawal_violation_pos_cost", \.withdrawalViolationAbove),
      ("water_withdrawal_violation_neg_cost", \.withdrawalViolationBelow),
    ]
  }

  /// The name of a cost here, by that in our own format.
  private static func name(_ own: String) -> String { own == "fpha_turbined_cost" ? "turbined_cost" : own }

  func fillFactors(_ study: inout StudyCase) {
    study.loadFactors = BlockFactors(entities: study.buses.count, stages: study.stages)
    study.sourceFactors = BlockFactors(entities: study.sources.count, stages: study.stages)
    study.directExchangeFactors = BlockFactors(entities: study.lines.count, stages: study.stages)
    study.reverseExchangeFactors = study.directExchangeFactors
    fill(&study.loadFactors, .loadFactors, "load_factors", "bus_id", .bus)
    fill(
      &study.sourceFactors, .nonControllableFactors, "non_controllable_factors", "ncs_id", .nonControllableSource)
  }

  private func fill(
    _ factors: inout BlockFactors, _ file: NovomodeloFile, _ list: String, _ key: String, _ kind: EntityKind
  ) {
    for node in context.root(file)[list].elements {
      guard let entity = context.registry(kind).index[node[key].int],
        let stage = context.stages.index[node["stage_id"].int]
      else { continue }
      for factor in node["block_factors"].elements where (0..<context.blocks(stage)).contains(factor["block_id"].int) {
        factors[stage, entity, factor["block_id"].int] = factor["factor"].number
      }
    }
  }
}
