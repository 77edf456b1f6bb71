/// One table of simulated figures in the layout of Novomodelo: which figures of a run stand in which column.
struct NovomodeloTable: Sendable {
  /// What a row is about.
  struct HeldPath {
    let study: StudyCase
    let stage: Int
    /// Index of the entity in the case.
    let entity: Int
    /// nil in rows of a whole stage.
    let block: Int?
    let hours: Double
  }

  /// How a column comes from the figures that a run keeps.
  enum Formula: Sendable {
    /// Σ factor · figure.
    case sum([(name: String, factor: Double)])
    /// The same over the hours of the row.
    case overTime([(name: String, factor: Double)])
    /// The same times a factor of the entity, over the hours where the result is an amount.
    case scaled([(name: String, factor: Double)], isAmount: Bool, by: @Sendable (HeldPath) -> Double)
    /// The figure of the stage before in the same scenario, and the volume at the start of the study in the first.
    case before(String)
    /// A fact of the case.
    case flag(@Sendable (HeldPath) -> Bool)

    static func value(_ name: String) -> Formula { .sum([(name, 1)]) }
    static func energy(_ name: String) -> Formula { .overTime([(name, 1)]) }

    /// The figures that it needs.
    var names: [String] {
      switch self {
      case .sum(let terms), .overTime(let terms), .scaled(let terms, _, _): terms.map(\.name)
      case .before(let name): [name]
      case .flag: []
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
  let entity: SimulationQuantity.Entity
  let idColumn: String
  /// The figure whose rows make the rows of the table.
  let leading: String
  let columns: [Column]

  /// The tables by entity; those of costs, paths and scenarios are made otherwise.
  static let all: [NovomodeloTable] = [
    hydros, thermals, buses, exchanges, nonControllables, contracts, pumpingStations, genericViolations,
  ]

  private static let hydros = NovomodeloTable(
    folder: "hydros", entity: .hydro, idColumn: "hydro_id", leading: "turbined",
    columns: [
      Column("turbined_m3s", .value("turbined")),
      Column("spillage_m3s", .value("spilled")),
      // What is diverted is no outflow there.
      Column("outflow_m3s", .sum([("turbined", 1), ("spilled", 1)])),
      Column("evaporation_m3s", .value("evaporation")),
      Column("diverted_outflow_m3s", .value("diverted")),
      Column("incremental_inflow_m3s", .value("inflow")),
      Column("inflow_m3s", .value("inflow")),
      Column("storage_initial_hm3", .before("storage")),
      Column("storage_final_hm3", .value("storage")),
      Column("generation_mw", .value("generation")),
      Column("generation_mwh", .energy("generation")),
      // There the dual of the water balance as it is: negative where water is worth money.
      Column("water_value_per_hm3", .sum([("water_value", -1)])),
      Column("turbined_slack_m3s", .value("turbined_shortfall")),
      Column("outflow_slack_below_m3s", .value("outflow_shortfall")),
      Column("outflow_slack_above_m3s", .value("outflow_surplus")),
      Column("generation_slack_mw", .value("generation_shortfall")),
      Column("storage_violation_below_hm3", .value("storage_shortfall")),
      Column("filling_target_violation_hm3", .value("filling_shortfall")),
      Column("inflow_nonnegativity_slack_m3s", .value("virtual_inflow")),
    ])

  private static let thermals = NovomodeloTable(
    folder: "thermals", entity: .thermal, idColumn: "thermal_id", leading: "generation",
    columns: [
      Column("generation_mw", .value("generation")),
      Column("generation_mwh", .energy("generation")),
      Column(
        "is_anticipated",
        .flag { place in
          let thermal = place.study.thermals[place.entity]
          return thermal.commitmentLag != nil || thermal.anticipation != nil
        }),
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
    ])

  private static let nonControllables = NovomodeloTable(
    folder: "non_controllables", entity: .source, idColumn: "non_controllable_id", leading: "generation",
    columns: [
      Column("generation_mw", .value("generation")), Column("generation_mwh", .energy("generation")),
      Column("available_mw", .value("available")),
      Column("curtailment_mw", .value("curtailment")), Column("curtailment_mwh", .energy("curtailment")),
    ])

  private static let contracts = NovomodeloTable(
    folder: "contracts", entity: .contract, idColumn: "contract_id", leading: "power",
    columns: [Column("power_mw", .value("power")), Column("energy_mwh", .energy("power"))])

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
    ])

  private static let genericViolations = NovomodeloTable(
    folder: "violations/generic", entity: .constraint, idColumn: "constraint_id", leading: "shortfall",
    columns: [Column("slack_value", .sum([("shortfall", 1), ("surplus", 1)]))])
}
