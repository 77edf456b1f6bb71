internal import CobreCase
internal import CobreEngine

extension ScenarioTree {
  /// Load of a bus in MW before the block factor: max(0, μ + σ·η), μ where σ = 0, or the given value.
  static func load(_ study: StudyCase, _ stage: Int, _ opening: Int, bus: Int) -> Double {
    if let table = study.loadOpenings { return table.value(stage, opening, bus) }
    let row = study.loadStatistics[stage * study.buses.count + bus]
    guard row.deviation > 0, let noise = study.noiseOpenings else { return row.mean }
    guard let position = varyingBuses(study).firstIndex(of: bus) else { return row.mean }
    return max(0, row.mean + row.deviation * noise.value(stage, opening, study.hydros.count + position))
  }

  /// Buses that vary in some stage, in the noise vector they follow the hydros.
  private static func varyingBuses(_ study: StudyCase) -> [Int] {
    study.buses.indices.filter { bus in
      study.stages.indices.contains { study.loadStatistics[$0 * study.buses.count + bus].deviation > 0 }
    }
  }

  /// Available power of a source in MW before the block factor: capacity · (μ + σ·η, kept within 0…1), or the limit.
  static func availability(_ study: StudyCase, _ stage: Int, _ opening: Int, source: Int) -> Double {
    if let row = study.sourceStatistics[stage * study.sources.count + source] {
      // In the noise vector the sources that vary in some stage follow the buses.
      let varying = study.sources.indices.filter { other in
        study.stages.indices.contains {
          (study.sourceStatistics[$0 * study.sources.count + other]?.deviation ?? 0) > 0
        }
      }
      var share = row.mean
      if row.deviation > 0, let noise = study.noiseOpenings, let position = varying.firstIndex(of: source) {
        let component = study.hydros.count + varyingBuses(study).count + position
        share += row.deviation * noise.value(stage, opening, component)
      }
      return study.sources[source].maxGeneration * min(1, max(0, share))
    }
    return study.sourceAvailabilities[stage * study.sources.count + source]
  }

  /// Inflow of a hydro in m³/s: the given value, or in standard form along the history
  /// (z − μ)/s = Σ ψ*·(lag − its mean)/(its deviation) + ψ^A·(mean of 12 lags − mean of their means)/s^A + r·η.
  func inflow(_ study: StudyCase, _ stage: Int, _ opening: Int, parent: Int?, hydro: Int) -> Double {
    // Raw inflows stay in the tree where only balances are truncated.
    let truncates = study.configuration.inflowMethod.truncates && study.conventions.truncationRule == .inflow
    if let table = study.inflowOpenings {
      let value = table.value(stage, opening, hydro)
      return truncates ? max(0, value) : value
    }
    let row = study.inflowStatistics[stage * study.hydros.count + hydro]
    let past = InflowPast(study: study, path: path(to: parent, hydro: hydro), hydro: hydro)
    let coefficients = study.autoregressiveCoefficients.filter { $0.hydro == hydro && $0.stageID == stage }
    var deviations = (coefficients.first?.residualRatio ?? 1) * (study.noiseOpenings?.value(stage, opening, hydro) ?? 0)
    for term in coefficients {
      guard let before = past.statistics(term.lag, stage: stage), before.deviation > 0 else { continue }
      deviations += term.coefficient * (past.lag(term.lag, stage: stage) - before.mean) / before.deviation
    }
    for annual in study.annualComponents where annual.hydro == hydro && annual.stageID == stage {
      let differences = (1...12).map { lag in
        past.lag(lag, stage: stage) - (past.statistics(lag, stage: stage)?.mean ?? 0)
      }
      deviations += annual.coefficient * differences.reduce(0, +) / 12 / annual.deviation
    }
    let value = row.mean + row.deviation * deviations
    // Without noise there is nothing to truncate.
    return truncates && row.deviation > 0 ? max(0, value) : value
  }

  /// Stages and inflows of a hydro from a node back to the start.
  private func path(to last: Int?, hydro: Int) -> [(stage: Int, inflow: Double)] {
    var path: [(stage: Int, inflow: Double)] = []
    var node = last
    while let index = node {
      path.append((nodes[index].stage, nodes[index].inflows[hydro]))
      node = nodes[index].parent
    }
    return path
  }
}
