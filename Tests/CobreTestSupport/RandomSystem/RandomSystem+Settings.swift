extension RandomSystem.Plan {
  func writeConfiguration(to text: inout CaseText, forwardPasses: Int, iterations: Int) {
    let method =
      features.contains(.truncation)
      ? "truncation_with_penalty" : features.contains(.virtualInflow) ? "penalty" : "none"
    text.json(
      "config.json",
      [
        "training": [
          "tree_seed": .integer(Int(seed % 1_000_000)), "forward_passes": .integer(forwardPasses),
          "stopping_rules": [["type": "iteration_limit", "limit": .integer(iterations)]],
        ],
        "modeling": ["inflow_non_negativity": ["method": .string(method)]],
      ])
  }

  func writePenalties(to text: inout CaseText) {
    var random = random("penalties")
    var segments: [JSONText] = [["depth_mw": nil, "cost": .number(random.number(1200, 2500, digits: 0))]]
    if features.contains(.deficitSteps) {
      segments.insert(
        ["depth_mw": .number(random.number(5, 25, digits: 1)), "cost": .number(random.number(500, 1100, digits: 0))],
        at: 0)
    }
    func violation(_ random: inout TestRandom) -> JSONText { .number(random.number(150, 480, digits: 0)) }
    let withdrawalCost = random.number(150, 480, digits: 0)
    text.json(
      "penalties.json",
      [
        "bus": ["deficit_segments": .array(segments), "excess_cost": .number(random.number(0.1, 2))],
        "line": ["exchange_cost": .number(random.number(0.05, 0.6))],
        "hydro": [
          "spillage_cost": .number(random.number(0.005, 0.05, digits: 4)), "fpha_turbined_cost": 0.06,
          "diversion_cost": .number(random.number(0.02, 0.1)), "storage_violation_below_cost": 9000.0,
          "filling_target_violation_cost": 12000.0, "turbined_violation_below_cost": violation(&random),
          "outflow_violation_below_cost": violation(&random), "outflow_violation_above_cost": violation(&random),
          "generation_violation_below_cost": violation(&random), "evaporation_violation_cost": violation(&random),
          "water_withdrawal_violation_cost": .number(withdrawalCost),
          "water_withdrawal_violation_pos_cost": .number(withdrawalCost + 10),
          "inflow_nonnegativity_cost": .number(random.number(300, 900, digits: 0)),
        ],
        "non_controllable_source": ["curtailment_cost": .number(random.number(0.5, 5))],
      ])
  }

  func writeStages(to text: inout CaseText) {
    var random = random("stage options")
    var graph: [(String, JSONText)] = [
      ("type", "finite_horizon"),
      ("annual_discount_rate", .number(features.contains(.discount) ? random.number(0.05, 0.4) : 0)),
    ]
    if features.contains(.discount) {
      let transitions = stages.dropLast().map { stage -> JSONText in
        let override: JSONText = stage.id == 0 ? .number(random.number(0.3, 1.5)) : nil
        return [
          "source_id": .integer(stage.id), "target_id": .integer(stage.id + 1), "probability": 1.0,
          "annual_discount_rate_override": override,
        ]
      }
      graph.append(("transitions", .array(transitions)))
    }
    let list = stages.map { stage -> JSONText in
      let blocks = stage.blockHours.enumerated().map { k, hours -> JSONText in
        ["id": .integer(k), "name": .string("B\(k)"), "hours": .number(Double(hours))]
      }
      var fields: [(String, JSONText)] = [
        ("id", .integer(stage.id)), ("start_date", .string(stage.start)), ("end_date", .string(stage.end)),
        ("num_scenarios", .integer(stage.openings)), ("blocks", .array(blocks)),
      ]
      let isDrawn = features.contains(.chronological) && random.chance(0.7)
      let hasOrder = features.contains(.batteries) || features.isSuperset(of: [.operatingRules, .chronological])
      if isDrawn || hasOrder { fields.append(("block_mode", "chronological")) }
      if !features.isDisjoint(with: [.evaporation, .autoregression, .changingModels, .operatingRules]) {
        fields.append(("season_id", .integer(stage.month % 12)))
      }
      if features.contains(.risk) {
        let measure: JSONText = [
          "cvar": ["alpha": .number(random.number(0.2, 0.9)), "lambda": .number(random.number(0.1, 0.9))]
        ]
        fields.append(("risk_measure", random.chance(0.8) ? measure : "expectation"))
      }
      return .object(fields)
    }
    var fields: [(String, JSONText)] = [("policy_graph", .object(graph)), ("stages", .array(random.shuffled(list)))]
    if features.contains(.autoregression), let first = stages.first?.month {
      let before = (1...3).map { lag -> JSONText in
        [
          "id": .integer(-lag), "start_date": .string(RandomSystem.firstOfMonth(first - lag)),
          "end_date": .string(RandomSystem.firstOfMonth(first - lag + 1)),
          "season_id": .integer((first - lag + 12) % 12),
        ]
      }
      fields.append(("pre_study_stages", .array(before)))
    }
    text.json("stages.json", .object(fields))
  }

  func writeInitialConditions(to text: inout CaseText) {
    var random = random("initial")
    let storage = hydros.filter { $0.filling == nil }.map { hydro -> JSONText in
      ["hydro_id": .integer(hydro.id), "value_hm3": .number(hydro.initialStorage)]
    }
    let filled = hydros.compactMap { hydro in
      hydro.filling.map { ["hydro_id": .integer(hydro.id), "value_hm3": .number($0.volume)] as JSONText }
    }
    var fields: [(String, JSONText)] = [("storage", .array(storage)), ("filling_storage", .array(filled))]
    if features.contains(.autoregression) {
      let past = hydros.map { hydro -> JSONText in
        let values = (0..<3).map { _ in JSONText.number(random.number(0.5, 1.5) * hydro.meanInflow) }
        return ["hydro_id": .integer(hydro.id), "values_m3s": .array(values)]
      }
      fields.append(("past_inflows", .array(past)))
    }
    text.json("initial_conditions.json", .object(fields))
  }
}
