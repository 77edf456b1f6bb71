extension RandomSystem.Plan {
  /// Writes inflow and load, by given values or by statistics with given noise.
  func writeScenarios(to text: inout CaseText) {
    if features.contains(.noiseOpenings) || features.contains(.autoregression) {
      writeStatistics(to: &text)
      writeNoise(to: &text)
    } else {
      writeInflowOpenings(to: &text)
    }
    writeLoad(to: &text)
    if features.contains(.blocks) { writeLoadFactors(to: &text) }
  }

  /// Probabilities of the openings of one stage.
  ///
  /// They sum to 1.
  private func probabilities(_ stage: RandomSystem.PlannedStage) -> [Double]? {
    guard features.contains(.unequalProbabilities), stage.openings > 1, stage.id != 1 else { return nil }
    var random = random("probabilities \(stage.id)")
    let parts = (0..<stage.openings).map { _ in random.integer(1...6) }
    let total = Double(parts.reduce(0, +))
    return parts.map { Double($0) / total }
  }

  /// Hydros with inflow of their own at the stage.
  ///
  /// The tables must have those in service.
  private func present(_ stage: RandomSystem.PlannedStage) -> [RandomSystem.PlannedHydro] {
    hydros.filter { $0.isPresent(stage.id) }
  }

  private func writeInflowOpenings(to text: inout CaseText) {
    var random = random("inflow openings")
    var rows: [String] = []
    for stage in stages {
      let weights = probabilities(stage)
      for opening in 0..<stage.openings {
        for hydro in hydros {
          let low = features.isDisjoint(with: [.virtualInflow, .truncation]) ? 0.1 : -0.6
          let value = random.number(low * hydro.meanInflow, 2.2 * hydro.meanInflow)
          guard present(stage).contains(where: { $0.id == hydro.id }) else { continue }
          let weight = weights.map { $0[opening].description } ?? ""
          rows.append("\(stage.id),\(opening),\(weight),\(hydro.id),\(value)")
        }
      }
    }
    text.csv(
      "scenarios/inflow_openings.csv", "stage_id,opening_index,probability,hydro_id,value_m3s", random.shuffled(rows))
  }

  private func writeStatistics(to text: inout CaseText) {
    var random = random("inflow statistics")
    var statistics: [String] = []
    var coefficients: [String] = []
    for hydro in hydros {
      let order = features.contains(.autoregression) ? random.integer(1...2) : 0
      for stage in stages {
        let mean = random.number(0.7 * hydro.meanInflow, 1.4 * hydro.meanInflow)
        statistics.append("\(hydro.id),\(stage.id),\(mean),\(random.number(0.15, 0.4) * mean)")
        for lag in 1...max(1, order) where order > 0 {
          coefficients.append("\(hydro.id),\(stage.id),\(lag),\(lag == 1 ? 0.45 : 0.2),0.8")
        }
      }
      for lag in 1...3 where features.contains(.autoregression) {
        statistics.append("\(hydro.id),\(-lag),\(hydro.meanInflow),\(0.3 * hydro.meanInflow)")
      }
    }
    text.csv("scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s", statistics)
    text.csv(
      "scenarios/inflow_ar_coefficients.csv", "hydro_id,stage_id,lag,coefficient,residual_std_ratio", coefficients)
  }

  /// Writes noise within ±1.6, which keeps the inflows of the statistics positive.
  private func writeNoise(to text: inout CaseText) {
    var random = random("noise")
    let loads = features.contains(.uncertainLoad) ? buses.count : 0
    let sources = features.contains(.uncertainSources) ? 1 : 0
    var rows: [String] = []
    for stage in stages {
      for opening in 0..<stage.openings {
        for entity in 0..<(hydros.count + loads + sources) {
          rows.append("\(stage.id),\(opening),\(entity),\(random.number(-1.6, 1.6, digits: 3))")
        }
      }
    }
    text.csv("scenarios/noise_openings.csv", "stage_id,opening_index,entity_index,value", random.shuffled(rows))
  }

  private func writeLoad(to text: inout CaseText) {
    var random = random("load")
    let byOpening = features.contains(.uncertainLoad) && text.files["scenarios/inflow_openings.csv"] != nil
    let withNoise = features.contains(.uncertainLoad) && !byOpening
    var statistics: [String] = []
    var openings: [String] = []
    for bus in buses {
      let level = random.number(25, 60, digits: 1)
      for stage in stages {
        let mean = random.number(0.8 * level, 1.25 * level, digits: 1)
        statistics.append("\(bus),\(stage.id),\(mean),\(withNoise ? random.number(0.05, 0.2) * mean : 0)")
        for opening in 0..<stage.openings {
          openings.append("\(stage.id),\(opening),\(bus),\(random.number(0.7 * mean, 1.3 * mean, digits: 1))")
        }
      }
    }
    if byOpening {
      text.csv("scenarios/load_openings.csv", "stage_id,opening_index,bus_id,value_mw", openings)
    } else {
      text.csv("scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw", statistics)
    }
  }

  private func writeLoadFactors(to text: inout CaseText) {
    var random = random("load factors")
    var list: [JSONText] = []
    for bus in buses {
      for stage in stages where stage.blockHours.count > 1 && random.chance(0.8) {
        let factors = stage.blockHours.indices.map { k -> JSONText in
          ["block_id": .integer(k), "factor": .number(random.number(0.6, 1.4))]
        }
        list.append(["bus_id": .integer(bus), "stage_id": .integer(stage.id), "block_factors": .array(factors)])
      }
    }
    guard !list.isEmpty else { return }
    text.json("scenarios/load_factors.json", ["load_factors": .array(list)])
  }
}
