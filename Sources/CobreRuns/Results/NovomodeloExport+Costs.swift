internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreParquet

/// Costs by stage, the stages that each scenario visits, and its cost.
extension NovomodeloExport {
  /// Columns of costs that the run keeps as they are there.
  private static let keptParts: [(column: String, quantity: String)] = [
    ("contract_cost", "cost.contracts"), ("deficit_cost", "cost.deficit"), ("excess_cost", "cost.excess"),
    ("spillage_cost", "cost.spillage"), ("turbined_cost", "cost.turbined"), ("exchange_cost", "cost.exchange"),
  ]

  /// What a plant misses, the column of its cost, and the price: in $ per hour and unit, or per unit.
  private static let slacks:
    [(quantity: String, column: String, isHourly: Bool, price: @Sendable (HydroCosts) -> Double)] = [
      ("storage_shortfall", "storage_violation_cost", false, { $0.storageViolationBelow }),
      ("filling_shortfall", "filling_target_cost", false, { $0.fillingTargetViolation }),
      ("outflow_shortfall", "outflow_violation_below_cost", true, { $0.outflowViolationBelow }),
      ("outflow_surplus", "outflow_violation_above_cost", true, { $0.outflowViolationAbove }),
      ("turbined_shortfall", "turbined_violation_cost", true, { $0.turbinedViolationBelow }),
      ("generation_shortfall", "generation_violation_cost", true, { $0.generationViolationBelow }),
      ("evaporation_surplus", "evaporation_violation_cost", true, { $0.evaporationViolationAbove }),
      ("evaporation_shortfall", "evaporation_violation_cost", true, { $0.evaporationViolationBelow }),
      ("withdrawal_surplus", "withdrawal_violation_cost", true, { $0.withdrawalViolationAbove }),
      ("withdrawal_shortfall", "withdrawal_violation_cost", true, { $0.withdrawalViolationBelow }),
      ("virtual_inflow", "inflow_penalty_cost", true, { $0.inflowNonnegativity }),
    ]

  /// Columns that `hydro_violation_cost` is the sum of.
  private static let operations = [
    "outflow_violation_below_cost", "outflow_violation_above_cost", "turbined_violation_cost",
    "generation_violation_cost", "evaporation_violation_cost", "withdrawal_violation_cost",
  ]

  /// Costs in the order of the table; the last is the run's own, so that the parts add up to the immediate cost.
  private static let columns =
    [
      "total_cost", "immediate_cost", "future_cost", "discount_factor", "thermal_cost", "anticipated_thermal_cost",
      "contract_cost", "deficit_cost", "excess_cost", "storage_violation_cost", "filling_target_cost",
      "hydro_violation_cost",
    ] + operations + [
      "inflow_penalty_cost", "generic_violation_cost", "spillage_cost", "turbined_cost", "curtailment_cost",
      "exchange_cost", "pumping_cost", "curtailment_offset",
    ]

  /// Costs of one scenario and stage that are made of figures of elements.
  private typealias Parts = [String: Double]

  private struct Visit: Hashable {
    var scenario: Int
    var stage: Int
  }

