extension RandomSystem.Plan {
  /// Fields of one hydro that belong to features beyond the basic ones.
  func furtherHydroFields(_ hydro: RandomSystem.PlannedHydro) -> [(String, JSONText)] {
    var random = random("further \(hydro.id)")
    var fields: [(String, JSONText)] = []
    if features.contains(.diversion), let target = hydros.first(where: { $0.id != hydro.id && $0.id > hydro.id }) {
      fields.append(
        ("diversion", ["downstream_id": .integer(target.id), "max_flow_m3s": .number(random.number(2, 12, digits: 1))]))
    }
    if features.contains(.evaporation), random.chance(0.7) {
      let depths = (0..<12).map { _ in JSONText.number(random.number(40, 220, digits: 0)) }
      fields.append(("evaporation", ["coefficients_mm": .array(depths)]))
    }
    if let filling = hydro.filling {
      fields.append(
        (
          "filling",
          ["start_stage_id": .integer(filling.start), "filling_inflow_m3s": .number(filling.inflow)]
        ))
    }
    if features.contains(.fittedPlanes) { fields += hydraulicFields(hydro) }
    if features.contains(.operatingRules) { fields.append(("operating_rules", operatingRules(hydro))) }
    return fields
  }

  /// Writes the files of elements that only some systems have.
  func writeFurtherElements(to text: inout CaseText) {
    if features.contains(.pumping) { writePumps(to: &text) }
    if features.contains(.contracts) { writeContracts(to: &text) }
    if !features.isDisjoint(with: [.sources, .uncertainSources]) { writeSources(to: &text) }
    if features.contains(.exchangeFactors) { writeExchangeFactors(to: &text) }
    if !features.isDisjoint(with: [.evaporation, .fittedPlanes]) { writeGeometry(to: &text) }
    writeProductionModels(to: &text)
    if features.contains(.wideConstraints) {
      writeWideConstraints(to: &text)
    } else if features.contains(.genericConstraints) {
      writeGenericConstraints(to: &text)
    }
  }

  private func writePumps(to text: inout CaseText) {
    guard let upper = hydros.first, let lower = hydros.last, upper.id != lower.id else { return }
    var random = random("pumps")
    let pump: JSONText = [
      "id": 1, "name": "PUMP", "bus_id": .integer(buses[0]), "source_hydro_id": .integer(lower.id),
      "destination_hydro_id": .integer(upper.id), "consumption_mw_per_m3s": .number(random.number(0.1, 0.6)),
      "flow": ["min_m3s": 0.0, "max_m3s": .number(random.number(3, 15, digits: 1))],
    ]
    text.json("system/pumping_stations.json", ["pumping_stations": [pump]])
  }

  private func writeContracts(to text: inout CaseText) {
    var random = random("contracts")
    let contracts: [JSONText] = [
      [
        "id": 6, "name": "BUY", "bus_id": .integer(buses[0]), "type": "import",
        "price_per_mwh": .number(random.number(80, 350)),
        "limits": ["min_mw": 0.0, "max_mw": .number(random.number(3, 12, digits: 1))],
      ],
      [
        "id": 2, "name": "SELL", "bus_id": .integer(buses[buses.count - 1]), "type": "export",
        "price_per_mwh": .number(-random.number(10, 70)),
        "limits": ["min_mw": 0.0, "max_mw": .number(random.number(3, 9, digits: 1))],
      ],
    ]
    text.json("system/energy_contracts.json", ["contracts": .array(contracts)])
    let rows = stages.filter { _ in random.chance(0.5) }.map { "2,\($0.id),,,\(-random.number(5, 90))" }
    text.csv("constraints/contract_bounds.csv", "contract_id,stage_id,min_mw,max_mw,price_per_mwh", rows)
  }

