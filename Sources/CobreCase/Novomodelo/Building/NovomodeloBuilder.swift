/// Turns the checked documents of a Novomodelo case into the tables of a `GivenCase`.
///
/// It never fails: the reference checks have reported what does not resolve, and it is left out so that the later
/// layers can still check the rest. Stages are numbered by position. Ids of the tables are translated to positions.
struct NovomodeloBuilder: ElementBuilder {
  let context: NovomodeloContext

  func build() -> StudyCase {
    let stages = buildStages()
    let none = BlockFactors(entities: 0, stages: [])
    var study = StudyCase(
      configuration: buildConfiguration(), graph: buildGraph(stages), stages: stages,
      preStudyStages: PreStudyStage.list(context.root(.stages)), seasons: SeasonDefinitions(context.root(.stages)),
      buses: buildBuses(), lines: buildLines(),
      hydros: buildHydros(), thermals: buildThermals(), sources: buildSources(),
      pumpingStations: buildPumpingStations(),
      contracts: buildContracts(), initialConditions: InitialConditions(pastInflows: [], recentObservations: []),
      hydroLimits: [], hydroCosts: [], productionModels: [], thermalLimits: [], lineLimits: [], lineExchangeCosts: [],
      busExcessCosts: [], busDeficitSegments: deficitSegments(context.root(.penalties)), sourceAvailabilities: [],
      sourceCurtailmentCosts: [], pumpLimits: [], contractLimits: [], loadFactors: none, directExchangeFactors: none,
      reverseExchangeFactors: none, sourceFactors: none, inflowModelSource: inflowModelSource(), inflowStatistics: [],
      preStudyStatistics: [], autoregressiveCoefficients: [], annualComponents: [], inflowHistory: [],
      loadStatistics: [], sourceStatistics: [], inflowOpenings: nil, loadOpenings: nil, noiseOpenings: nil,
      externalInflows: nil, externalLoads: nil, externalAvailabilities: nil, correlation: nil,
      fphaPlanes: planes(context.table(.fphaHyperplanes)),
      genericConstraints: [], genericBounds: [])
    study.conventions = .novomodelo
    study.noiseGenerator = .streams
    fillFactors(
      &study, loads: context.root(.loadFactors)["load_factors"],
      sources: context.root(.nonControllableFactors)["non_controllable_factors"])
    fillLimits(&study)
    fillCosts(&study)
    fillProduction(&study)
    fillEnergies(&study)
    fillStatistics(&study)
    fillInflowModel(&study)
    fillInitialConditions(&study)
    fillPostStudy(&study)
    fillScenarios(&study)
    deriveProductivities(&study)
    study.fitHullPlanes()
    study.correlation = correlation(context.root(.correlation))
    return study
  }

  private func buildLines() -> [Line] {
    context.registry(.line).nodes.map {
      var line = Line(
        id: $0["id"].int, name: $0["name"].text, service: context.service($0),
        sourceBus: context.bus($0["source_bus_id"].int), targetBus: context.bus($0["target_bus_id"].int),
        lossesPercent: $0["losses_percent"].number)
      line.losesPower = false
      return line
    }
  }

  private func buildThermals() -> [Thermal] {
    context.registry(.thermal).nodes.map {
      var thermal = Thermal(
        id: $0["id"].int, name: $0["name"].text, service: context.service($0), bus: context.bus($0["bus_id"].int),
        commitmentLag: nil)
      if let stages = $0["anticipated_config"]["lead_stages"].optionalInt {
        thermal.anticipation = .stages(stages)
      } else if let hours = $0["anticipated_config"]["lead_time_hours"].optionalNumber {
        thermal.anticipation = .hours(hours)
      }
      return thermal
    }
  }

  private func buildSources() -> [NonControllableSource] {
    context.registry(.nonControllableSource).nodes.map {
      var source = NonControllableSource(
        id: $0["id"].int, name: $0["name"].text, service: context.service($0), bus: context.bus($0["bus_id"].int),
        maxGeneration: $0["max_generation_mw"].number)
      source.allowsCurtailment = $0["allow_curtailment"].bool
      return source
    }
  }

  private func buildPumpingStations() -> [PumpingStation] {
    let hydros = context.registry(.hydro).index
    return context.registry(.pumpingStation).nodes.map {
      PumpingStation(
        id: $0["id"].int, name: $0["name"].text, service: context.service($0), bus: context.bus($0["bus_id"].int),
        sourceHydro: hydros[$0["source_hydro_id"].int] ?? 0,
        destinationHydro: hydros[$0["destination_hydro_id"].int] ?? 0,
        consumption: $0["consumption_mw_per_m3s"].number)
    }
  }

  private func buildContracts() -> [EnergyContract] {
    context.registry(.contract).nodes.map {
      EnergyContract(
        id: $0["id"].int, name: $0["name"].text, service: context.service($0), bus: context.bus($0["bus_id"].int),
        direction: $0["type"].choice(.imports))
    }
  }
}
