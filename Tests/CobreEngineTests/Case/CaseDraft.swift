import CobreBase
import CobreCase
import CobreEngine

/// A case in memory that tests edit before reading it.
struct CaseDraft: Sendable {
  var files: [String: [UInt8]]

  init(_ texts: [String: String]) {
    files = texts.mapValues { Array($0.utf8) }
  }

  func read() -> CaseReport { CaseReader.read(CaseFiles(contents: files)) }

  mutating func write(_ file: String, _ text: String) { files[file] = Array(text.utf8) }

  /// Replaces every occurrence of a piece of text.
  mutating func replace(_ file: String, _ old: String, _ new: String) {
    let text = String(decoding: files[file] ?? [], as: UTF8.self)
    precondition(text.contains(old), "\(file) does not contain \(old)")
    files[file] = Array(text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new).utf8)
  }

  /// Sets the value at a path such as `hydros[0].reservoir.min_storage_hm3`, where nil removes the key.
  mutating func set(_ file: String, _ path: String, _ value: JSONValue?) {
    var steps: [Step] = []
    for part in path.split(separator: ".") {
      let pieces = part.split(separator: "[")
      steps.append(.key(String(pieces[0])))
      for piece in pieces.dropFirst() { steps.append(.index(Int(piece.dropLast()) ?? 0)) }
    }
    guard let root = try? JSONParser.parse(files[file] ?? Array("{}".utf8)) else { return }
    files[file] = (CaseDraft.setting(root, steps[...], value) ?? .null).serialized()
  }

  private enum Step {
    case key(String)
    case index(Int)
  }

  private static func setting(_ value: JSONValue, _ steps: ArraySlice<Step>, _ new: JSONValue?) -> JSONValue? {
    guard let step = steps.first else { return new }
    let rest = steps.dropFirst()
    switch step {
    case .key(let key):
      var object = value.object ?? JSONObject()
      object[key] = setting(object[key] ?? .null, rest, new)
      return .object(object)
    case .index(let index):
      var array = value.array ?? []
      if index < array.count {
        if let replaced = setting(array[index], rest, new) { array[index] = replaced } else { array.remove(at: index) }
      } else if let added = setting(.null, rest, new) {
        array.append(added)
      }
      return .array(array)
    }
  }
}

extension CaseDraft {
  /// The smallest complete case of the format description.
  ///
  /// All rules hold without warning.
  static let smallest = CaseDraft([
    "config.json": """
    { "training": { "tree_seed": 11, "forward_passes": 1,
        "stopping_rules": [{ "type": "iteration_limit", "limit": 40 }] } }
    """,
    "penalties.json": """
    {
      "bus": { "deficit_segments": [{ "depth_mw": null, "cost": 900.0 }], "excess_cost": 0.5 },
      "line": { "exchange_cost": 0.1 },
      "hydro": {
        "spillage_cost": 0.01, "fpha_turbined_cost": 0.03, "diversion_cost": 0.02,
        "storage_violation_below_cost": 2000.0, "filling_target_violation_cost": 4000.0,
        "turbined_violation_below_cost": 300.0, "outflow_violation_below_cost": 320.0,
        "outflow_violation_above_cost": 340.0, "generation_violation_below_cost": 350.0,
        "evaporation_violation_cost": 400.0, "water_withdrawal_violation_cost": 380.0
      },
      "non_controllable_source": { "curtailment_cost": 0.005 }
    }
    """,
    "stages.json": """
    {
      "policy_graph": { "type": "finite_horizon", "annual_discount_rate": 0.0 },
      "stages": [
        { "id": 0, "start_date": "2027-01-01", "end_date": "2027-02-01", "num_scenarios": 1,
          "blocks": [{ "id": 0, "name": "ALL", "hours": 744 }] },
        { "id": 1, "start_date": "2027-02-01", "end_date": "2027-03-01", "num_scenarios": 2,
          "blocks": [{ "id": 0, "name": "ALL", "hours": 672 }] }
      ]
    }
    """,
    "initial_conditions.json": #"{ "storage": [{ "hydro_id": 7, "value_hm3": 60.0 }], "filling_storage": [] }"#,
    "system/buses.json": #"{ "buses": [{ "id": 1, "name": "CENTRE" }] }"#,
    "system/lines.json": #"{ "lines": [] }"#,
    "system/thermals.json": """
    { "thermals": [{ "id": 3, "name": "GAS", "bus_id": 1, "cost_per_mwh": 75.0,
        "generation": { "min_mw": 0.0, "max_mw": 35.0 } }] }
    """,
    "system/hydros.json": """
    { "hydros": [
        { "id": 7, "name": "DAM", "bus_id": 1, "downstream_id": null,
          "reservoir": { "min_storage_hm3": 10.0, "max_storage_hm3": 150.0 },
          "outflow": { "min_outflow_m3s": 0.0, "max_outflow_m3s": null },
          "generation": { "model": "constant_productivity", "productivity_mw_per_m3s": 0.9,
            "min_turbined_m3s": 0.0, "max_turbined_m3s": 50.0,
            "min_generation_mw": 0.0, "max_generation_mw": 45.0 } } ] }
    """,
    "scenarios/inflow_openings.csv": """
    stage_id,opening_index,probability,hydro_id,value_m3s
    0,0,,7,22.0
    1,0,0.4,7,8.0
    1,1,0.6,7,30.0

    """,
    "scenarios/load_seasonal_stats.csv": """
    bus_id,stage_id,mean_mw,std_mw
    1,0,62.0,0.0
    1,1,58.0,0.0

    """,
  ])

