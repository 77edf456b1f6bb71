extension MeaningChecks {
  /// Rules 559 to 563.
  mutating func checkOperatingRules() {
    for (index, hydro) in study.hydros.enumerated() where hydro.rules != nil {
      let node = context.registry(.hydro).nodes[index]["operating_rules"]
      checkCurve(index, node, "min_outflow_curve", isConvex: true)
      checkCurve(index, node, "max_spillage_curve", isConvex: false)
      checkLevels(index, node)
      checkPrices(index, node)
      checkPriorities(index, node)
      checkRamps(index)
    }
  }

  private mutating func report(
    _ code: Int, _ hydro: Int, _ key: String, value: String? = nil, _ message: String, _ suggestion: String
  ) {
    let registry = context.registry(.hydro)
    collector.report(
      code, file: registry.file, at: registry.path(hydro, "operating_rules.\(key)"), entity: registry.entity(hydro),
      value: value, message, suggestion: suggestion)
  }

  /// Points must rise and cover all storages; then the slopes decide whether the program stays convex.
  private mutating func checkCurve(_ hydro: Int, _ node: Node, _ key: String, isConvex: Bool) {
    let given = node[key].elements.map { ($0["storage_hm3"].number, $0["flow_m3s"].number) }
    guard let first = given.first, let last = given.last else { return }
    for (position, pair) in zip(given, given.dropFirst()).enumerated() where pair.1.0 <= pair.0.0 {
      return report(
        559, hydro, "\(key)[\(position + 1)].storage_hm3", value: "\(pair.1.0)",
        "The storage does not rise from point \(position) to \(position + 1).", "Order the points by rising storage.")
    }
    let limits = study.stages.indices.map { study.limits(stage: $0, hydro: hydro) }
    let hasSoftMinimum = study.hydros[hydro].filling != nil
    let least = hasSoftMinimum ? 0 : limits.map(\.minStorage).min() ?? 0
    let most = limits.map(\.maxStorage).max() ?? 0
    if first.0 > least || last.0 < most {
      report(
        559, hydro, key, value: "\(first.0)…\(last.0) hm³",
        "The curve does not cover the storages \(least)…\(most) hm³ of the plant.", "Add points at both ends.")
    }
    let slopes = LinearPiece.through(given.map { (position: $0.0, value: $0.1) }).map(\.slope)
    for (position, pair) in zip(slopes, slopes.dropFirst()).enumerated() {
      // Points on one line may differ by rounding.
      let slack = 1e-9 * max(abs(pair.0), abs(pair.1))
      guard isConvex ? pair.1 < pair.0 - slack : pair.1 > pair.0 + slack else { continue }
      report(
        560, hydro, "\(key)[\(position + 1)]", value: "slope \(pair.0), then \(pair.1)",
        isConvex
          ? "At this point the least outflow begins to rise more slowly (or to fall faster): the operations above such a "
            + "curve are no convex set, so that cuts would be no bounds."
          : "At this point the spillway begins to gain faster: the operations below such a curve are no convex set, so "
            + "that cuts would be no bounds. A spillway that is closed below its crest is one of these.",
        isConvex
          ? "Let the slopes rise from point to point: take the points of the lower convex hull."
          : "Let the slopes fall from point to point: take the points of the upper concave hull.")
    }
  }

  private mutating func checkLevels(_ hydro: Int, _ node: Node) {
    let keys = [
      ("alert_storage_hm3", "alert_storage_cost"), ("flood_control_storage_hm3", "flood_control_storage_cost"),
    ]
    for (key, cost) in keys { checkPair(hydro, node, keys: [key], cost: cost) }
    for stage in study.stages.indices where study.exists(stage: stage, hydro: hydro) {
      let limits = study.limits(stage: stage, hydro: hydro)
      if let alert = limits.alertStorage, let flood = limits.floodStorage, alert > flood {
        return report(
          561, hydro, "alert_storage_hm3", value: "\(alert) > \(flood)",
          "In stage \(study.stages[stage].id) the alert storage \(alert) hm³ is above the flood control storage \(flood) hm³.",
          "Lower the one or raise the other.")
      }
      for (key, level) in [(keys[0].0, limits.alertStorage), (keys[1].0, limits.floodStorage)] {
        guard let level, level > limits.maxStorage || level < limits.minStorage else { continue }
        return report(
          561, hydro, key, value: "\(level)",
          "In stage \(study.stages[stage].id) the level is outside the storages \(limits.minStorage)…\(limits.maxStorage) hm³.",
          "Give a level that the reservoir can hold.")
      }
    }
  }

  private mutating func checkPrices(_ hydro: Int, _ node: Node) {
    checkPair(
      hydro, node, keys: ["max_outflow_rise_m3s", "max_outflow_fall_m3s"], cost: "outflow_ramp_violation_cost")
    checkPair(hydro, node, keys: ["max_spillage_curve"], cost: "spillage_violation_cost")
  }

  /// A price goes with any of the keys, given for the plant or for a season.
  private mutating func checkPair(_ hydro: Int, _ node: Node, keys: [String], cost: String) {
    let isGiven = keys.contains { key in
      node[key].exists || node["seasons"].elements.contains { $0[key].exists }
    }
    guard isGiven != node[cost].exists else { return }
    report(
      562, hydro, cost, isGiven ? "The rule has no price." : "Nothing has this price.",
      "Give \(cost) together with \(keys.joined(separator: " or ")), or neither.")
  }

  private mutating func checkPriorities(_ hydro: Int, _ node: Node) {
    let costs = node["water_uses"].elements.map { $0["shortfall_cost"].number }
    for (position, pair) in zip(costs, costs.dropFirst()).enumerated() where pair.1 >= pair.0 {
      report(
        562, hydro, "water_uses[\(position + 1)].shortfall_cost", value: "\(pair.1)",
        "Use \(position + 1) is less urgent than the one before it, but its price is not lower than \(pair.0).",
        "Let shortfall_cost fall from use to use, or change their order.")
    }
  }

  /// Parallel blocks have no order, so that no block comes before another.
  private mutating func checkRamps(_ hydro: Int) {
    let stage = study.stages.indices.first { stage in
      let limits = study.limits(stage: stage, hydro: hydro)
      return study.exists(stage: stage, hydro: hydro) && study.stages[stage].blocks.count > 1
        && study.stages[stage].blockMode == .parallel
        && (limits.maxOutflowRise != nil || limits.maxOutflowFall != nil)
    }
    guard let stage else { return }
    collector.report(
      563, file: .stages, at: context.stages.path(stage, "block_mode"), entity: context.stages.entity(stage),
      value: "parallel",
      "Hydro \(study.hydros[hydro].id) limits changes from block to block, and the blocks of stage "
        + "\(study.stages[stage].id) have no order.",
      suggestion: "Set block_mode to \"chronological\", or remove max_outflow_rise_m3s and max_outflow_fall_m3s.")
  }
}
