/// Turns the checked documents of a Novomodelo case into a `StudyCase`.
///
/// It never fails: the reference checks have reported what does not resolve, and it is left out so that the later
/// layers can still check the rest. Stages are numbered by position. Ids of the tables are translated to positions.
struct NovomodeloBuilder {
  let context: NovomodeloContext

  func build() -> StudyCase {
    let stages = buildStages()
    let none = BlockFactors(entities: 0, stages: [])
    var study = StudyCase(
      configuration: buildConfiguration(), graph: buildGraph(stages), stages: stages,
      preStudyStages: buildPreStudyStages(), seasons: buildSeasons(), buses: buildBuses(), lines: buildLines(),
      hydros: buildHydros(), thermals: buildThermals(), sources: buildSources(),
      pumpingStations: buildPumpingStations(),
      contracts: buildContracts(), initialConditions: InitialConditions(pastInflows: [], recentObservations: []),
      hydroLimits: [], hydroCosts: [], productionModels: [], thermalLimits: [], lineLimits: [], lineExchangeCosts: [],
      busExcessCosts: [], busDeficitSegments: buildDeficitSegments(), sourceAvailabilities: [],
      sourceCurtailmentCosts: [], pumpLimits: [], contractLimits: [], loadFactors: none, directExchangeFactors: none,
      reverseExchangeFactors: none, sourceFactors: none, inflowModelSource: inflowModelSource(), inflowStatistics: [],
      preStudyStatistics: [], autoregressiveCoefficients: [], annualComponents: [], inflowHistory: [],
      loadStatistics: [], sourceStatistics: [], inflowOpenings: nil, loadOpenings: nil, noiseOpenings: nil,
      externalInflows: nil, externalLoads: nil, externalAvailabilities: nil, correlation: nil,
      fphaPlanes: buildPlanes(),
      genericConstraints: [], genericBounds: [])
    study.conventions = .novomodelo
    study.noiseGenerator = .streams
    fillFactors(&study)
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
    study.correlation = buildCorrelation()
    return study
  }

  private func buildBuses() -> [Bus] {
    context.registry(.bus).nodes.map { Bus(id: $0["id"].int, name: $0["name"].text) }
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
