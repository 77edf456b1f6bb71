internal import Foundation

/// Known problems that need more than one reservoir, thermal and price.
extension KnownProblem {
  /// First tutorial of SDDP.jl with fuel prices that go with the inflow: (0, 1.5), (50, 1), (100, 0.75).
  ///
  /// Costs do not vary with noise, so there is a thermal for each multiplier, let in by the availability of a source.
  package static let fuelNoise: KnownProblem = {
    var text = KnownProblem.firstSteps.text
    let multipliers = [1.5, 1, 0.75]
    let places = multipliers.indices
    text.json("system/buses.json", ["buses": [["id": 0, "name": "B"], ["id": 1, "name": "GATE"]]])
    text.json(
      "system/thermals.json",
      [
        "thermals": .array(
          places.map {
            [
              "id": .integer($0), "name": .string("T\($0)"), "bus_id": 0, "cost_per_mwh": 1.0,
              "generation": ["min_mw": 0.0, "max_mw": 10000.0],
            ]
          })
      ])
    text.json(
      "system/non_controllable_sources.json",
      [
        "non_controllable_sources": .array(
          places.map { ["id": .integer($0), "name": .string("S\($0)"), "bus_id": 1, "max_generation_mw": 200.0] })
      ])
    text.json(
      "constraints/generic_constraints.json",
      [
        "constraints": .array(
          places.map {
            [
              "id": .integer($0), "name": .string("GATE\($0)"), "sense": "<=",
              "expression": .string("thermal_generation(\($0)) - non_controllable_generation(\($0))"),
              "slack": ["enabled": false],
            ]
          })
      ])
    var prices: [String] = []
    var bounds: [String] = []
    var shares: [String] = []
    var noise: [String] = []
    var inflows: [String] = []
    var loads: [String] = []
    for (stage, price) in [50.0, 100, 150].enumerated() {
      inflows.append("0,\(stage),50,50")
      loads += ["0,\(stage),150,0", "1,\(stage),0,0"]
      for place in places {
        prices.append("\(place),\(stage),\(price * multipliers[place] / hours)")
        bounds.append("\(place),\(stage),0")
        shares.append("\(place),\(stage),0,1")
        noise.append("\(stage),\(place),0,\(place - 1)")
        for other in places { noise.append("\(stage),\(place),\(1 + other),\(other == place ? 1 : 0)") }
      }
    }
    text.files["scenarios/inflow_openings.csv"] = nil
    text.csv("constraints/thermal_bounds.csv", "thermal_id,stage_id,cost_per_mwh", prices)
    text.csv("constraints/generic_constraint_bounds.csv", "constraint_id,stage_id,bound", bounds)
    text.csv("scenarios/non_controllable_stats.csv", "ncs_id,stage_id,mean,std", shares)
    text.csv("scenarios/noise_openings.csv", "stage_id,opening_index,entity_index,value", noise)
    text.csv("scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s", inflows)
    text.csv("scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw", loads)
    return KnownProblem(name: "first steps, fuel noise", text: text, optimum: 10625, tolerance: 1e-3)
  }()

  /// Three stocks sold at prices that move, three outcomes each (SDDP.jl `StochDynamicProgramming.jl_multistock.jl`),
  /// with the room that is left in a stock as the volume of a reservoir.
  package static let threeStocks: KnownProblem = {
    var text = KnownProblem.stock.text
    let single = Shape(storage: (0, 1, 0.5), prices: [], spill: 1e3, openings: [], maxTurbined: 0.5)
    text.json("system/hydros.json", ["hydros": .array((0..<3).map { hydro(single, id: $0) })])
    text.json(
      "initial_conditions.json",
      [
        "storage": .array((0..<3).map { ["hydro_id": .integer($0), "value_hm3": 0.5] }), "filling_storage": [],
      ])
    text.json(
      "system/energy_contracts.json",
      [
        "contracts": [
          [
            "id": 0, "name": "SALE", "bus_id": 0, "type": "export", "price_per_mwh": 0.0,
            "limits": ["min_mw": 0.0, "max_mw": 1.5],
          ]
        ]
      ])
    var inflows: [String] = []
    for stage in 0..<5 {
      for opening in 0..<27 {
        for (place, digit) in [opening / 9, opening / 3 % 3, opening % 3].enumerated() {
          inflows.append("\(stage),\(opening),\(place),\(0.15 * Double(digit))")
        }
      }
    }
    text.csv("scenarios/inflow_openings.csv", "stage_id,opening_index,hydro_id,value_m3s", inflows)
    return KnownProblem(name: "three stocks", text: text, optimum: -4.340595586, tolerance: 1e-3)
  }()

  /// Two reservoirs in cascade with turbines of falling efficiency (SDDP.jl `hydro_valley.jl`).
  ///
  /// The knots (50, 55), (60, 65), (70, 70) of the turbines are planes of the production function. Rain falls on
  /// plants without a reservoir that pass it on or divert it to where it is worth nothing.
  package static func valley(isStochastic: Bool) -> KnownProblem {
    let optimum = isStochastic ? -838.3333333333334 : -835
    return KnownProblem(
      name: isStochastic ? "valley with rain" : "valley",
      text: valleyText(.firstSteps, nodes: (0..<3).map { ($0, Double($0 + 1)) }, isStochastic: isStochastic),
      optimum: optimum, tolerance: 1e-3)
  }

