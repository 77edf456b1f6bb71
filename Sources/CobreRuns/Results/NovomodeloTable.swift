internal import CobreCase
internal import CobreEngine

/// One table of simulated figures in the layout of Novomodelo: which figures of a run are in which column.
struct NovomodeloTable: Sendable {
  /// What a row is about.
  struct Row {
    let study: StudyCase
    let stage: Int
    /// Index of the entity in the case.
    let entity: Int
    /// nil in rows of a whole stage.
    let block: Int?
    let hours: Double
    let energies: EnergyTable
    let commitments: CommitmentPlan

    /// A productivity of the plant in the stage; NaN where it cannot be derived.
    func productivity(_ tag: ComputedParameterTag) -> Double {
      energies.value(tag, stage: stage, hydro: entity) ?? .nan
    }

    /// Whether what a thermal plant generates in the stage was decided before, and paid for then.
    var isCommitted: Bool { commitments.isCommitted(thermal: entity, delivery: study.position(of: stage)) }

    /// $/MWh of a contract.
    var price: Double {
      (block.map { study.limits(stage: stage, contract: entity, block: $0) }
        ?? study.limits(stage: stage, contract: entity)).price
    }

    /// $ per unit that a generic constraint is missed by in the row.
    var slackPrice: Double {
      let constraint = study.genericConstraints[entity]
      guard let penalty = constraint.slackPenalty else { return 0 }
      guard constraint.slackBasis == .perHour else { return penalty }
      return penalty * (genericBounds.contains(where: \.isStageRow) ? study.stages[stage].hours : hours)
    }

    /// Energy in MWh of a volume above the plant's minimum.
    func storedEnergy(_ volume: Double) -> Double {
      productivity(.integratedAccumulatedEnergy) * (volume - study.hydros[entity].limits.minStorage)
    }
  }

  /// How a column is computed from the figures that a run stores.
  enum Formula: Sendable {
    /// Σ factor · figure.
    case sum([(name: String, factor: Double)])
    /// The same over the hours of the row.
    case overTime([(name: String, factor: Double)])
    /// The same times a factor of the entity, over the hours where the result is an amount.
    case scaled([(name: String, factor: Double)], isAmount: Bool, by: @Sendable (Row) -> Double)
    /// The figure of the stage before in the same scenario, and the volume at the start of the study in the first.
    case before(String)
    /// A function of the value that `before` gives.
    case fromBefore(String, @Sendable (Row, Double) -> Double)
    /// A function of figures, in their order; nil is written as null.
    case computed([String], isNullable: Bool, @Sendable (Row, [Double]) -> Double?)
    /// A function of one figure of all elements in all blocks of the stage; nil is written as null.
    case others(String, @Sendable (Row, NovomodeloLookup.Figures) -> Double?)
    /// A fact of the case.
    case flag(@Sendable (Row) -> Bool)
    /// A code that is the same in every row.
    case code(Int)
    /// A code that follows from a figure.
    case codeOf(String, @Sendable (Double) -> Int)

    static func value(_ name: String) -> Formula { .sum([(name, 1)]) }
    static func energy(_ name: String) -> Formula { .overTime([(name, 1)]) }
    /// A function of one figure.
    static func of(_ name: String, _ function: @escaping @Sendable (Row, Double) -> Double) -> Formula {
      .computed([name], isNullable: false) { function($0, $1[0]) }
    }

    /// The figures that it needs.
    var names: [String] {
      switch self {
      case .sum(let terms), .overTime(let terms), .scaled(let terms, _, _): terms.map(\.name)
      case .before(let name), .fromBefore(let name, _), .codeOf(let name, _): [name]
      case .computed(let names, _, _): names
      case .others, .flag, .code: []
      }
    }
  }

  struct Column: Sendable {
    let name: String
    let formula: Formula

    init(_ name: String, _ formula: Formula) {
      self.name = name
      self.formula = formula
    }
  }

  /// Folder below `simulation`.
  let folder: String
  /// The name of the table where there are no folders.
  var name: String { folder.replacing("violations/generic", with: "generic_violations") }
  let entity: ElementKind
  let idColumn: String
  /// The figure whose rows make the rows of the table.
  let leading: String
  let columns: [Column]

  /// The tables by entity.
  ///
  /// The tables of costs, paths and scenarios are made in another way.
  static let all: [NovomodeloTable] = [
    hydros, thermals, buses, exchanges, nonControllables, contracts, pumpingStations, genericViolations,
  ]

