extension MeaningChecks {
  /// Rules 554 to 557.
  mutating func checkBatteries() {
    for (index, battery) in study.batteries.enumerated() {
      checkContents(index, battery)
      checkTarget(index, battery)
      checkBlockOrder(index)
      checkHolding(index, battery)
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
    let range = "\(battery.minEnergy) to \(battery.maxEnergy) MWh"
    guard battery.minEnergy <= battery.maxEnergy else {
      return report(
        554, index, "energy.min_mwh", value: "\(battery.minEnergy) > \(battery.maxEnergy)",
        "The least contents \(battery.minEnergy) are above the largest \(battery.maxEnergy).",
        "Lower the minimum or raise the maximum.")
    }
    for (key, value) in [("initial_mwh", battery.initialEnergy), ("target_mwh", battery.target?.energy)] {
      guard let value, value < battery.minEnergy || value > battery.maxEnergy else { continue }
      report(
        554, index, "energy.\(key)", value: "\(value)", "The battery holds \(range), not \(value).",
        "Give contents within the limits.")
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

  private mutating func checkHolding(_ index: Int, _ battery: Battery) {
    guard battery.minEnergy > 0, battery.selfDischarge > 0 else { return }
    for stage in study.stages.indices where study.exists(stage: stage, battery: index) {
      for block in study.stages[stage].blocks {
        let loss = battery.minEnergy * (1 - battery.retained(hours: block.hours))
        guard loss > battery.maxCharge * battery.chargeEfficiency * block.hours else { continue }
        return report(
          557, index, "energy.min_mwh", value: "\(battery.minEnergy)",
          "In block \(block.id) of stage \(study.stages[stage].id) the minimum loses \(loss) MWh, more than charging can "
            + "replace.", "Lower min_mwh or self_discharge_per_hour, or raise max_charge_mw.")
      }
    }
  }
}
