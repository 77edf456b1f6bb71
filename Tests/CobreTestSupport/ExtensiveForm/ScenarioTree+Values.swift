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

  /// Buses that vary in some stage; in the noise vector they follow the hydros.
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

  /// Inflow of a hydro in m³/s: the given value, or μ + Σ ψ·(lag − its mean) + σ·η along the history.
  func inflow(_ study: StudyCase, _ stage: Int, _ opening: Int, parent: Int?, hydro: Int) -> Double {
    let truncates = study.configuration.inflowMethod.truncates
    if let table = study.inflowOpenings {
      let value = table.value(stage, opening, hydro)
      return truncates ? max(0, value) : value
    }
    let row = study.inflowStatistics[stage * study.hydros.count + hydro]
    let coefficients = study.autoregressiveCoefficients.filter { $0.hydro == hydro && $0.stageID == stage }
    var value = row.mean
    for term in coefficients {
      guard let before = statistics(study, stage: stage - term.lag, hydro: hydro), before.deviation > 0 else {
        continue
      }
      let lagged = pastInflow(study, stage: stage - term.lag, from: parent, hydro: hydro)
      value += term.coefficient * row.deviation / before.deviation * (lagged - before.mean)
    }
    let ratio = coefficients.first?.residualRatio ?? 1
    value += row.deviation * ratio * (study.noiseOpenings?.value(stage, opening, hydro) ?? 0)
    // Without noise there is nothing to truncate.
    return truncates && row.deviation > 0 ? max(0, value) : value
  }

  /// Statistics of a study or pre-study stage; stages without a row of their own are not looked up by season here.
  private func statistics(_ study: StudyCase, stage: Int, hydro: Int) -> SeriesStatistics? {
    if stage >= 0 { return study.inflowStatistics[stage * study.hydros.count + hydro] }
    return study.preStudyStatistics.first { $0.hydro == hydro && $0.stageID == stage }?.statistics
  }

  private func pastInflow(_ study: StudyCase, stage: Int, from parent: Int?, hydro: Int) -> Double {
    var node = parent
    while let index = node {
      if nodes[index].stage == stage { return nodes[index].inflows[hydro] }
      node = nodes[index].parent
    }
    let past = study.initialConditions.pastInflows.first { $0.hydro == hydro }?.values ?? []
    return -stage - 1 < past.count ? past[-stage - 1] : 0
  }
}
