internal import CobreCase

extension StageOpenings {
  /// Realises the openings of one stage from tables or from means, deviations and noise.
  init(study: StudyCase, stage: Int, process: InflowProcess, noise: OpeningNoise, seed: Int64) {
    let count = noise.count(stage: stage, study: study)
    let given = study.inflowOpenings ?? study.loadOpenings
    probabilities = (0..<count).map { given?.probability(stage, $0) ?? 1 / Double(count) }
    isUniform = Set(probabilities).count <= 1
    var inflows: [Double] = []
    var loads: [Double] = []
    var availabilities: [Double] = []
    for opening in 0..<count {
      inflows += study.hydros.indices.map {
        Self.inflow(study, stage, $0, opening, process, noise.value(stage, opening, .inflow, $0))
      }
      loads += study.buses.indices.map { bus in
        study.loadOpenings.map { $0.value(stage, opening, bus) }
          ?? Self.load(study, stage, bus, noise: noise.value(stage, opening, .load, bus))
      }
      availabilities += study.sources.indices.map {
        Self.availability(study, stage, $0, noise: noise.value(stage, opening, .ncs, $0))
      }
    }
    self.inflows = NumberTable(inflows)
    self.loads = NumberTable(loads)
    self.availabilities = NumberTable(availabilities)
    prices = PriceInnovations.openings(study, stage: stage, count: count, seed: seed)
  }

  /// The part of the realised inflow in m³/s that does not depend on lags: the given value, or what the model computes
  /// from noise.
  private static func inflow(
    _ study: StudyCase, _ stage: Int, _ hydro: Int, _ opening: Int, _ process: InflowProcess, _ noise: Double
  ) -> Double {
    if let table = study.inflowOpenings {
      let value = table.value(stage, opening, hydro)
      return process.truncates ? max(0, value) : value
    }
    return process.innovation(stage: stage, hydro: hydro, noise: noise)
  }

  /// Realised load in MW: the mean without deviation, else max(0, mean + deviation · noise).
  static func load(_ study: StudyCase, _ stage: Int, _ bus: Int, noise: Double) -> Double {
    let statistics = study.loadStatistics(stage: stage, bus: bus)
    guard statistics.deviation > 0 else {
      let isClamped =
        statistics.mean < 0 && study.conventions.clampsLoadOfVaryingBuses
        && study.stages.indices.contains { study.loadStatistics(stage: $0, bus: bus).deviation > 0 }
      return isClamped ? 0 : statistics.mean
    }
    return max(0, statistics.mean + statistics.deviation * noise)
  }

  /// Available power in MW: capacity · clamp(mean + deviation · noise, 0…1) with statistics, else the stage's limit.
  static func availability(_ study: StudyCase, _ stage: Int, _ source: Int, noise: Double) -> Double {
    guard let statistics = study.sourceStatistics(stage: stage, source: source) else {
      return study.availability(stage: stage, source: source)
    }
    let share = statistics.deviation > 0 ? statistics.mean + statistics.deviation * noise : statistics.mean
    return study.sources[source].maxGeneration * min(1, max(0, share))
  }
}