  /// The valley where prices are a Markov chain, 1, then 2 or 1, then 3 or 4, with a stage of a graph that branches for
  /// each pair of time and price.
  package static func valleyWithPrices(
    isStochastic: Bool, risk: (alpha: Double, lambda: Double)?, optimum: Double
  ) -> KnownProblem {
    let outline = KnownProblem(
      "outline", optimum: 0,
      Shape(
        storage: (0, 200, 200), prices: .init(repeating: 100, count: 5),
        openings: .init(repeating: .init(repeating: (0, 0), count: isStochastic ? 3 : 1), count: 5), risk: risk,
        branches: [(0, 1, 0.6), (0, 2, 0.4), (1, 3, 0.6), (1, 4, 0.4), (2, 3, 0.3), (2, 4, 0.7)]))
    return KnownProblem(
      name: "valley with prices\(isStochastic ? " and rain" : "")\(risk == nil ? "" : " under risk")",
      text: valleyText(outline, nodes: [(0, 1), (1, 2), (1, 1), (2, 3), (2, 4)], isStochastic: isStochastic),
      optimum: optimum, tolerance: 1e-3)
  }

  private static func valleyText(
    _ outline: KnownProblem, nodes: [(time: Int, price: Double)], isStochastic: Bool
  ) -> CaseText {
    var text = outline.text
    text.json("system/hydros.json", ["hydros": .array((0..<5).map(valleyPlant))])
    let model: JSONText = [
      [
        "start_stage_id": 0, "end_stage_id": nil, "model": "fpha", "fpha_config": ["source": "precomputed"],
      ]
    ]
    text.json(
      "system/hydro_production_models.json",
      [
        "production_models": .array(
          (0..<2).map { ["hydro_id": .integer($0), "selection_mode": "stage_ranges", "stage_ranges": model] })
      ])
    text.csv(
      "system/fpha_hyperplanes.csv", "hydro_id,stage_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s,kappa",
      (0..<2).flatMap { ["\($0),,0,0,0,1.1,0,1", "\($0),,1,5,0,1,0,1", "\($0),,2,35,0,0.5,0,1"] })
    text.json(
      "initial_conditions.json",
      [
        "storage": .array(
          (0..<5).map { ["hydro_id": .integer($0), "value_hm3": .number($0 < 2 ? 200 : 0)] }), "filling_storage": [],
      ])
    text.json(
      "system/energy_contracts.json",
      [
        "contracts": [
          [
            "id": 0, "name": "SALE", "bus_id": 0, "type": "export", "price_per_mwh": 0.0,
            "limits": ["min_mw": 0.0, "max_mw": 1000.0],
          ]
        ]
      ])
    text.csv(
      "constraints/contract_bounds.csv", "contract_id,stage_id,price_per_mwh",
      nodes.enumerated().map { "0,\($0),\(-$1.price / hours)" })
    let rain: [(Double, Double)] = isStochastic ? [(0, 0), (20, 0), (50, 20)] : [(0, 0)]
    var inflows: [String] = []
    for (stage, node) in nodes.enumerated() {
      for (opening, value) in (node.time == 0 ? [(0, 0)] : rain).enumerated() {
        for (plant, inflow) in [0, 0, value.0, value.1, 0].enumerated() {
          inflows.append("\(stage),\(opening),\(plant),\(inflow)")
        }
      }
    }
    text.csv("scenarios/inflow_openings.csv", "stage_id,opening_index,hydro_id,value_m3s", inflows)
    text.csv(
      "scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw",
      nodes.indices.map { "0,\($0),0,0" })
    return text
  }

  /// 0 and 1 are the reservoirs, 2 and 3 their rain, 4 takes what is not wanted.
  private static func valleyPlant(_ id: Int) -> JSONText {
    let room = [200.0, 200, 0, 0, 10000][id]
    let isTurbine = id < 2
    var generation: [(String, JSONText)] = [
      ("model", isTurbine ? "fpha" : "constant_productivity"), ("min_turbined_m3s", 0.0),
      ("max_turbined_m3s", .number(isTurbine ? 70 : id < 4 ? 1000 : 0)), ("min_generation_mw", 0.0),
      ("max_generation_mw", .number(isTurbine ? 70 : 0)),
    ]
    if !isTurbine { generation.append(("productivity_mw_per_m3s", 0.0)) }
    var fields: [(String, JSONText)] = [
      ("id", .integer(id)), ("name", .string("H\(id)")), ("bus_id", 0),
      ("downstream_id", .optional(([1, nil, 0, 1, nil] as [Int?])[id])),
      ("reservoir", ["min_storage_hm3": 0.0, "max_storage_hm3": .number(room)]),
      ("outflow", ["min_outflow_m3s": 0.0, "max_outflow_m3s": nil]), ("generation", .object(generation)),
      ("penalties", ["spillage_cost": .number(1000 / hours)]),
    ]
    if id == 2 || id == 3 { fields.append(("diversion", ["downstream_id": 4, "max_flow_m3s": 1000.0])) }
    return .object(fields)
  }

  init(name: String, text: CaseText, optimum: Double, tolerance: Double) {
    self.name = name
    self.text = text
    self.optimum = optimum
    self.tolerance = tolerance
  }
}
