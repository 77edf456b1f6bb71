/// Turns checked documents into the tables of a `GivenCase`.
///
/// It never fails: the reference checks have reported what does not resolve, and it is left out so that the later
/// layers can still check the rest.
struct CaseBuilder: ElementBuilder {
  let context: CaseContext

  func build() -> StudyCase {
    let stages = buildStages()
    let buses = buildBuses()
    let lines = buildLines()
    let sources = buildSources()
    let none = BlockFactors(entities: 0, stages: [])
    var study = StudyCase(
      configuration: buildConfiguration(), graph: buildGraph(stages), stages: stages,
      preStudyStages: PreStudyStage.list(context.root(.stages)), seasons: SeasonDefinitions(context.root(.stages)),
      buses: buses, lines: lines,
      hydros: buildHydros(), thermals: buildThermals(), sources: sources, pumpingStations: buildPumpingStations(),
      contracts: buildContracts(), initialConditions: buildInitialConditions(), hydroLimits: [], hydroCosts: [],
      productionModels: [], thermalLimits: [], lineLimits: [], lineExchangeCosts: [], busExcessCosts: [],
      busDeficitSegments: deficitSegments(context.root(.penalties)), sourceAvailabilities: [],
      sourceCurtailmentCosts: [], pumpLimits: [],
      contractLimits: [], loadFactors: none, directExchangeFactors: none, reverseExchangeFactors: none,
      sourceFactors: none, inflowModelSource: inflowModelSource(), inflowStatistics: [], preStudyStatistics: [],
      autoregressiveCoefficients: [], annualComponents: [], inflowHistory: [], loadStatistics: [],
      sourceStatistics: [], inflowOpenings: nil, loadOpenings: nil, noiseOpenings: nil, externalInflows: nil,
      externalLoads: nil, externalAvailabilities: nil, correlation: nil,
      fphaPlanes: planes(context.table(.fphaHyperplanes)),
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
    study.correlation = correlation(context.root(.correlation))
    return study
  }

  func service(_ node: Node) -> ServicePeriod {
    ServicePeriod(entry: node["entry_stage_id"].optionalInt, exit: node["exit_stage_id"].optionalInt)
  }

  /// Index of a bus; 0 where the id is unknown, which has been reported.
  func bus(_ id: Int) -> Int { context.registry(.bus).index[id] ?? 0 }
}