  private static let hydros = NovomodeloTable(
    folder: "hydros", entity: .hydro, idColumn: "hydro_id", leading: "turbined",
    columns: [
      Column("turbined_m3s", .value("turbined")),
      Column("spillage_m3s", .value("spilled")),
      // In that layout diverted water is not part of the outflow.
      Column("outflow_m3s", .sum([("turbined", 1), ("spilled", 1)])),
      Column("evaporation_m3s", .value("evaporation")),
      Column("diverted_inflow_m3s", .others("diverted") { $0.divertedHere($1) }),
      Column("diverted_outflow_m3s", .value("diverted")),
      Column("incremental_inflow_m3s", .value("inflow")),
      Column("inflow_m3s", .value("inflow")),
      Column("storage_initial_hm3", .before("storage")),
      Column("storage_final_hm3", .value("storage")),
      Column("generation_mw", .value("generation")),
      Column("generation_mwh", .energy("generation")),
      Column(
        "equivalent_productivity_mw_per_m3s",
        .of("turbined") { place, _ in place.productivity(.equivalentProductivity) }),
      Column(
        "accumulated_productivity_mw_per_m3s",
        .of("turbined") { place, _ in place.productivity(.accumulatedProductivity) }),
      Column("incremental_inflow_energy_mw", .of("inflow") { $0.productivity(.accumulatedProductivity) * $1 }),
      Column("stored_energy_initial_mwh", .fromBefore("storage") { $0.storedEnergy($1) }),
      Column("stored_energy_final_mwh", .of("storage") { $0.storedEnergy($1) }),
      Column(
        "spillage_cost",
        .of("spilled") { $0.study.costs(stage: $0.stage, hydro: $0.entity).spillage * $1 * $0.hours }),
      // There the dual of the water balance as it is: negative where water is worth money.
      Column("water_value_per_hm3", .sum([("water_value", -1)])),
      Column("storage_binding_code", .codeOf("storage_shortfall") { $0 > 1e-9 ? 1 : 0 }),
      Column("operative_state_code", .code(1)),
      Column("turbined_slack_m3s", .value("turbined_shortfall")),
      Column("outflow_slack_below_m3s", .value("outflow_shortfall")),
      Column("outflow_slack_above_m3s", .value("outflow_surplus")),
      Column("generation_slack_mw", .value("generation_shortfall")),
      Column("storage_violation_below_hm3", .value("storage_shortfall")),
      Column("filling_target_violation_hm3", .value("filling_shortfall")),
      Column("evaporation_violation_pos_m3s", .value("evaporation_surplus")),
      Column("evaporation_violation_neg_m3s", .value("evaporation_shortfall")),
      // What truncation adds is a constant of the balance there and here, and free of charge.
      Column(
        "inflow_nonnegativity_slack_m3s",
        .computed(["virtual_inflow", "inflow"], isNullable: false) { place, figures in
          place.study.configuration.inflowMethod == .truncation ? max(0, -figures[1]) : figures[0]
        }),
      Column("water_withdrawal_violation_pos_m3s", .value("withdrawal_surplus")),
      Column("water_withdrawal_violation_neg_m3s", .value("withdrawal_shortfall")),
      Column(
        "integrated_equivalent_productivity_mw_per_m3s",
        .of("turbined") { place, _ in place.productivity(.integratedEquivalentProductivity) }),
      Column(
        "integrated_accumulated_productivity_mw_per_m3s",
        .of("turbined") { place, _ in place.productivity(.integratedAccumulatedProductivity) }),
      Column(
        "stored_energy_initial_mw", .fromBefore("storage") { $0.storedEnergy($1) / $0.study.stages[$0.stage].hours }),
      Column("stored_energy_final_mw", .of("storage") { $0.storedEnergy($1) / $0.study.stages[$0.stage].hours }),
    ])

  private static let thermals = NovomodeloTable(
    folder: "thermals", entity: .thermal, idColumn: "thermal_id", leading: "generation",
    columns: [
      Column("generation_mw", .value("generation")),
      Column("generation_mwh", .energy("generation")),
      // What was decided earlier was paid for then.
      Column(
        "generation_cost",
        .of("generation") {
          $0.isCommitted ? 0 : $0.study.limits(stage: $0.stage, thermal: $0.entity).cost * $1 * $0.hours
        }),
      Column(
        "is_anticipated",
        .flag { place in
          let thermal = place.study.thermals[place.entity]
          return thermal.commitmentLag != nil || thermal.anticipation != nil
        }),
      Column("anticipated_committed_mw", .others("generation") { $0.committed($1) }),
      Column(
        "anticipated_decision_mw",
        .computed(["decision"], isNullable: true) { place, figures in place.decidesInside ? figures[0] : nil }),
      Column("operative_state_code", .code(1)),
    ])

