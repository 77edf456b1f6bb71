internal import Foundation

/// A small problem with a published or provable optimum, as the files of a case.
///
/// In the sources water and energy share one unit without hours. Here every block has 1/0.0036 h, so that 1 m³/s fills
/// 1 hm³ and 1 MW is 1 unit of energy per stage when prices are divided by the hours. Spill and surplus, free in the
/// sources, cost next to nothing here because the format wants a price.
package struct KnownProblem: Sendable {
  package let name: String
  package let text: CaseText
  /// Optimal cost.
  package let optimum: Double
  /// Absolute tolerance, above all for the prices that the sources do not have.
  package let tolerance: Double

  static let hours = 1 / 0.0036
  static let negligible = 1e-9

  /// What the problems differ in.
  ///
  /// One bus, one hydro of productivity 1, one thermal without limit.
  struct Shape {
    var storage: (low: Double, high: Double, start: Double)
    /// Price of energy per stage.
    var prices: [Double]
    var spill = KnownProblem.negligible
    var surplus = KnownProblem.negligible
    /// Per stage, the equally likely pairs of inflow and load.
    var openings: [[(inflow: Double, load: Double)]]
    /// Largest turbined flow.
    var maxTurbined = 10000.0
    /// Price per stage at which all energy can be sold, negative for revenue, empty if nothing is sold.
    var salePrices: [Double] = []
    /// CVaR in every stage from `firstRisk` on.
    var risk: (alpha: Double, lambda: Double)?
    var firstRisk = 0
    /// Infinite horizon: discount factor from each stage to the next, from the last one back.
    var cycle: [Double] = []
    /// Stage that the last one leads back to.
    var cycleStart = 0
    /// Transitions of a graph that is no chain: source, target, probability.
    var branches: [(Int, Int, Double)] = []
  }

  init(_ name: String, optimum: Double, tolerance: Double = 1e-5, _ shape: Shape) {
    self.name = name
    self.optimum = optimum
    self.tolerance = tolerance
    text = KnownProblem.caseText(shape)
  }

  private static func caseText(_ shape: Shape) -> CaseText {
    var text = CaseText()
    text.json(
      "config.json",
      [
        "training": [
          "tree_seed": 1, "forward_passes": 3, "stopping_rules": [["type": "iteration_limit", "limit": 60]],
        ],
        "modeling": ["inflow_non_negativity": ["method": "none"]],
      ])
    text.json("penalties.json", penalties(shape))
    text.json("stages.json", stages(shape))
    text.json(
      "initial_conditions.json",
      ["storage": [["hydro_id": 0, "value_hm3": .number(shape.storage.start)]], "filling_storage": []])
    text.json("system/buses.json", ["buses": [["id": 0, "name": "B"]]])
    text.json("system/lines.json", ["lines": []])
    let generation: JSONText = ["min_mw": 0.0, "max_mw": 10000.0]
    text.json(
      "system/thermals.json",
      ["thermals": [["id": 0, "name": "T", "bus_id": 0, "cost_per_mwh": 1.0, "generation": generation]]])
    text.json("system/hydros.json", ["hydros": [hydro(shape)]])
    text.csv(
      "constraints/thermal_bounds.csv", "thermal_id,stage_id,cost_per_mwh",
      shape.prices.enumerated().map { "0,\($0),\($1 / hours)" })
    if !shape.salePrices.isEmpty {
      let contract: JSONText = [
        "id": 0, "name": "SALE", "bus_id": 0, "type": "export", "price_per_mwh": 0.0,
        "limits": ["min_mw": 0.0, "max_mw": .number(shape.maxTurbined)],
      ]
      text.json("system/energy_contracts.json", ["contracts": [contract]])
      text.csv(
        "constraints/contract_bounds.csv", "contract_id,stage_id,price_per_mwh",
        shape.salePrices.enumerated().map { "0,\($0),\($1 / hours)" })
    }
    var inflows: [String] = []
    var loads: [String] = []
    var statistics: [String] = []
    for (stage, openings) in shape.openings.enumerated() {
      for (index, opening) in openings.enumerated() {
        inflows.append("\(stage),\(index),0,\(opening.inflow)")
        loads.append("\(stage),\(index),0,\(opening.load)")
      }
      statistics.append("0,\(stage),\(openings[0].load),0")
    }
    text.csv("scenarios/inflow_openings.csv", "stage_id,opening_index,hydro_id,value_m3s", inflows)
    if shape.openings.contains(where: { stage in stage.contains { $0.load != stage[0].load } }) {
      text.csv("scenarios/load_openings.csv", "stage_id,opening_index,bus_id,value_mw", loads)
    } else {
      text.csv("scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw", statistics)
    }
    return text
  }

  private static func penalties(_ shape: Shape) -> JSONText {
    let dear = 1e5 / hours
    return [
      "bus": [
        "deficit_segments": [["depth_mw": nil, "cost": .number(dear)]], "excess_cost": .number(shape.surplus / hours),
      ],
      "line": ["exchange_cost": .number(negligible)],
      "hydro": [
        "spillage_cost": .number(shape.spill / hours), "fpha_turbined_cost": .number(negligible),
        "diversion_cost": .number(negligible), "storage_violation_below_cost": .number(dear),
        "filling_target_violation_cost": .number(dear), "turbined_violation_below_cost": .number(dear),
        "outflow_violation_below_cost": .number(dear), "outflow_violation_above_cost": .number(dear),
        "generation_violation_below_cost": .number(dear), "evaporation_violation_cost": .number(dear),
        "water_withdrawal_violation_cost": .number(dear),
      ],
      "non_controllable_source": ["curtailment_cost": .number(negligible)],
    ]
  }

  /// The chain of stages and the arc back, with the yearly rates that give the factors.
  private static func cycle(_ factors: [Double], start: Int) -> JSONText {
    let transitions = factors.enumerated().map { t, factor -> JSONText in
      let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][t % 12]
      return [
        "source_id": .integer(t), "target_id": .integer(t + 1 < factors.count ? t + 1 : start), "probability": 1.0,
        "annual_discount_rate_override": .number(pow(factor, -365.25 / Double(days)) - 1),
      ]
    }
    return ["type": "cyclic", "annual_discount_rate": 0.1, "transitions": .array(transitions)]
  }

  private static func stages(_ shape: Shape) -> JSONText {
    let list = shape.openings.enumerated().map { t, openings -> JSONText in
      var fields: [(String, JSONText)] = [
        ("id", .integer(t)), ("start_date", .string(RandomSystem.firstOfMonth(t))),
        ("end_date", .string(RandomSystem.firstOfMonth(t + 1))), ("num_scenarios", .integer(openings.count)),
        ("blocks", [["id": 0, "name": "ALL", "hours": .number(hours)]]),
      ]
      if let risk = shape.risk, t >= shape.firstRisk {
        fields.append(("risk_measure", ["cvar": ["alpha": .number(risk.alpha), "lambda": .number(risk.lambda)]]))
      }
      return .object(fields)
    }
    let arcs = shape.branches.map { source, target, probability -> JSONText in
      ["source_id": .integer(source), "target_id": .integer(target), "probability": .number(probability)]
    }
    let chain: JSONText = ["type": "finite_horizon", "annual_discount_rate": 0.0, "transitions": .array(arcs)]
    return [
      "policy_graph": shape.cycle.isEmpty ? chain : cycle(shape.cycle, start: shape.cycleStart), "stages": .array(list),
    ]
  }

  static func hydro(_ shape: Shape, id: Int = 0) -> JSONText {
    [
      "id": .integer(id), "name": .string("H\(id)"), "bus_id": 0, "downstream_id": nil,
      "reservoir": [
        "min_storage_hm3": .number(shape.storage.low), "max_storage_hm3": .number(shape.storage.high),
      ],
      "outflow": ["min_outflow_m3s": 0.0, "max_outflow_m3s": nil],
      "generation": [
        "model": "constant_productivity", "productivity_mw_per_m3s": 1.0, "min_turbined_m3s": 0.0,
        "max_turbined_m3s": .number(shape.maxTurbined), "min_generation_mw": 0.0, "max_generation_mw": 10000.0,
      ],
    ]
  }
}
