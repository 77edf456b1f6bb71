internal import CobreBase

/// Puts the files of a template together.
///
/// The figures are invented but of realistic size: monthly inflows with a wet and a dry season, thermal costs from
/// 30 to 200 $/MWh, losses of a few per cent.
struct TemplateBuilder {
  private var json: [CaseFileName: JSONValue] = [:]
  private var tables: [CaseFileName: String] = [:]
  private var lists: [EntityKind: [JSONValue]] = [:]
  private var volumes: [JSONValue] = []

  static let year = 2027
  static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
  /// Inflow of each month relative to the annual mean.
  static let wetness = [1.60, 1.70, 1.55, 1.20, 0.90, 0.70, 0.55, 0.50, 0.55, 0.70, 0.95, 1.30]
  /// Load of each month relative to the annual mean.
  static let warmth = [1.05, 1.06, 1.04, 1.00, 0.97, 0.95, 0.95, 0.97, 0.99, 1.01, 1.01, 1.03]

  /// Stages of one year by month, with load blocks given as shares of the hours.
  mutating func setHorizon(openings: Int64, blocks: [(name: String, share: Double)]) {
    let stages = (0..<12).map { month -> JSONValue in
      let start = CalendarDate(year: TemplateBuilder.year, month: month + 1, day: 1)
      let end = CalendarDate(
        year: TemplateBuilder.year + (month == 11 ? 1 : 0), month: month == 11 ? 1 : month + 2, day: 1)
      let hours = 24 * CalendarDate.daysInMonth(month + 1, year: TemplateBuilder.year)
      var left = hours
      let list = blocks.enumerated().map { index, block -> JSONValue in
        let own = index == blocks.count - 1 ? left : Int((Double(hours) * block.share).rounded())
        left -= own
        return ["id": .int(Int64(index)), "name": .string(block.name), "hours": .int(Int64(own))]
      }
      return [
        "id": .int(Int64(month)), "start_date": .string(start?.description ?? ""),
        "end_date": .string(end?.description ?? ""), "season_id": .int(Int64(month)), "num_scenarios": .int(openings),
        "blocks": .array(list),
      ]
    }
    let seasons = TemplateBuilder.months.enumerated().map { index, name -> JSONValue in
      ["id": .int(Int64(index)), "label": .string(name), "month_start": .int(Int64(index + 1))]
    }
    json[.stages] = [
      "policy_graph": ["type": "finite_horizon", "annual_discount_rate": 0.08],
      "season_definitions": ["cycle_type": "monthly", "seasons": .array(seasons)], "stages": .array(stages),
    ]
  }

  /// The first twelve days of a year, with chronological blocks of equal length.
  mutating func setDays(openings: Int64, blocks: [String]) {
    let stages = (0..<12).map { day -> JSONValue in
      let dates = (1...2).map { CalendarDate(year: TemplateBuilder.year, month: 1, day: day + $0)?.description ?? "" }
      let list = blocks.enumerated().map { index, name -> JSONValue in
        ["id": .int(Int64(index)), "name": .string(name), "hours": .int(Int64(24 / blocks.count))]
      }
      return [
        "id": .int(Int64(day)), "start_date": .string(dates[0]), "end_date": .string(dates[1]),
        "num_scenarios": .int(openings), "block_mode": "chronological", "blocks": .array(list),
      ]
    }
    json[.stages] = [
      "policy_graph": ["type": "finite_horizon", "annual_discount_rate": 0.0], "stages": .array(stages),
    ]
  }

  /// Stages that are nodes of a graph, by the month of each, with a block each.
  mutating func setNodes(months: [Int], openings: Int64, transitions: [JSONValue]) {
    let stages = months.enumerated().map { stage, month -> JSONValue in
      let dates = [month, month + 1].map {
        CalendarDate(year: TemplateBuilder.year, month: $0 + 1, day: 1)?.description ?? ""
      }
      let hours = 24 * CalendarDate.daysInMonth(month + 1, year: TemplateBuilder.year)
      return [
        "id": .int(Int64(stage)), "start_date": .string(dates[0]), "end_date": .string(dates[1]),
        "num_scenarios": .int(openings), "blocks": [["id": 0, "name": "ALL", "hours": .int(Int64(hours))]],
      ]
    }
    json[.stages] = [
      "policy_graph": [
        "type": "finite_horizon", "annual_discount_rate": 0.08, "transitions": .array(transitions),
      ],
      "stages": .array(stages),
    ]
  }

