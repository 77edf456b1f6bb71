import CobreBase
import CobreCase
import CobreEngine

extension CaseDraft {
  /// Writes a table of a Novomodelo case, with the types that the format asks for (nil = null).
  ///
  /// `columns` holds names with blanks between them. A path may leave out the extension.
  mutating func table(_ path: String, _ columns: String, _ rows: [[Double?]]) {
    let file = NovomodeloFile(rawValue: path + ".parquet")
    let shape = file.flatMap(NovomodeloFormat.table)
    let names = columns.split(separator: " ").map(String.init)
    files[path + ".parquet"] = PlainParquet.file(
      names.enumerated().map { position, name in
        let kind: PlainParquet.Kind =
          switch shape?.column(name)?.kind {
          case .int: ["opening_index", "entity_index"].contains(name) ? .uint32 : .int32
          case .date: .date
          default: .double
          }
        return PlainParquet.Column(name: name, kind: kind, values: rows.map { $0[position] })
      })
  }

  /// Sets a value in a JSON file that may not be there yet.
  mutating func json(_ file: String, _ value: JSONValue) { files[file] = value.serialized() }

  mutating func inflows(_ rows: [[Double?]]) {
    table("scenarios/inflow_seasonal_stats", "hydro_id stage_id mean_m3s std_m3s", rows)
  }

  mutating func loads(_ rows: [[Double?]]) {
    table("scenarios/load_seasonal_stats", "bus_id stage_id mean_mw std_mw", rows)
  }
}

extension CalendarDate {
  /// Days since 1970, as a table holds a date.
  static func number(_ text: String) -> Double {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    return Double(CalendarDate(year: parts[0], month: parts[1], day: parts[2])?.dayNumber ?? 0)
  }
}