  private static let buses = NovomodeloTable(
    folder: "buses", entity: .bus, idColumn: "bus_id", leading: "load",
    columns: [
      Column("load_mw", .value("load")), Column("load_mwh", .energy("load")),
      Column("deficit_mw", .value("deficit")), Column("deficit_mwh", .energy("deficit")),
      Column("excess_mw", .value("excess")), Column("excess_mwh", .energy("excess")),
      Column("spot_price", .value("marginal_cost")),
    ])

  private static let net: [(name: String, factor: Double)] = [("direct_flow", 1), ("reverse_flow", -1)]
  private static let both: [(name: String, factor: Double)] = [("direct_flow", 1), ("reverse_flow", 1)]

  private static let exchanges = NovomodeloTable(
    folder: "exchanges", entity: .line, idColumn: "line_id", leading: "direct_flow",
    columns: [
      Column("direct_flow_mw", .value("direct_flow")), Column("reverse_flow_mw", .value("reverse_flow")),
      Column("net_flow_mw", .sum(net)), Column("net_flow_mwh", .overTime(net)),
      Column("losses_mw", .scaled(both, isAmount: false) { $0.study.lines[$0.entity].lossesPercent / 100 }),
      Column("losses_mwh", .scaled(both, isAmount: true) { $0.study.lines[$0.entity].lossesPercent / 100 }),
      Column(
        "exchange_cost",
        .scaled(both, isAmount: true) { $0.study.exchangeCost(stage: $0.stage, line: $0.entity) }),
      Column("operative_state_code", .code(2)),
    ])

  private static let nonControllables = NovomodeloTable(
    folder: "non_controllables", entity: .source, idColumn: "non_controllable_id", leading: "generation",
    columns: [
      Column("generation_mw", .value("generation")), Column("generation_mwh", .energy("generation")),
      Column("available_mw", .value("available")),
      Column("curtailment_mw", .value("curtailment")), Column("curtailment_mwh", .energy("curtailment")),
      Column(
        "curtailment_cost",
        .of("curtailment") { $0.study.curtailmentCost(stage: $0.stage, source: $0.entity) * $1 * $0.hours }),
      Column("operative_state_code", .code(1)),
    ])

  private static let contracts = NovomodeloTable(
    folder: "contracts", entity: .contract, idColumn: "contract_id", leading: "power",
    columns: [
      Column("power_mw", .value("power")), Column("energy_mwh", .energy("power")),
      Column("price_per_mwh", .of("power") { place, _ in place.price }),
      Column("total_cost", .of("power") { $0.price * $1 * $0.hours }), Column("operative_state_code", .code(1)),
    ])

  /// hm³ per (m³/s · h).
  private static let volumePerFlow = 3600 / 1e6

  private static let pumpingStations = NovomodeloTable(
    folder: "pumping_stations", entity: .pump, idColumn: "pumping_station_id", leading: "flow",
    columns: [
      Column("pumped_flow_m3s", .value("flow")), Column("pumped_volume_hm3", .overTime([("flow", volumePerFlow)])),
      Column(
        "power_consumption_mw",
        .scaled([("flow", 1)], isAmount: false) { $0.study.pumpingStations[$0.entity].consumption }),
      Column(
        "energy_consumption_mwh",
        .scaled([("flow", 1)], isAmount: true) { $0.study.pumpingStations[$0.entity].consumption }),
      // Power for pumping is paid for in the balance of its bus.
      Column("pumping_cost", .of("flow") { _, _ in 0 }), Column("operative_state_code", .code(1)),
    ])

  private static let genericViolations = NovomodeloTable(
    folder: "violations/generic", entity: .constraint, idColumn: "constraint_id", leading: "shortfall",
    columns: [
      // There what is too much is negative where a lower limit may be missed, too, and positive where there is none.
      Column(
        "slack_value",
        .computed(["shortfall", "surplus"], isNullable: false) { place, figures in
          let hasLower = place.genericBounds.contains { $0.lower > -.infinity }
          return figures[0] + (hasLower ? -figures[1] : figures[1])
        }),
      Column("slack_cost", .scaled([("shortfall", 1), ("surplus", 1)], isAmount: false) { $0.slackPrice }),
    ])
}