  private func writeSources(to text: inout CaseText) {
    var random = random("sources")
    let sources = (0..<2).map { n -> JSONText in
      [
        "id": .integer(7 - n), "name": .string("WIND \(n)"), "bus_id": .integer(buses[n % buses.count]),
        "max_generation_mw": .number(random.number(5, 20, digits: 1)),
        "curtailment_cost": random.chance(0.5) ? .number(random.number(0.5, 8)) : nil,
      ]
    }
    text.json("system/non_controllable_sources.json", ["non_controllable_sources": .array(sources)])
    let rows = stages.filter { _ in random.chance(0.6) }.map { "7,\($0.id),\(random.number(1, 5, digits: 1))" }
    text.csv("constraints/ncs_bounds.csv", "ncs_id,stage_id,available_generation_mw", rows)
    if features.contains(.uncertainSources) {
      let statistics = stages.map { "6,\($0.id),\(random.number(0.2, 0.9)),\(random.number(0.05, 0.5))" }
      text.csv("scenarios/non_controllable_stats.csv", "ncs_id,stage_id,mean,std", statistics)
    }
    let factors = stages.map { stage -> JSONText in
      let blocks = stage.blockHours.indices.map { k -> JSONText in
        ["block_id": .integer(k), "factor": .number(random.number(0.3, 1.2))]
      }
      return ["ncs_id": 6, "stage_id": .integer(stage.id), "block_factors": .array(blocks)]
    }
    text.json("scenarios/non_controllable_factors.json", ["non_controllable_factors": .array(factors)])
  }

  private func writeExchangeFactors(to text: inout CaseText) {
    guard let line = lines.first else { return }
    var random = random("exchange factors")
    let list = stages.map { stage -> JSONText in
      let blocks = stage.blockHours.indices.map { k -> JSONText in
        [
          "block_id": .integer(k), "direct_factor": .number(random.number(0.3, 1.2)),
          "reverse_factor": .number(random.number(0.3, 1.2)),
        ]
      }
      return ["line_id": .integer(line.id), "stage_id": .integer(stage.id), "block_factors": .array(blocks)]
    }
    text.json("constraints/exchange_factors.json", ["exchange_factors": .array(list)])
  }

  private func writeGeometry(to text: inout CaseText) {
    var random = random("geometry")
    var rows: [String] = []
    for hydro in hydros {
      var level = random.number(200, 300, digits: 1)
      var area = random.number(1, 4)
      for share in [0, 0.4, 1] {
        rows.append("\(hydro.id),\(share * hydro.maxStorage),\(level),\(area)")
        level += random.number(5, 20, digits: 1)
        area += random.number(1, 9)
      }
    }
    text.csv("system/hydro_geometry.csv", "hydro_id,volume_hm3,height_m,area_km2", rows)
  }

  private func writeGenericConstraints(to text: inout CaseText) {
    var random = random("generic")
    let first = hydros[0].id
    let list: [JSONText] = [
      [
        "id": 3, "name": "THERMAL CAP", "expression": "thermal_generation(40) + 0.5 * hydro_generation(\(first))",
        "sense": "<=", "slack": ["enabled": true, "penalty": .number(random.number(50, 200))],
      ],
      [
        "id": 1, "name": "KEEP WATER", "expression": "hydro_storage(\(first))", "sense": ">=",
        "slack": ["enabled": true, "penalty": .number(random.number(1, 6))],
      ],
      [
        "id": 8, "name": "BALANCED", "expression": "hydro_outflow(\(first)) - 0.2 * bus_deficit(\(buses[0]))",
        "sense": "==", "slack": ["enabled": true, "penalty": .number(random.number(0.5, 4))],
      ],
    ]
    text.json("constraints/generic_constraints.json", ["constraints": .array(list)])
    var rows: [String] = []
    for stage in stages {
      rows.append("3,\(stage.id),,\(random.number(8, 30, digits: 1))")
      if random.chance(0.5) { rows.append("1,\(stage.id),0,\(0.5 * hydros[0].maxStorage)") }
      if random.chance(0.5) { rows.append("8,\(stage.id),,\(random.number(5, 20, digits: 1))") }
    }
    text.csv("constraints/generic_constraint_bounds.csv", "constraint_id,stage_id,block_id,bound", rows)
  }
}
