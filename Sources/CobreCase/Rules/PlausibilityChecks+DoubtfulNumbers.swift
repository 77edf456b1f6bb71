extension PlausibilityChecks {
  /// Ratio of neighbouring mean inflows above which the unit is doubtful: rivers that dry up vary more than loads.
  private static let doubtfulInflowRatio = 100.0

  /// Mean inflow of each plant and of those upstream of it, in m³/s, by the statistics or else by the history; nil
  /// where the case has neither.
  func meanInflows() -> [Double]? {
    guard !study.stages.isEmpty else { return nil }
    let means: [Double]
    if places.inflowStatistics != nil {
      means = study.hydros.indices.map { hydro in
        study.stages.indices.reduce(0) { $0 + study.inflowStatistics(stage: $1, hydro: hydro).mean }
          / Double(study.stages.count)
      }
    } else if !study.inflowHistory.isEmpty {
      means = study.meansOfHistory().map { $0 ?? 0 }
    } else {
      return nil
    }
    var totals = means
    for start in study.hydros.indices {
      var seen: Set<Int> = [start]
      var current = study.hydros[start].downstream
      while let plant = current, seen.insert(plant).inserted {
        totals[plant] += means[start]
        current = study.hydros[plant].downstream
      }
    }
    return totals
  }

  /// Rule 806.
  mutating func checkInflowNumbers() {
    guard let file = places.inflowStatistics else { return }
    let registry = places.registry(.hydro)
    let advice = "Check the unit: inflows are in m³/s."
    func differs(_ a: Double, _ b: Double) -> Bool {
      a > 0 && b > 0 && (a > Self.doubtfulInflowRatio * b || b > Self.doubtfulInflowRatio * a)
    }
    for (index, hydro) in study.hydros.enumerated() {
      let figures = study.stages.indices.map { study.inflowStatistics(stage: $0, hydro: index) }
      // What flows in between two plants may be near 0 in one month and far from it in another.
      let largest = figures.map(\.mean).max() ?? 0
      let doubtful = figures.indices.first { figures[$0].deviation > Self.doubtfulRatio * largest }
      if largest > 0, let stage = doubtful {
        collector.report(
          806, file: file, at: "column std_m3s", entity: registry.entity(index),
          value: "\(figures[stage].deviation) m³/s",
          "In stage \(study.stages[stage].id) the inflow of hydro \(hydro.id) deviates by "
            + "\(figures[stage].deviation) m³/s from a mean of \(figures[stage].mean) m³/s.", suggestion: advice)
      }
      let found = figures.indices.dropFirst().dropLast().first {
        differs(figures[$0].mean, figures[$0 - 1].mean) && differs(figures[$0].mean, figures[$0 + 1].mean)
          && !differs(figures[$0 - 1].mean, figures[$0 + 1].mean)
      }
      guard let stage = found else { continue }
      collector.report(
        806, file: file, at: "column mean_m3s", entity: registry.entity(index),
        value: "\(figures[stage].mean) m³/s",
        "The mean inflow of hydro \(hydro.id) is \(figures[stage].mean) m³/s in stage \(study.stages[stage].id), between "
          + "\(figures[stage - 1].mean) m³/s and \(figures[stage + 1].mean) m³/s.", suggestion: advice)
    }
  }

  /// Rule 807.
  mutating func checkDiscountRates() {
    let rates = [study.graph.annualDiscountRate] + study.graph.transitions.map(\.annualDiscountRate)
    guard let rate = rates.max(), rate > 1 else { return }
    collector.report(
      807, file: CaseFileName.stages.path, at: "policy_graph.annual_discount_rate", value: "\(rate)",
      "A discount rate of \(rate) a year is \(rate * 100) %.", suggestion: "Write 8 % a year as 0.08.")
  }

  /// Rule 808.
  mutating func checkLeastOutflows() {
    guard let totals = meanInflows() else { return }
    let registry = places.registry(.hydro)
    for (index, hydro) in study.hydros.enumerated() where totals[index] > 0 {
      let least = study.stages.indices.map { study.limits(stage: $0, hydro: index).minOutflow }.max() ?? 0
      guard least > Self.doubtfulRatio * totals[index] else { continue }
      collector.report(
        808, file: registry.file, at: registry.path(index, "outflow.min_outflow_m3s"), entity: registry.entity(index),
        value: "\(least) m³/s",
        "Hydro \(hydro.id) must release \(least) m³/s, and \(totals[index]) m³/s flow to it in the mean.",
        suggestion: "Check min_outflow_m3s, also in the bounds of single stages: flows are in m³/s.")
    }
  }

  /// Rule 809.
  mutating func checkLoadFactors() {
    guard let file = places.loadFactors else { return }
    let registry = places.registry(.bus)
    for (index, bus) in study.buses.enumerated() {
      for (position, stage) in study.stages.enumerated() {
        let factors = stage.blocks.indices.map { study.loadFactor(stage: position, bus: index, block: $0) }
        guard let factor = factors.max(), factor > Self.doubtfulRatio else { continue }
        collector.report(
          809, file: file, at: "load_factors", entity: registry.entity(index), value: "\(factor)",
          "In stage \(stage.id) a block of bus \(bus.id) has \(factor) times the mean load.",
          suggestion: "Factors multiply the mean load; give them as ratios near 1.")
        break
      }
    }
  }

  /// Rule 810: where water is worth nothing at the end and there is more than the study can use, results say little.
  mutating func checkHorizon() {
    guard study.graph.kind == .finiteHorizon, study.configuration.policy.boundary == nil, !study.stages.isEmpty else {
      return
    }
    let power = study.hydros.indices.map { hydro -> Double in
      let model = study.production(stage: 0, hydro: hydro)
      return model.kind == .fpha ? 0 : model.productivity
    }
    var stored = 0.0
    for (index, hydro) in study.hydros.enumerated() {
      var seen: Set<Int> = []
      var current: Int? = index
      var total = 0.0
      while let plant = current, seen.insert(plant).inserted {
        total += power[plant]
        current = study.hydros[plant].downstream
      }
      // 1 hm³ is a flow of 1 m³/s for 10⁶ / 3600 hours.
      stored += max(0, hydro.initialStorage - study.limits(stage: 0, hydro: index).minStorage) * total * 1e6 / 3600
    }
    let load = study.stages.indices.reduce(0) { sum, stage in
      sum + study.stages[stage].hours
        * study.buses.indices.reduce(0) { $0 + study.loadStatistics(stage: stage, bus: $1).mean }
    }
    guard load > 0, stored > load else { return }
    collector.report(
      810, file: CaseFileName.config.path, at: "policy.boundary",
      value: "\(stored.rounded()) MWh > \(load.rounded()) MWh",
      "The reservoirs begin with water for \(stored.rounded()) MWh, more than the load of the whole study of "
        + "\(load.rounded()) MWh, and after the last stage water is worth nothing: it is used as if it were free.",
      suggestion: "Let the study go on for longer, or give the policy of a longer one as policy.boundary.")
  }
}
