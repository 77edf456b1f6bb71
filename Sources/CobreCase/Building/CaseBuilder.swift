/// Turns checked documents into a `StudyCase`.
///
/// It never fails: the reference checks have reported what does not resolve, and it is left out so that the later
/// layers can still check the rest.
struct CaseBuilder {
  let context: CaseContext

  func build() -> StudyCase {
    let stages = buildStages()
    let buses = buildBuses()
    let lines = buildLines()
    let sources = buildSources()
    let none = BlockFactors(entities: 0, stages: [])
    var study = StudyCase(
      configuration: buildConfiguration(), graph: buildGraph(stages), stages: stages,
      preStudyStages: buildPreStudyStages(), seasons: buildSeasons(), buses: buses, lines: lines,
      hydros: buildHydros(), thermals: buildThermals(), sources: sources, pumpingStations: buildPumpingStations(),
      contracts: buildContracts(), initialConditions: buildInitialConditions(), hydroLimits: [], hydroCosts: [],
      productionModels: [], thermalLimits: [], lineLimits: [], lineExchangeCosts: [], busExcessCosts: [],
      busDeficitSegments: buildDeficitSegments(), sourceAvailabilities: [], sourceCurtailmentCosts: [], pumpLimits: [],
      contractLimits: [], loadFactors: none, directExchangeFactors: none, reverseExchangeFactors: none,
      sourceFactors: none, inflowModelSource: inflowModelSource(), inflowStatistics: [], preStudyStatistics: [],
      autoregressiveCoefficients: [], annualComponents: [], inflowHistory: [], loadStatistics: [],
      sourceStatistics: [], inflowOpenings: nil, loadOpenings: nil, noiseOpenings: nil, externalInflows: nil,
      externalLoads: nil, externalAvailabilities: nil, correlation: nil, fphaPlanes: buildPlanes(),
      genericConstraints: buildGenericConstraints(), genericBounds: buildGenericBounds())
    study.batteries = buildBatteries()
    study.priceProcesses = buildPriceProcesses()
    fillLimits(&study)
    fillCosts(&study)
    fillProduction(&study)
    study.fitProduction()
    fillFactors(&study)
    fillStatistics(&study)
    fillOpenings(&study)
    fillPriceSteps(&study)
    study.correlation = buildCorrelation()
    return study
  }

  func service(_ node: Node) -> ServicePeriod {
    ServicePeriod(entry: node["entry_stage_id"].optionalInt, exit: node["exit_stage_id"].optionalInt)
  }

  /// Index of a bus; 0 where the id is unknown, which has been reported.
  func bus(_ id: Int) -> Int { context.registry(.bus).index[id] ?? 0 }

  private func buildBuses() -> [Bus] {
    context.registry(.bus).nodes.map { Bus(id: $0["id"].int, name: $0["name"].text) }
  }

  private func buildDeficitSegments() -> [[DeficitSegment]] {
    let global = context.root(.penalties)["bus"]["deficit_segments"]
    return context.registry(.bus).nodes.map { bus in
      let own = bus["deficit_segments"]
      return (own.exists ? own : global).elements.map {
        DeficitSegment(depth: $0["depth_mw"].optionalNumber, cost: $0["cost"].number)
      }
    }
  }
}
