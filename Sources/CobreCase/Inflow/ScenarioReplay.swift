/// Scenarios of one class that are known beforehand, as noise or as values.
///
/// Scenario s of a stage with fewer scenarios is number s modulo theirs.
package struct ScenarioReplay: Sendable, Equatable {
  /// Whether the numbers are realised values.
  ///
  /// Otherwise they are standard noise.
  package let isRealised: Bool
  /// The largest number of scenarios of a stage.
  package let count: Int
  /// Numbers in a scenario: hydros, buses or sources.
  package let entities: Int
  /// By stage: `[scenario * entities + entity]`.
  private let values: [[Double]]

  init(isRealised: Bool, count: Int, entities: Int, values: [[Double]]) {
    self.isRealised = isRealised
    self.count = count
    self.entities = entities
    self.values = values
  }

  /// Noise or value of an entity in a scenario of a stage.
  package func value(stage: Int, scenario: Int, entity: Int) -> Double {
    values[stage][scenario * entities + entity]
  }
}

extension ScenarioReplay {
  /// External loads: realised with opening tables, else the noise (x − μ)/σ, 0 if there is no deviation.
  package init(loads table: ScenarioTable, study: StudyCase) {
    self.init(table, isRealised: study.loadOpenings != nil || study.inflowOpenings != nil) { stage, bus, value in
      let statistics = study.loadStatistics(stage: stage, bus: bus)
      return statistics.deviation > 0 ? (value - statistics.mean) / statistics.deviation : 0
    }
  }

  /// External availabilities as noise (x − μ)/σ, 0 if there is no deviation.
  package init(availabilities table: ScenarioTable, study: StudyCase) {
    self.init(table, isRealised: false) { stage, source, value in
      guard let statistics = study.sourceStatistics(stage: stage, source: source), statistics.deviation > 0 else {
        return 0
      }
      return (value - statistics.mean) / statistics.deviation
    }
  }

  private init(
    _ table: ScenarioTable, isRealised: Bool, noise: (_ stage: Int, _ entity: Int, _ value: Double) -> Double
  ) {
    let stages = table.firstRow.count - 1
    let count = (0..<stages).map { table.count($0) }.max() ?? 0
    let values = (0..<stages).map { stage in
      (0..<count).flatMap { scenario in
        (0..<table.entities).map { entity in
          let value = table.value(stage, scenario % max(1, table.count(stage)), entity)
          return isRealised ? value : noise(stage, entity, value)
        }
      }
    }
    self.init(isRealised: isRealised, count: count, entities: table.entities, values: values)
  }

  /// External inflows: realised with opening tables, else the noise that makes the model give them.
  package init(inflows table: ScenarioTable, study: StudyCase, process: InflowProcess) {
    guard study.inflowOpenings == nil, study.loadOpenings == nil else {
      self.init(table, isRealised: true) { _, _, value in value }
      return
    }
    let stages = study.stages.count
    let count = (0..<stages).map { table.count($0) }.max() ?? 0
    var values = [[Double]](repeating: [], count: stages)
    for scenario in 0..<count {
      var inversion = InflowInversion(process: process)
      var noise: [Double] = []
      for stage in 0..<stages {
        let row = scenario % max(1, table.count(stage))
        if study.opensPlace(stage) { noise = inversion.noise(stage: stage) { table.value(stage, row, $0) } }
        values[stage] += noise
      }
    }
    self.init(isRealised: false, count: count, entities: process.layout.hydros, values: values)
  }
}
