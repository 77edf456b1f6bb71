extension RandomSystem.Plan {
  /// Two batteries with losses, one of them with a target, and a constraint on both.
  func writeBatteries(to text: inout CaseText) {
    guard features.contains(.batteries) else { return }
    var random = random("batteries")
    var bounds = self.random("battery bounds")
    var rows: [String] = []
    let batteries = [4, 1].map { id -> JSONText in
      let power = random.number(4, 20, digits: 1)
      let most = random.number(300, 4000, digits: 0)
      var energy: [(String, JSONText)] = [
        ("max_mwh", .number(most)), ("initial_mwh", .number(random.number(0.2, 0.9) * most)),
      ]
      if id == 4 {
        energy += [
          ("min_mwh", .number(0.1 * most)), ("target_mwh", .number(0.6 * most)),
          ("target_violation_cost", .number(random.number(20, 200))),
        ]
      }
      var fields: [(String, JSONText)] = [
        ("id", .integer(id)), ("name", .string("BAT\(id)")), ("bus_id", .integer(buses[id % buses.count])),
        ("energy", .object(energy)),
        (
          "power",
          ["max_charge_mw": .number(power), "max_discharge_mw": .number(random.number(4, 20, digits: 1))]
        ),
        ("charge_efficiency", .number(random.number(0.8, 1))), ("discharge_efficiency", .number(random.number(0.8, 1))),
        ("self_discharge_per_hour", .number(random.number(0, 0.001, digits: 5))),
        ("degradation_cost", .number(random.number(0, 8))),
      ]
      if features.contains(.serviceLife), id == 1 { fields.append(("entry_stage_id", 1)) }
      // What may be there at the start of a stage must be able to reach its limits.
      for stage in stages where features.contains(.stageBounds) && bounds.chance(0.7) {
        let isLast = stage.id == stages.last?.id
        let least = isLast && id == 4 ? (0.11 * most).description : ""
        let largest = isLast && id == 1 ? (0.98 * most).description : ""
        let charge = id == 1 ? bounds.number(0, 8, digits: 1).description : ""
        rows.append("\(id),\(stage.id),\(least),\(largest),\(charge),\(bounds.number(3, 12, digits: 1))")
      }
      return .object(fields)
    }
    text.csv(
      "constraints/battery_bounds.csv",
      "battery_id,stage_id,min_energy_mwh,max_energy_mwh,max_charge_mw,max_discharge_mw", rows)
    text.json("system/batteries.json", ["batteries": .array(batteries)])
  }
}
