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
    fillLimits(&study)
    fillCosts(&study)
    fillProduction(&study)
    study.fitProduction()
    fillFactors(&study)
    fillStatistics(&study)
    fillOpenings(&study)
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

  private func buildLines() -> [Line] {
    context.registry(.line).nodes.map {
      Line(
        id: $0["id"].int, name: $0["name"].text, service: service($0), sourceBus: bus($0["source_bus_id"].int),
        targetBus: bus($0["target_bus_id"].int), lossesPercent: $0["losses_percent"].number)
    }
  }

  private func buildThermals() -> [Thermal] {
    context.registry(.thermal).nodes.map {
      Thermal(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        commitmentLag: $0["gnl_config"]["lag_stages"].optionalInt)
    }
  }

  private func buildSources() -> [NonControllableSource] {
    context.registry(.nonControllableSource).nodes.map {
      NonControllableSource(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        maxGeneration: $0["max_generation_mw"].number)
    }
  }

  private func buildPumpingStations() -> [PumpingStation] {
    let hydros = context.registry(.hydro).index
    return context.registry(.pumpingStation).nodes.map {
      PumpingStation(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        sourceHydro: hydros[$0["source_hydro_id"].int] ?? 0,
        destinationHydro: hydros[$0["destination_hydro_id"].int] ?? 0,
        consumption: $0["consumption_mw_per_m3s"].number)
    }
  }

  private func buildContracts() -> [EnergyContract] {
    context.registry(.contract).nodes.map {
      EnergyContract(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        direction: $0["type"].choice(.imports))
    }
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