  /// Two areas with every kind of equipment.
  ///
  /// All rules hold without warning.
  static let valley: CaseDraft = {
    var draft = smallest
    draft.files["scenarios/inflow_openings.csv"] = nil
    draft.write(
      "scenarios/inflow_seasonal_stats.csv",
      """
      hydro_id,stage_id,mean_m3s,std_m3s
      2,0,40.0,8.0
      2,1,35.0,7.5
      7,0,22.0,3.0
      7,1,20.0,2.5

      """)
    draft.write(
      "scenarios/load_seasonal_stats.csv",
      """
      bus_id,stage_id,mean_mw,std_mw
      1,0,62.0,0.0
      1,1,58.0,0.0
      4,0,30.0,0.0
      4,1,28.0,0.0

      """)
    draft.set(
      "stages.json", "stages[0].blocks",
      [
        ["id": 0, "name": "PEAK", "hours": 200], ["id": 1, "name": "REST", "hours": 544],
      ])
    draft.set("stages.json", "stages[0].season_id", 0)
    draft.set("stages.json", "stages[1].season_id", 1)
    draft.set(
      "system/buses.json", "buses[1]",
      [
        "id": 4, "name": "EAST",
        "deficit_segments": [["depth_mw": 5.0, "cost": 600.0], ["depth_mw": nil, "cost": 1100.0]],
      ])
    draft.set(
      "system/lines.json", "lines[0]",
      [
        "id": 0, "name": "TIE", "source_bus_id": 1, "target_bus_id": 4,
        "capacity": ["direct_mw": 20.0, "reverse_mw": 15.0],
        "losses_percent": 2.0,
      ])
    draft.set(
      "system/hydros.json", "hydros[1]",
      [
        "id": 2, "name": "UPPER", "bus_id": 4, "downstream_id": 7,
        "reservoir": ["min_storage_hm3": 5.0, "max_storage_hm3": 90.0],
        "outflow": ["min_outflow_m3s": 2.0, "max_outflow_m3s": 200.0],
        "generation": [
          "model": "constant_productivity", "productivity_mw_per_m3s": 0.5, "min_turbined_m3s": 0.0,
          "max_turbined_m3s": 80.0, "min_generation_mw": 0.0, "max_generation_mw": 40.0,
        ],
        "diversion": ["downstream_id": 7, "max_flow_m3s": 5.0],
        "penalties": ["spillage_cost": 0.015, "evaporation_violation_cost": 410.0],
      ])
    draft.set("initial_conditions.json", "storage[1]", ["hydro_id": 2, "value_hm3": 30.0])
    draft.write(
      "system/non_controllable_sources.json",
      """
      { "non_controllable_sources": [
        { "id": 8, "name": "WIND", "bus_id": 4, "max_generation_mw": 12.0, "curtailment_cost": 0.006 } ] }
      """)
    draft.write(
      "system/pumping_stations.json",
      """
      { "pumping_stations": [
        { "id": 6, "name": "PUMP", "bus_id": 1, "source_hydro_id": 7, "destination_hydro_id": 2,
          "consumption_mw_per_m3s": 0.7, "flow": { "min_m3s": 0.0, "max_m3s": 4.0 } } ] }
      """)
    draft.write(
      "system/energy_contracts.json",
      """
      { "contracts": [
        { "id": 5, "name": "BUY", "bus_id": 1, "type": "import", "price_per_mwh": 95.0,
          "limits": { "min_mw": 0.0, "max_mw": 10.0 } },
        { "id": 9, "name": "SELL", "bus_id": 4, "type": "export", "price_per_mwh": -20.0,
          "limits": { "min_mw": 0.0, "max_mw": 6.0 } } ] }
      """)
    draft.write(
      "scenarios/load_factors.json",
      """
      { "load_factors": [ { "bus_id": 1, "stage_id": 0, "block_factors": [ { "block_id": 0, "factor": 1.2 } ] } ] }
      """)
    draft.write(
      "constraints/exchange_factors.json",
      """
      { "exchange_factors": [ { "line_id": 0, "stage_id": 0,
        "block_factors": [ { "block_id": 1, "direct_factor": 0.8, "reverse_factor": 0.9 } ] } ] }
      """)
    draft.write(
      "constraints/hydro_bounds.csv",
      """
      hydro_id,stage_id,max_turbined_m3s,water_withdrawal_m3s
      2,1,60,1.5

      """)
    draft.write("constraints/thermal_bounds.csv", "thermal_id,stage_id,max_generation_mw,cost_per_mwh\n3,1,30,80\n")
    draft.write("constraints/penalty_overrides_hydro.csv", "hydro_id,stage_id,spillage_cost\n2,1,0.012\n")
    draft.write("constraints/ncs_bounds.csv", "ncs_id,stage_id,available_generation_mw\n8,0,7.5\n")
    return draft
  }()
}