  /// Mean inflows of a plant by stage, with their deviation as a share.
  mutating func replaceInflows(_ means: [(mean: Double, deviation: Double)], hydro: Int) {
    tables[.inflowSeasonalStats] = nil
    for (stage, value) in means.enumerated() {
      append(
        .inflowSeasonalStats, "hydro_id,stage_id,mean_m3s,std_m3s",
        "\(hydro),\(stage),\(tenths(value.mean)),\(tenths(value.mean * value.deviation))")
    }
  }

  /// Loads of a bus by stage.
  mutating func replaceLoads(_ means: [Double], bus: Int) {
    tables[.loadSeasonalStats] = nil
    for (stage, mean) in means.enumerated() {
      append(.loadSeasonalStats, "bus_id,stage_id,mean_mw,std_mw", "\(bus),\(stage),\(tenths(mean)),0")
    }
  }

  /// Multipliers of a source per block, the same in all stages.
  mutating func setSourceShape(_ id: Int64, factors: [Double]) {
    let list = (0..<12).map { stage -> JSONValue in
      let blocks = factors.enumerated().map { ["block_id": .int(Int64($0)), "factor": .double($1)] as JSONValue }
      return ["ncs_id": .int(id), "stage_id": .int(Int64(stage)), "block_factors": .array(blocks)]
    }
    json[.nonControllableFactors] = ["non_controllable_factors": .array(list)]
  }

  /// Gives every stage a risk measure.
  mutating func setRiskMeasure(_ measure: JSONValue) {
    guard var document = json[.stages]?.object, let stages = document["stages"]?.array else { return }
    document["stages"] = .array(
      stages.map { stage in
        guard var object = stage.object else { return stage }
        object["risk_measure"] = measure
        return .object(object)
      })
    json[.stages] = .object(document)
  }

  mutating func setTraining(forwardPasses: Int64, iterations: Int64, scenarios: Int64) {
    json[.config] = [
      "training": [
        "tree_seed": 42, "forward_passes": .int(forwardPasses),
        "stopping_rules": [["type": "iteration_limit", "limit": .int(iterations)]],
      ],
      "simulation": ["enabled": true, "num_scenarios": .int(scenarios)],
    ]
  }

  mutating func setPenalties(deficit: [(depth: Double?, cost: Double)]) {
    json[.penalties] = [
      "bus": [
        "deficit_segments": .array(
          deficit.map { ["depth_mw": $0.depth.map(JSONValue.double) ?? .null, "cost": .double($0.cost)] }),
        "excess_cost": 0.1,
      ],
      "line": ["exchange_cost": 0.05],
      "hydro": [
        "spillage_cost": 0.01, "fpha_turbined_cost": 0.02, "diversion_cost": 0.015,
        "storage_violation_below_cost": 20_000.0, "filling_target_violation_cost": 40_000.0,
        "turbined_violation_below_cost": 500.0, "outflow_violation_below_cost": 500.0,
        "outflow_violation_above_cost": 500.0, "generation_violation_below_cost": 600.0,
        "evaporation_violation_cost": 550.0, "water_withdrawal_violation_cost": 550.0,
        "inflow_nonnegativity_cost": 1000.0,
      ],
      "non_controllable_source": ["curtailment_cost": 0.005],
    ]
  }

  mutating func add(_ kind: EntityKind, _ element: JSONValue) { lists[kind, default: []].append(element) }

