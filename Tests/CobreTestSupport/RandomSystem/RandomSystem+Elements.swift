extension RandomSystem.Plan {
  func writeBuses(to text: inout CaseText) {
    var random = random("bus options")
    let list = buses.map { id -> JSONText in
      var fields: [(String, JSONText)] = [("id", .integer(id)), ("name", .string("BUS \(id)"))]
      if features.contains(.penaltyOverrides), random.chance(0.5) {
        let segments: [JSONText] = [
          ["depth_mw": .number(random.number(3, 10, digits: 1)), "cost": .number(random.number(550, 900, digits: 0))],
          ["depth_mw": nil, "cost": .number(random.number(1300, 2600, digits: 0))],
        ]
        fields.append(("deficit_segments", .array(segments)))
      }
      return .object(fields)
    }
    text.json("system/buses.json", ["buses": .array(random.shuffled(list))])
  }

  func writeLines(to text: inout CaseText) {
    var random = random("line options")
    var angles = self.random("angles")
    let list = lines.map { line -> JSONText in
      var fields: [(String, JSONText)] = [
        ("id", .integer(line.id)), ("name", .string("LINE \(line.id)")), ("source_bus_id", .integer(line.source)),
        ("target_bus_id", .integer(line.target)),
        ("capacity", ["direct_mw": .number(line.direct), "reverse_mw": .number(line.reverse)]),
        ("losses_percent", .number(line.lossesPercent)),
      ]
      if features.contains(.penaltyOverrides), random.chance(0.5) {
        fields.append(("exchange_cost", .number(random.number(0.1, 3))))
      }
      let hasResistance = features.contains(.resistances) && angles.chance(0.8)
      if hasResistance {
        fields.removeAll { $0.0 == "losses_percent" }
        fields.append(("resistance_pu", .number(angles.number(0.05, 0.4))))
        fields.append(("loss_pieces", .integer(angles.integer(1...6))))
      }
      if features.contains(.angles), angles.chance(0.9) {
        fields.append(("reactance_pu", .number(angles.number(0.05, 0.6))))
        if angles.chance(0.4) { fields.append(("max_angle_degrees", .number(angles.number(0.5, 4)))) }
      }
      return .object(fields)
    }
    text.json("system/lines.json", ["lines": .array(random.shuffled(list))])
  }

  func writeThermals(to text: inout CaseText) {
    var random = random("thermals")
    var list: [JSONText] = []
    for bus in buses {
      for _ in 0..<random.integer(1...3) {
        let least = random.chance(0.3) ? random.number(0.5, 4, digits: 1) : 0
        var fields: [(String, JSONText)] = [
          ("id", .integer(40 - 3 * list.count)), ("name", .string("T\(list.count)")), ("bus_id", .integer(bus)),
          ("cost_per_mwh", .number(random.number(15, 350))),
          ("generation", ["min_mw": .number(least), "max_mw": .number(least + random.number(6, 30, digits: 1))]),
        ]
        if features.contains(.serviceLife), random.chance(0.3) { fields.append(("entry_stage_id", 1)) }
        list.append(.object(fields))
      }
    }
    text.json("system/thermals.json", ["thermals": .array(list)])
  }

  func writeHydros(to text: inout CaseText) {
    var random = random("hydro options")
    let limited = features.contains(.operatingLimits)
    let list = hydros.map { hydro -> JSONText in
      let minOutflow = limited && random.chance(0.6) ? random.number(2, 9, digits: 1) : 0
      let maxOutflow = limited && random.chance(0.4) ? hydro.maxTurbined + random.number(-5, 15, digits: 1) : nil
      let minTurbined = limited && random.chance(0.5) ? random.number(1, 10, digits: 1) : 0
      let full = hydro.productivity * hydro.maxTurbined
      let minGeneration = limited && random.chance(0.4) ? random.number(0.1, 0.4) * full : 0
      var fields: [(String, JSONText)] = [
        ("id", .integer(hydro.id)), ("name", .string("H\(hydro.id)")), ("bus_id", .integer(hydro.bus)),
        ("downstream_id", .optional(hydro.downstream)), ("entry_stage_id", .optional(hydro.entry)),
        ("exit_stage_id", .optional(hydro.exit)),
        ("reservoir", ["min_storage_hm3": .number(hydro.minStorage), "max_storage_hm3": .number(hydro.maxStorage)]),
        ("outflow", ["min_outflow_m3s": .number(minOutflow), "max_outflow_m3s": .optional(maxOutflow)]),
        (
          "generation",
          [
            "model": "constant_productivity", "productivity_mw_per_m3s": .number(hydro.productivity),
            "min_turbined_m3s": .number(minTurbined), "max_turbined_m3s": .number(hydro.maxTurbined),
            "min_generation_mw": .number(minGeneration),
            // Sometimes the generator is smaller than the turbine.
            "max_generation_mw": .number(random.chance(0.5) ? full : 0.85 * full + 1),
          ]
        ),
      ]
      if features.contains(.penaltyOverrides), random.chance(0.5) {
        fields.append(
          (
            "penalties",
            [
              "spillage_cost": .number(random.number(0.01, 0.09, digits: 3)),
              "outflow_violation_below_cost": .number(random.number(100, 400, digits: 0)),
              "water_withdrawal_violation_cost": .number(random.number(100, 400, digits: 0)),
              "inflow_nonnegativity_cost": .number(random.number(300, 700, digits: 0)),
            ]
          ))
      }
      fields += furtherHydroFields(hydro)
      return .object(fields)
    }
    text.json("system/hydros.json", ["hydros": .array(list)])
  }
}
