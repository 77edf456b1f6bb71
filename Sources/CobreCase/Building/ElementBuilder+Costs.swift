extension ElementBuilder {
  /// Costs of buses, lines and sources: what they declare, else `penalties.json`, and where a table says another.
  ///
  /// - Parameters:
  ///   - study: gets the costs by stage.
  ///   - penalties: `penalties.json`.
  ///   - overrides: the rows of the table for a kind, with the value of a column.
  func fillSystemCosts(
    _ study: inout StudyCase, _ penalties: Node,
    overrides: (_ kind: EntityKind, _ column: String) -> [(entity: Int, stage: Int, cost: Double)]
  ) {
    func table(_ own: [Double], _ kind: EntityKind, _ column: String) -> [Double] {
      var result = repeated(own, study)
      for row in overrides(kind, column) { result[row.stage * own.count + row.entity] = row.cost }
      return result
    }
    let excess = penalties["bus"]["excess_cost"].number
    study.busExcessCosts = table(study.buses.map { _ in excess }, .bus, "excess_cost")
    let exchange = penalties["line"]["exchange_cost"].number
    study.lineExchangeCosts = table(
      context.registry(.line).nodes.map { $0["exchange_cost"].optionalNumber ?? exchange }, .line, "exchange_cost")
    let curtailment = penalties["non_controllable_source"]["curtailment_cost"].number
    study.sourceCurtailmentCosts = table(
      context.registry(.nonControllableSource).nodes.map { $0["curtailment_cost"].optionalNumber ?? curtailment },
      .nonControllableSource, "curtailment_cost")
  }
}

extension HydroCosts {
  /// How a format calls a cost, given the name in our own.
  typealias Naming = (String) -> String

  /// Costs of `penalties.json`: a directional value beats the symmetric one of the same level.
  init(penalties global: Node, naming: Naming = { $0 }) {
    self.init(
      spillage: 0, fphaTurbined: 0, diversion: 0, storageViolationBelow: 0, fillingTargetViolation: 0,
      turbinedViolationBelow: 0, outflowViolationBelow: 0, outflowViolationAbove: 0, generationViolationBelow: 0,
      evaporationViolationAbove: 0, evaporationViolationBelow: 0, withdrawalViolationAbove: 0,
      withdrawalViolationBelow: 0, inflowNonnegativity: global["inflow_nonnegativity_cost"].number)
    apply { global[naming($0)].optionalNumber }
    applyDirections { global[$0].optionalNumber }
  }

  /// Costs of each plant before the stage tables: its own, else those of `penalties.json`.
  static func declared(_ plants: [Node], penalties global: Node, naming: Naming = { $0 }) -> [HydroCosts] {
    let common = HydroCosts(penalties: global, naming: naming)
    return plants.map { node in
      var costs = common
      costs.apply { node["penalties"][naming($0)].optionalNumber }
      if let value = node["penalties"]["inflow_nonnegativity_cost"].optionalNumber { costs.inflowNonnegativity = value }
      return costs
    }
  }

  /// Takes over the costs that a level of the cascade gives.
  ///
  /// A symmetric one sets both directions.
  mutating func apply(_ value: (String) -> Double?) {
    for (name, paths) in HydroCosts.paths {
      guard let value = value(name) else { continue }
      for path in paths { self[keyPath: path] = value }
    }
  }

  /// Takes over the costs of one direction that a level gives.
  mutating func applyDirections(_ value: (String) -> Double?) {
    for (name, path) in HydroCosts.directions {
      if let value = value(name) { self[keyPath: path] = value }
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

  private static let directions: [(String, any WritableKeyPath<HydroCosts, Double> & Sendable)] = [
    ("evaporation_violation_pos_cost", \.evaporationViolationAbove),
    ("evaporation_violation_neg_cost", \.evaporationViolationBelow),
    ("water_withdrawal_violation_pos_cost", \.withdrawalViolationAbove),
    ("water_withdrawal_violation_neg_cost", \.withdrawalViolationBelow),
  ]
}