  /// Writes the tables, where `number` identifies the figure of the stage cost.
  func writeCosts(_ number: Int, to directory: borrowing StagedDirectory) throws -> [RunExport.File] {
    let kept =
      Self.keptParts.map(\.quantity) + ["cost.thermal", "cost.violations", "cost.diversion", "cost.curtailment"]
    var selected = ""
    for part in ["future_cost"] + kept {
      guard let quantity = quantities["system.\(part)"] else {
        throw RunError(.storage, "The run keeps no figure system.\(part), so costs cannot be exported.")
      }
      selected += ", " + Self.value(quantity.number, entity: "0", block: "-1")
    }
    let statement = try connection.prepare(
      """
      SELECT b.scenario, b.stage, b.value\(selected) FROM simulation_value AS b
      WHERE b.quantity = \(number) ORDER BY b.scenario, b.stage
      """)
    let parts = try elementCosts()
    let fields = Self.keys(nil) + Self.columns.map { ParquetColumn.double($0, [Double]()).field }
    let pathFields = [ParquetColumn.int32("scenario_id", [Int32]()).field] + fields.prefix(2)
    var paths = pathFields.map { ColumnBuilder($0) }
    var totals: [(scenario: Int, cost: Double)] = []
    var whole = RunExport.File(name: "simulation/costs", bytes: 0, rows: 0)
    var hasRow = try statement.step()
    while hasRow {
      let scenario = statement.integer(0)
      var factor = 1.0
      var total = 0.0
      let part = try file(Self.place("costs", scenario), to: directory, fields: fields) { put in
        var builders = fields.map { ColumnBuilder($0) }
        while hasRow, statement.integer(0) == scenario {
          let stage = statement.integer(1)
          guard study.stages.indices.contains(stage) else {
            throw RunError(
              .invalidCase, "The case has fewer stages than when the run was computed. Put its files back.")
          }
          var costs = parts[Visit(scenario: scenario, stage: stage)] ?? [:]
          let immediate = statement.double(2) ?? .nan
          let future = study.discountFactor(stage: stage) * (statement.double(3) ?? .nan)
          for (index, part) in Self.keptParts.enumerated() {
            costs[part.column] = statement.double(Int32(index + 4)) ?? .nan
          }
          let rest = (0..<4).map { statement.double(Int32($0 + 4 + Self.keptParts.count)) ?? .nan }
          complete(&costs, thermal: rest[0], violations: rest[1], diversion: rest[2], curtailment: rest[3])
          costs["immediate_cost"] = immediate
          costs["future_cost"] = future
          costs["total_cost"] = immediate + future
          costs["discount_factor"] = factor
          let keys: [Double?] = [Double(period(stage)), Double(node(stage)), nil]
          let cells = keys + Self.columns.map { costs[$0] ?? 0 }
          for (index, cell) in cells.enumerated() { builders[index].append(cell) }
          for (index, key) in ([Double(scenario)] + keys.prefix(2)).enumerated() { paths[index].append(key) }
          total += factor * immediate
          factor *= study.discountFactor(stage: stage)
          hasRow = try statement.step()
        }
        try put(builders.map(\.column))
      }
      totals.append((scenario, total))
      whole.bytes += part.bytes
      whole.rows = (whole.rows ?? 0) + (part.rows ?? 0)
    }
    return [
      whole,
      try file("simulation/paths.parquet", to: directory, fields: pathFields) { try $0(paths.map(\.column)) },
      try summary(totals, to: directory),
      try text("simulation/metadata.json", Self.metadata(totals), to: directory),
      try text("simulation/_SUCCESS", "", to: directory),
    ]
  }

  /// Splits what the run keeps as one figure.
  private func complete(
    _ costs: inout Parts, thermal: Double, violations: Double, diversion: Double, curtailment: Double
  ) {
    let ordinary = costs["thermal_cost"]
    costs["thermal_cost"] = ordinary ?? thermal
    costs["anticipated_thermal_cost"] = ordinary.map { Self.difference(thermal, $0) } ?? 0
    costs["hydro_violation_cost"] = Self.operations.reduce(0) { $0 + (costs[$1] ?? 0) }
    let known = Set(Self.slacks.map(\.column)).sorted().reduce(0) { $0 + (costs[$1] ?? 0) }
    costs["generic_violation_cost"] = Self.difference(violations, known)
    // There the cost of spilled water holds that of diverted water, too.
    costs["spillage_cost", default: 0] += diversion
    costs["curtailment_offset"] = Self.difference(curtailment, costs["curtailment_cost"] ?? 0)
  }

  /// A difference without what rounding leaves of equal numbers.
  private static func difference(_ left: Double, _ right: Double) -> Double {
    abs(left - right) <= 1e-9 * max(1, abs(left), abs(right)) ? 0 : left - right
  }

