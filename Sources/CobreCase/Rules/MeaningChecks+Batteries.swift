extension MeaningChecks {
  /// Rules 554 to 557.
  mutating func checkBatteries() {
    for (index, battery) in study.batteries.enumerated() {
      checkContents(index, battery)
      checkTarget(index, battery)
      checkBlockOrder(index)
      checkReach(index, battery)
    }
  }

  private mutating func report(
    _ code: Int, _ battery: Int, _ key: String, value: String? = nil, _ message: String, _ suggestion: String
  ) {
    let registry = context.registry(.battery)
    collector.report(
      code, file: registry.file, at: registry.path(battery, key), entity: registry.entity(battery), value: value,
      message, suggestion: suggestion)
  }

  private mutating func checkContents(_ index: Int, _ battery: Battery) {
    let energy = context.registry(.battery).nodes[index]["energy"]
    let (least, most) = (energy["min_mwh"].number, energy["max_mwh"].number)
    guard least <= most else {
      return report(
        554, index, "energy.min_mwh", value: "\(least) > \(most)",
        "The least contents \(least) are above the largest \(most).", "Lower the minimum or raise the maximum.")
    }
    for (key, value) in [("initial_mwh", battery.initialEnergy), ("target_mwh", battery.target?.energy)] {
      guard let value, value < least || value > most else { continue }
      report(
        554, index, "energy.\(key)", value: "\(value)",
        "The battery holds \(least) to \(most) MWh, not \(value).", "Give contents within the limits.")
    }
  }

  private mutating func checkTarget(_ index: Int, _ battery: Battery) {
    let energy = context.registry(.battery).nodes[index]["energy"]
    if energy["target_mwh"].exists != energy["target_violation_cost"].exists {
      report(
        555, index, energy["target_mwh"].exists ? "energy.target_violation_cost" : "energy.target_mwh",
        "A target and its cost go together.", "Give target_mwh and target_violation_cost, or neither.")
    } else if battery.target != nil, study.graph.kind == .cyclic {
      report(
        555, index, "energy.target_mwh", "An infinite horizon has no end at which contents could be due.",
        "Remove target_mwh and target_violation_cost.")
    }
  }

  /// Parallel blocks have no order, so that a battery could empty its charge before it has it.
  private mutating func checkBlockOrder(_ index: Int) {
    let stage = study.stages.indices.first {
      study.exists(stage: $0, battery: index) && study.stages[$0].blocks.count > 1
        && study.stages[$0].blockMode == .parallel
    }
    guard let stage else { return }
    collector.report(
      556, file: .stages, at: context.stages.path(stage, "block_mode"), entity: context.stages.entity(stage),
      value: "parallel",
      "Battery \(study.batteries[index].id) needs blocks that follow each other, and those of stage \(study.stages[stage].id) "
        + "have no order.", suggestion: "Set block_mode to \"chronological\", or give the stage a single block.")
  }

  /// Limits are hard, so that from any contents that may be there a block must be able to reach those at its end.
  private mutating func checkReach(_ index: Int, _ battery: Battery) {
    let incoming = incomingContents(index, battery)
    for stage in study.stages.indices where study.exists(stage: stage, battery: index) {
      let limits = study.limits(stage: stage, battery: index)
      var range = incoming[stage]
      for block in study.stages[stage].blocks {
        let kept = battery.retained(hours: block.hours)
        let most = kept * range.least + battery.chargeEfficiency * limits.maxCharge * block.hours
        let least = kept * range.most - limits.maxDischarge * block.hours / battery.dischargeEfficiency
        // Rounding must not refuse what just fits.
        let slack = 1e-9 * max(1, limits.maxEnergy)
        if most < limits.minEnergy - slack {
          return reportReach(
            index, stage, "min", value: limits.minEnergy,
            "In block \(block.id) of stage \(study.stages[stage].id), contents of \(range.least) MWh become \(most) MWh at most, "
              + "less than the minimum \(limits.minEnergy).",
            "Lower the minimum or self_discharge_per_hour, or raise max_charge_mw.")
        }
        if least > limits.maxEnergy + slack {
          return reportReach(
            index, stage, "max", value: limits.maxEnergy,
            "In block \(block.id) of stage \(study.stages[stage].id), contents of \(range.most) MWh become \(least) MWh at least, "
              + "more than the maximum \(limits.maxEnergy).", "Raise the maximum or max_discharge_mw.")
        }
        range = (limits.minEnergy, limits.maxEnergy)
      }
    }
  }

  /// Least and most MWh in which a stage may find a battery: what stages before it permit.
  private func incomingContents(_ index: Int, _ battery: Battery) -> [(least: Double, most: Double)] {
    var incoming = [(least: Double, most: Double)](
      repeating: (.infinity, -.infinity), count: study.stages.count)
    if !incoming.isEmpty { incoming[0] = (battery.initialEnergy, battery.initialEnergy) }
    for stage in study.stages.indices {
      let limits = study.limits(stage: stage, battery: index)
      let after =
        study.exists(stage: stage, battery: index) ? (limits.minEnergy, limits.maxEnergy) : incoming[stage]
      for next in study.graph.successors(of: stage) where incoming.indices.contains(next.stage) {
        incoming[next.stage].least = min(incoming[next.stage].least, after.0)
        incoming[next.stage].most = max(incoming[next.stage].most, after.1)
      }
    }
    return incoming
  }

  /// Points to the row of the stage if there is one, else to the battery.
  private mutating func reportReach(
    _ index: Int, _ stage: Int, _ side: String, value: Double, _ message: String, _ suggestion: String
  ) {
    if let table = context.table(.batteryBounds),
      let row = context.rows(table, "battery_id", .battery).first(where: { $0.1 == index && $0.2 == stage })
    {
      collector.report(
        557, file: .batteryBounds, at: table.place(row.0, "\(side)_energy_mwh"),
        entity: context.registry(.battery).entity(index), value: "\(value)", message, suggestion: suggestion)
    } else {
      report(557, index, "energy.\(side)_mwh", value: "\(value)", message, suggestion)
    }
  }
}