extension CaseDraft {
  /// A plant of constant productivity with one unit group, as a Novomodelo file has it.
  static func plant(
    _ id: Int64, storage: (Double, Double), maxTurbined: Double = 50, maxGeneration: Double = 45, bus: Int64 = 1,
    downstream: Int64? = nil
  ) -> JSONValue {
    let limits: [String: JSONValue] = [
      "min_turbined_m3s": 0.0, "max_turbined_m3s": .double(maxTurbined), "min_generation_mw": 0.0,
      "max_generation_mw": .double(maxGeneration),
    ]
    func object(_ more: [(String, JSONValue)]) -> JSONValue {
      .object(JSONObject(more + limits.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
    }
    return [
      "id": .int(id), "name": .string("H\(id)"), "operational_start_date": "2000-01-01",
      "downstream_id": downstream.map { .int($0) } ?? .null,
      "reservoir": ["min_storage_hm3": .double(storage.0), "max_storage_hm3": .double(storage.1)],
      "outflow": ["min_outflow_m3s": 0.0, "max_outflow_m3s": nil],
      "generation": object([("model", "constant_productivity")]),
      "unit_groups": [object([("id", 0), ("name", "G"), ("bus_id", .int(bus))])],
    ]
  }

  static func thermal(_ id: Int64, most: Double, price: Double, bus: Int64 = 1) -> JSONValue {
    [
      "id": .int(id), "name": .string("T\(id)"), "operational_start_date": "2000-01-01", "bus_id": .int(bus),
      "cost_per_mwh": .double(price), "generation": ["min_mw": 0.0, "max_mw": .double(most)],
    ]
  }

  /// Productivity 0.9 of a plant in every stage.
  static func productivity(_ id: Int64, _ value: Double = 0.9) -> JSONValue {
    [
      "hydro_id": .int(id), "selection_mode": "stage_ranges",
      "stage_ranges": [
        [
          "start_stage_id": 0, "end_stage_id": nil, "model": "constant_productivity",
          "productivity_mw_per_m3s": .double(value),
        ]
      ],
    ]
  }

  private static let ends = ["01-01", "02-01", "03-01", "04-01", "05-01"]
  private static let days = [31.0, 28, 31, 30]

  static func stage(_ id: Int) -> JSONValue {
    [
      "id": .int(Int64(id)), "start_date": .string("2027-\(ends[id])"), "end_date": .string("2027-\(ends[id + 1])"),
      "num_openings": 1, "blocks": [["id": 0, "name": "ALL", "hours": .double(days[id] * 24)]],
    ]
  }

  /// Two months, one bus, one thermal, one plant.
  ///
  /// A valid case of Novomodelo without surprise.
  static let monthly: CaseDraft = {
    var draft = CaseDraft([:])
    draft.json(
      "config.json",
      [
        "training": [
          "tree_seed": 11, "selection": ["method": "sampled", "forward_passes": 1],
          "stopping_rules": [["type": "iteration_limit", "limit": 20]],
        ], "modeling": ["inflow_non_negativity": ["method": "none"]],
      ])
    draft.json(
      "penalties.json",
      [
        "bus": ["deficit_segments": [["depth_mw": nil, "cost": 900.0]], "excess_cost": 0.5],
        "line": ["exchange_cost": 0.1],
        "hydro": [
          "spillage_cost": 0.01, "turbined_cost": 0.0, "diversion_cost": 0.02, "storage_violation_below_cost": 2000.0,
          "filling_target_violation_cost": 400.0, "turbined_violation_below_cost": 300.0,
          "outflow_violation_below_cost": 320.0, "outflow_violation_above_cost": 340.0,
          "generation_violation_below_cost": 350.0, "evaporation_violation_cost": 400.0,
          "water_withdrawal_violation_cost": 380.0,
        ], "non_controllable_source": ["curtailment_cost": 0.005],
      ])
    draft.json(
      "stages.json",
      [
        "policy_graph": ["type": "finite_horizon", "annual_discount_rate": 0.0],
        "season_definitions": [
          "cycle_type": "monthly",
          "seasons": .array(
            (0..<12).map { ["id": .int($0), "label": .string("M\($0)"), "month_start": .int($0 + 1)] }),
        ], "stages": [stage(0), stage(1)],
      ])
    draft.json("initial_conditions.json", ["storage": [["hydro_id": 7, "value_hm3": 60.0]], "filling_storage": []])
    draft.json("system/buses.json", ["buses": [["id": 1, "name": "B1", "operational_start_date": "2000-01-01"]]])
    draft.json("system/lines.json", ["lines": []])
    draft.json("system/thermals.json", ["thermals": [thermal(3, most: 35, price: 75)]])
    draft.json("system/hydros.json", ["hydros": [plant(7, storage: (10, 150))]])
    draft.json("system/hydro_production_models.json", ["production_models": [productivity(7)]])
    draft.inflows([[7, 0, 22, 0], [7, 1, 22, 0]])
    draft.loads([[1, 0, 62, 0], [1, 1, 62, 0]])
    return draft
  }()

  /// Three months and two plants, one below the other.
  static let cascade: CaseDraft = {
    var draft = monthly
    draft.set("stages.json", "stages[2]", stage(2))
    draft.set("system/thermals.json", "thermals[0].generation.max_mw", 100.0)
    draft.json(
      "system/hydros.json",
      ["hydros": [plant(7, storage: (0, 100), downstream: 9), plant(9, storage: (0, 80))]])
    draft.json("system/hydro_production_models.json", ["production_models": [productivity(7), productivity(9)]])
    draft.json(
      "initial_conditions.json",
      [
        "storage": [["hydro_id": 7, "value_hm3": 40.0], ["hydro_id": 9, "value_hm3": 30.0]], "filling_storage": [],
      ])
    draft.inflows((0..<3).flatMap { [[7, Double($0), 12, 0], [9, Double($0), 8, 0]] })
    draft.loads((0..<3).map { [1, Double($0), 80, 0] })
    return draft
  }()
}
