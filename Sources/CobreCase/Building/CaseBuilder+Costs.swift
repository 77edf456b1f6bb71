extension CaseBuilder {
  func fillCosts(_ study: inout StudyCase) {
    let penalties = context.root(.penalties)
    let stageCount = study.stages.count
    func table(_ own: [Double], _ file: CaseFileName, _ key: String, _ kind: EntityKind, _ column: String) -> [Double] {
      var result: [Double] = []
      result.reserveCapacity(own.count * stageCount)
      for _ in 0..<stageCount { result.append(contentsOf: own) }
      guard let overrides = context.table(file) else { return result }
      let values = NumberColumn(overrides, column)
      for (row, entity, stage) in context.rows(overrides, key, kind) {
        if let value = values[row] { result[stage * own.count + entity] = value }
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
      .penaltyOverridesNCS, "source_id", .nonControllableSource, "curtailment_cost")
    fillHydroCosts(&study, penalties["hydro"])
  }

  private func fillHydroCosts(_ study: inout StudyCase, _ global: Node) {
    let own = CaseBuilder.entityCosts(context, global)
    study.hydroCosts.reserveCapacity(own.count * study.stages.count)
    for _ in study.stages { study.hydroCosts.append(contentsOf: own) }
    guard let overrides = context.table(.penaltyOverridesHydro) else { return }
    let columns = Dictionary(
      CaseFormat.hydroCosts.map { ($0.name, NumberColumn(overrides, $0.name)) }
    ) { first, _ in first }
    for (row, hydro, stage) in context.rows(overrides, "hydro_id", .hydro) {
      study.hydroCosts[stage * own.count + hydro].apply { columns[$0]?[row] }
    }
  }

  /// Costs of each plant before the stage tables.
  static func entityCosts(_ context: CaseContext, _ global: Node) -> [HydroCosts] {
    context.registry(.hydro).nodes.map { node in
      var costs = CaseBuilder.globalCosts(global)
      costs.apply { node["penalties"][$0].optionalNumber }
      if let value = node["penalties"]["inflow_nonnegativity_cost"].optionalNumber {
        costs.inflowNonnegativity = value
      }
      return costs
    }
  }

  /// Costs of `penalties.json`: a directional value beats the symmetric one of the same level.
  static func globalCosts(_ global: Node) -> HydroCosts {
    var costs = HydroCosts(
      spillage: 0, fphaTurbined: 0, diversion: 0, storageViolationBelow: 0, fillingTargetViolation: 0,
      turbinedViolationBelow: 0, outflowViolationBelow: 0, outflowViolationAbove: 0, generationViolationBelow: 0,
      evaporationViolationAbove: 0, evaporationViolationBelow: 0, withdrawalViolationAbove: 0,
      withdrawalViolationBelow: 0, inflowNonnegativity: global["inflow_nonnegativity_cost"].number)
    costs.apply { global[$0].optionalNumber }
    func set(_ path: WritableKeyPath<HydroCosts, Double>, _ key: String) {
      if let value = global[key].optionalNumber { costs[keyPath: path] = value }
    }
    set(\.evaporationViolationAbove, "evaporation_violation_pos_cost")
    set(\.evaporationViolationBelow, "evaporation_violation_neg_cost")
    set(\.withdrawalViolationAbove, "water_withdrawal_violation_pos_cost")
    set(\.withdrawalViolationBelow, "water_withdrawal_violation_neg_cost")
    return costs
  }
}

extension HydroCosts {
  /// Takes over the costs that a level of the cascade gives.
  ///
  /// A symmetric one sets both directions.
  mutating func apply(_ value: (String) -> Double?) {
    for (name, paths) in HydroCosts.paths {
      guard let value = value(name) else { continue }
      for path in paths { self[keyPath: path] = value }
    }
  }

  /// The fields that each cost of the format sets.
  private static let paths: [(String, [any WritableKeyPath<HydroCosts, Double> & Sendable])] = [
    ("spillage_cost", [\.spillage]), ("fpha_turbined_cost", [\.fphaTurbined]), ("diversion_cost", [\.diversion]),
    ("storage_violation_below_cost", [\.storageViolationBelow]),
    ("filling_target_violation_cost", [\.fillingTargetViolation]),
    ("turbined_violation_below_cost", [\.turbinedViolationBelow]),
    ("outflow_violation_below_cost", [\.outflowViolationBelow]),
    ("outflow_violation_above_cost", [\.outflowViolationAbove]),
    ("generation_violation_below_cost", [\.generationViolationBelow]),
    ("evaporation_violation_cost", [\.evaporationViolationAbove, \.evaporationViolationBelow]),
    ("water_withdrawal_violation_cost", [\.withdrawalViolationAbove, \.withdrawalViolationBelow]),
  ]
}
