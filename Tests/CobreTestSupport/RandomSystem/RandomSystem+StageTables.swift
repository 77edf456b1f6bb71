extension RandomSystem.Plan {
  /// Writes limits that change from stage to stage, with empty fields where the entity's value stays.
  func writeStageBounds(to text: inout CaseText) {
    writeHydroBounds(to: &text)
    guard features.contains(.stageBounds) else { return }
    var random = random("stage bounds")
    var thermals: [String] = []
    var thermalCount = 0
    while text.files["system/thermals.json"]?.contains("\"T\(thermalCount)\"") == true { thermalCount += 1 }
    for stage in stages {
      for index in 0..<thermalCount where random.chance(0.3) {
        let cost = random.chance(0.5) ? "" : random.number(20, 300).description
        let most = random.chance(0.5) ? "" : random.number(6, 25, digits: 1).description
        thermals.append("\(40 - 3 * index),\(stage.id),,\(most),\(cost)")
      }
    }
    text.csv(
      "constraints/thermal_bounds.csv", "thermal_id,stage_id,min_generation_mw,max_generation_mw,cost_per_mwh",
      thermals)
    var rows: [String] = []
    for line in lines {
      for stage in stages where random.chance(0.4) {
        rows.append("\(line.id),\(stage.id),\(random.number(0, 25, digits: 1)),")
      }
    }
    text.csv("constraints/line_bounds.csv", "line_id,stage_id,direct_mw,reverse_mw", rows)
  }

  private func writeHydroBounds(to text: inout CaseText) {
    guard features.contains(.stageBounds) || features.contains(.withdrawal) else { return }
    var random = random("hydro bounds")
    var rows: [String] = []
    for hydro in hydros {
      for stage in stages where random.chance(0.6) {
        let changed = features.contains(.stageBounds)
        let storage = changed && random.chance(0.4) ? (0.8 * hydro.maxStorage).description : ""
        let turbined = changed && random.chance(0.4) ? (0.9 * hydro.maxTurbined).description : ""
        let outflow = changed && features.contains(.operatingLimits) && random.chance(0.5)
        let least = outflow ? random.number(0, 9, digits: 1).description : ""
        let withdrawn = features.contains(.withdrawal) && random.chance(0.8)
        let withdrawal = withdrawn ? random.number(-2, 6, digits: 1).description : ""
        rows.append("\(hydro.id),\(stage.id),\(turbined),\(storage),\(least),\(withdrawal)")
      }
    }
    text.csv(
      "constraints/hydro_bounds.csv",
      "hydro_id,stage_id,max_turbined_m3s,max_storage_hm3,min_outflow_m3s,water_withdrawal_m3s", rows)
  }

  /// Writes penalties of single stages for buses, lines and hydros.
  func writePenaltyOverrides(to text: inout CaseText) {
    guard features.contains(.penaltyOverrides) else { return }
    var random = random("penalty overrides")
    var rows = buses.flatMap { bus in
      stages.filter { _ in random.chance(0.3) }.map { "\(bus),\($0.id),\(random.number(0.2, 3))" }
    }
    text.csv("constraints/penalty_overrides_bus.csv", "bus_id,stage_id,excess_cost", rows)
    rows = lines.flatMap { line in
      stages.filter { _ in random.chance(0.3) }.map { "\(line.id),\($0.id),\(random.number(0.1, 2))" }
    }
    text.csv("constraints/penalty_overrides_line.csv", "line_id,stage_id,exchange_cost", rows)
    rows = hydros.flatMap { hydro in
      stages.filter { _ in random.chance(0.4) }.map {
        "\(hydro.id),\($0.id),\(random.number(0.01, 0.08, digits: 3)),,\(random.number(120, 420, digits: 0))"
      }
    }
    text.csv(
      "constraints/penalty_overrides_hydro.csv",
      "hydro_id,stage_id,spillage_cost,turbined_violation_below_cost,outflow_violation_below_cost", rows)
  }
}
