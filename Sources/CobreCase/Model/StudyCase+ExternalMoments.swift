extension StudyCase {
  /// The case with the statistics of its external scenarios, from which training with external paths draws openings.
  ///
  /// For each class whose training scheme is external, the mean and the population deviation of a stage's scenarios
  /// replace its statistics (for inflows only of plants without coefficients). No stage has more openings than
  /// scenarios. Under conventions other than Novomodelo's the case stays unchanged.
  package func takingExternalMoments() -> StudyCase {
    guard conventions.openingsFollowExternalScenarios else { return self }
    let source = configuration.training.scenarioSource
    var study = self
    var fewest: [Int] = stages.map(\.openings)
    func moments(_ table: ScenarioTable, _ stage: Int, _ entity: Int) -> SeriesStatistics {
      let count = table.count(stage)
      guard count > 0 else { return .zero }
      let values = (0..<count).map { table.value(stage, $0, entity) }
      let mean = values.reduce(0, +) / Double(count)
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
      return SeriesStatistics(mean: mean, deviation: square.squareRoot())
    }
    func each(_ table: ScenarioTable?, _ scheme: ScenarioSource.Scheme, _ body: (ScenarioTable, Int) -> Void) {
      guard scheme == .external, let table else { return }
      for stage in stages.indices where stage + 1 < table.firstRow.count {
        fewest[stage] = min(fewest[stage], max(1, table.count(stage)))
        body(table, stage)
      }
    }
    // Scenarios are statistics enough where the case gives no others.
    if source.inflow == .external, externalInflows != nil, inflowModelSource == .none {
      study.inflowModelSource = .given
    }
    let withLags = Set(autoregressiveCoefficients.map(\.hydro)).union(annualComponents.map(\.hydro))
    each(externalInflows, source.inflow) { table, stage in
      for hydro in hydros.indices where !withLags.contains(hydro) {
        study.inflowStatistics[stage * hydros.count + hydro] = moments(table, stage, hydro)
      }
    }
    each(externalLoads, source.load) { table, stage in
      for bus in buses.indices { study.loadStatistics[stage * buses.count + bus] = moments(table, stage, bus) }
    }
    each(externalAvailabilities, source.ncs) { table, stage in
      for index in sources.indices {
        study.sourceStatistics[stage * sources.count + index] = moments(table, stage, index)
      }
    }
    for stage in stages.indices { study.stages[stage].openings = fewest[stage] }
    return study
  }
}