  /// What elements miss and curtail, in money, by scenario and stage; generation only where some of it was paid for
  /// when it was decided.
  private func elementCosts() throws -> [Visit: Parts] {
    var parts: [Visit: Parts] = [:]
    func add(_ quantity: String, _ column: String, _ cost: (_ entity: Int, _ stage: Int) -> Double?, isHourly: Bool)
      throws
    {
      guard let known = quantities[quantity] else { return }
      let kind = quantity.prefix { $0 != "." }
      guard let entity = ElementKind(rawValue: String(kind)) else { return }
      let statement = try connection.prepare(
        """
        SELECT entity, stage, scenario, block, value FROM simulation_value
        WHERE quantity = \(known.number) AND value <> 0 ORDER BY entity, stage, scenario, block
        """)
      while try statement.step() {
        let (stage, block) = (statement.integer(1), statement.integer(3))
        guard let index = index(of: statement.integer(0), entity), study.stages.indices.contains(stage),
          block < study.stages[stage].blocks.count, let price = cost(index, stage)
        else { continue }
        let hours = block < 0 ? study.stages[stage].hours : study.stages[stage].blocks[block].hours
        let visit = Visit(scenario: statement.integer(2), stage: stage)
        parts[visit, default: [:]][column, default: 0] += price * (statement.double(4) ?? .nan) * (isHourly ? hours : 1)
      }
    }
    for slack in Self.slacks {
      try add(
        "hydro.\(slack.quantity)", slack.column, { slack.price(study.costs(stage: $1, hydro: $0)) },
        isHourly: slack.isHourly)
    }
    try add("source.curtailment", "curtailment_cost", { study.curtailmentCost(stage: $1, source: $0) }, isHourly: true)
    if study.thermals.contains(where: { $0.anticipation != nil }) {
      // Stages without such generation, too.
      for visit in try visits() { parts[visit, default: [:]]["thermal_cost"] = 0 }
      try add(
        "thermal.generation", "thermal_cost",
        { isCommitted(thermal: $0, stage: $1) ? nil : study.limits(stage: $1, thermal: $0).cost }, isHourly: true)
    }
    return parts
  }

  private func visits() throws -> [Visit] {
    guard let number = quantities["system.cost"]?.number else { return [] }
    let statement = try connection.prepare("SELECT scenario, stage FROM simulation_value WHERE quantity = \(number)")
    var visits: [Visit] = []
    while try statement.step() { visits.append(Visit(scenario: statement.integer(0), stage: statement.integer(1))) }
    return visits
  }

  private func summary(
    _ totals: [(scenario: Int, cost: Double)], to directory: borrowing StagedDirectory
  ) throws -> RunExport.File {
    let fields = [
      ParquetColumn.int32("scenario_id", [Int32]()).field, ParquetColumn.double("probability", [Double?]()).field,
      ParquetColumn.double("discounted_immediate_cost", [Double]()).field,
    ]
    let paths = study.configuration.simulation.enumeratesPaths ? StageWalk(study: study).paths : []
    var columns = fields.map { ColumnBuilder($0) }
    for (scenario, cost) in totals {
      columns[0].append(Double(scenario))
      // Sampled scenarios weigh alike, and have none there.
      columns[1].append(paths.count == totals.count && scenario < paths.count ? paths[scenario].probability : nil)
      columns[2].append(cost)
    }
    return try file("simulation/scenario_summary.parquet", to: directory, fields: fields) {
      try $0(columns.map(\.column))
    }
  }

  private static func metadata(_ totals: [(scenario: Int, cost: Double)]) -> String {
    let mean = totals.reduce(0) { $0 + $1.cost } / Double(max(1, totals.count))
    let document: JSONValue = [
      "software": "cobre", "software_version": .string(engineVersion), "status": "complete",
      "scenarios": ["total": .int(Int64(totals.count)), "completed": .int(Int64(totals.count)), "failed": 0],
      "cost": ["mean_cost": .double(mean)],
    ]
    return document.text(.init(isIndented: true)) + "\n"
  }
}