  /// Adds a bus with its load by month.
  mutating func addBus(_ id: Int64, _ name: String, load: Double) {
    add(.bus, ["id": .int(id), "name": .string(name)])
    for (stage, factor) in TemplateBuilder.warmth.enumerated() {
      append(.loadSeasonalStats, "bus_id,stage_id,mean_mw,std_mw", "\(id),\(stage),\(tenths(load * factor)),0")
    }
  }

  mutating func addThermal(_ id: Int64, _ name: String, bus: Int64, cost: Double, minimum: Double = 0, maximum: Double)
  {
    add(
      .thermal,
      [
        "id": .int(id), "name": .string(name), "bus_id": .int(bus), "cost_per_mwh": .double(cost),
        "generation": ["min_mw": .double(minimum), "max_mw": .double(maximum)],
      ])
  }

  /// Figures of a hydro plant of a template.
  struct Plant {
    var id: Int64
    var name: String
    var bus: Int64
    var downstream: Int64?
    /// hm³.
    var minimum: Double
    var maximum: Double
    /// MW/(m³/s).
    var productivity: Double
    /// m³/s.
    var turbined: Double
    /// m³/s.
    var leastOutflow = 0.0
    /// Mean incremental inflow over the year in m³/s.
    var inflow: Double
    var rules: JSONValue?
  }

  mutating func addHydro(_ plant: Plant) {
    var fields: JSONObject = [
      "id": .int(plant.id), "name": .string(plant.name), "bus_id": .int(plant.bus),
      "downstream_id": plant.downstream.map(JSONValue.int) ?? .null,
      "reservoir": ["min_storage_hm3": .double(plant.minimum), "max_storage_hm3": .double(plant.maximum)],
      "outflow": ["min_outflow_m3s": .double(plant.leastOutflow), "max_outflow_m3s": .null],
      "generation": [
        "model": "constant_productivity", "productivity_mw_per_m3s": .double(plant.productivity),
        "min_turbined_m3s": 0.0, "max_turbined_m3s": .double(plant.turbined), "min_generation_mw": 0.0,
        "max_generation_mw": .double(tenths(plant.turbined * plant.productivity)),
      ],
    ]
    if let rules = plant.rules { fields["operating_rules"] = rules }
    add(.hydro, .object(fields))
    volumes.append([
      "hydro_id": .int(plant.id), "value_hm3": .double(tenths(plant.minimum + 0.5 * (plant.maximum - plant.minimum))),
    ])
    for (stage, factor) in TemplateBuilder.wetness.enumerated() {
      let mean = tenths(plant.inflow * factor)
      append(
        .inflowSeasonalStats, "hydro_id,stage_id,mean_m3s,std_m3s", "\(plant.id),\(stage),\(mean),\(tenths(mean * 0.3))"
      )
    }
  }

  /// Load multipliers per block, the same in all stages.
  mutating func setLoadShape(buses: [Int64], factors: [Double]) {
    var list: [JSONValue] = []
    for bus in buses {
      for stage in 0..<12 {
        let blocks = factors.enumerated().map { ["block_id": .int(Int64($0)), "factor": .double($1)] as JSONValue }
        list.append(["bus_id": .int(bus), "stage_id": .int(Int64(stage)), "block_factors": .array(blocks)])
      }
    }
    json[.loadFactors] = ["load_factors": .array(list)]
  }

  mutating func append(_ file: CaseFileName, _ header: String, _ row: String) {
    tables[file, default: header + "\n"] += row + "\n"
  }

  func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  /// All files as text.
  func files() -> [String: String] {
    var documents = json
    documents[.initialConditions] = ["storage": .array(volumes), "filling_storage": []]
    for kind in EntityKind.allCases where kind != .stage {
      let (file, key) = CaseFormat.listKey(kind)
      guard file.isRequired || lists[kind] != nil else { continue }
      documents[file] = .object(JSONObject([(key, .array(lists[kind] ?? []))]))
    }
    var result: [String: String] = [:]
    for (file, value) in documents { result[file.path] = value.text(.init(isIndented: true)) + "\n" }
    for (file, text) in tables { result[file.path] = text }
    return result
  }
}
