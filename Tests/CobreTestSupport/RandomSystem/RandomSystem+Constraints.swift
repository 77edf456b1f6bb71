extension RandomSystem.Plan {
  /// A variable with the id of its entity, and whether it takes a block.
  private struct Name {
    let text: String
    let id: Int
    var takesBlock = true
  }

  /// Writes constraints over all variables in turn, with repeated terms, signs and exponents.
  ///
  /// Each has a slack.
  func writeWideConstraints(to text: inout CaseText) {
    var random = random("wide constraints")
    var names = random.shuffled(variables())
    let senses = ["<=", ">=", "=="]
    var list: [JSONText] = []
    var rows: [String] = []
    for index in 0..<6 {
      let count = random.integer(2...4)
      let chosen = Array(names.prefix(count))
      names = Array(names.dropFirst(count)) + chosen
      let id = 30 - 4 * index
      list.append([
        "id": .integer(id), "name": .string("RULE \(index)"), "expression": .string(expression(chosen, &random)),
        "sense": .string(senses[(index + Int(seed % 3)) % 3]),
        "slack": ["enabled": true, "penalty": .number(random.number(0.5, 60))],
      ])
      for stage in stages where random.chance(0.8) {
        let block = random.chance(0.4) ? random.integer(0...(stage.blockHours.count - 1)).description : ""
        rows.append("\(id),\(stage.id),\(block),\(random.number(-15, 40, digits: 1))")
        // Both kinds of row apply where both are given.
        if !block.isEmpty, random.chance(0.3) { rows.append("\(id),\(stage.id),,\(random.number(-15, 40, digits: 1))") }
      }
    }
    text.json("constraints/generic_constraints.json", ["constraints": .array(list)])
    text.csv("constraints/generic_constraint_bounds.csv", "constraint_id,stage_id,block_id,bound", rows)
  }

  private func expression(_ names: [Name], _ random: inout TestRandom) -> String {
    var text = ""
    for (position, name) in names.enumerated() {
      let sign = random.chance(0.35) ? "-" : position == 0 ? "" : "+"
      text += position == 0 ? sign : " \(sign) "
      switch random.integer(0...3) {
      case 0: break
      case 1: text += "\(random.integer(1...25))e-1 * "
      default: text += "\(random.number(0.1, 2.5))*"
      }
      // Every stage has a block 0.
      text += "\(name.text)(\(name.id)\(name.takesBlock && random.chance(0.25) ? ", 0" : ""))"
    }
    // An equal term merges with the first.
    if let first = names.first, random.chance(0.3) { text += " + 0.25 * \(first.text)(\(first.id))" }
    return text
  }

  private func variables() -> [Name] {
    var names: [Name] = []
    for hydro in hydros {
      names += ["hydro_storage", "hydro_evaporation", "hydro_withdrawal"].map {
        Name(text: $0, id: hydro.id, takesBlock: false)
      }
      names += ["hydro_turbined", "hydro_spillage", "hydro_diversion", "hydro_outflow", "hydro_generation"].map {
        Name(text: $0, id: hydro.id)
      }
    }
    // The first thermal of the list is always there.
    names.append(Name(text: "thermal_generation", id: 40))
    for line in lines {
      names += ["line_direct", "line_reverse", "line_exchange"].map { Name(text: $0, id: line.id) }
    }
    for bus in buses { names += ["bus_deficit", "bus_excess"].map { Name(text: $0, id: bus) } }
    if features.contains(.pumping), hydros.count > 1 {
      names += ["pumping_flow", "pumping_power"].map { Name(text: $0, id: 1) }
    }
    if features.contains(.contracts) {
      for id in [6, 2] { names += ["contract_import", "contract_export"].map { Name(text: $0, id: id) } }
    }
    if !features.isDisjoint(with: [.sources, .uncertainSources]) {
      for id in [7, 6] {
        names += ["non_controllable_generation", "non_controllable_curtailment"].map { Name(text: $0, id: id) }
      }
    }
    return names
  }
}
