extension NovomodeloBuilder {
  func buildStages() -> [Stage] {
    let seasons = SeasonDefinitions(context.root(.stages))
    return context.stages.nodes.enumerated().map { position, node in
      let blocks = Block.list(stage: node)
      var stage = Stage(
        id: position, start: node["start_date"].date, end: node["end_date"].date,
        seasonID: node["season_id"].optionalInt ?? seasons.flatMap { $0.onlySeason(of: node["start_date"].date) },
        blocks: blocks, blockMode: node["block_mode"].choice(.parallel),
        inflowLags: node["state_variables"]["inflow_lags"].bool, riskMeasure: RiskMeasure(node["risk_measure"]),
        openings: node["num_openings"].optionalInt ?? 1, samplingMethod: node["sampling_method"].choice(.saa),
        hours: blocks.reduce(0) { $0 + $1.hours })
      stage.declaredID = node["id"].int
      return stage
    }
  }

  /// The discount rate that a stage gives itself, per year, or nil.
  func ownRate(of stage: Int) -> Double? {
    context.stages.nodes[stage]["annual_discount_rate_override"].optionalNumber
  }

  /// The chain of stages, whatever the list of transitions says, with the rates of both.
  func buildGraph(_ stages: [Stage]) -> PolicyGraph {
    let node = context.root(.stages)["policy_graph"]
    let rate = node["annual_discount_rate"].number
    var rates: [Int: Double] = [:]
    for transition in node["transitions"].elements {
      guard let source = context.stages.index[transition["source_id"].int],
        let override = transition["annual_discount_rate_override"].optionalNumber
      else { continue }
      rates[source] = override
    }
    let hasNodes = !node["nodes"].elements.isEmpty
    let transitions = stages.indices.dropLast().map { stage in
      Transition(
        source: stage, target: stage + 1, probability: 1,
        annualDiscountRate: ownRate(of: stage) ?? (hasNodes ? nil : rates[stage]) ?? rate)
    }
    var graph = PolicyGraph(kind: .finiteHorizon, annualDiscountRate: rate, transitions: transitions)
    if let last = stages.indices.last { graph.lastRates[last] = ownRate(of: last) }
    return graph
  }

  func fillPostStudy(_ study: inout StudyCase) {
    let root = context.root(.postStudyStages)
    study.postStudyStages = root["stages"].elements.map {
      PostStudyStage(start: $0["start_date"].date, hours: $0["duration_hours"].number)
    }
    // Out of service a plant delivers nothing, whatever limits are given for it.
    let idle = postStudyIdleness(study)
    study.postStudyLimits = idle
    study.postStudyLimits += root["thermal_bounds"].elements.compactMap { node in
      let stage = node["post_study_stage_index"].int
      guard let thermal = context.registry(.thermal).index[node["thermal_id"].int],
        study.postStudyStages.indices.contains(stage),
        !idle.contains(where: { $0.thermal == thermal && $0.stage == stage })
      else { return nil }
      return PostStudyLimits(
        thermal: thermal, stage: stage,
        limits: ThermalLimits(
          minGeneration: node["min_mw"].number, maxGeneration: node["max_mw"].number, cost: node["cost_per_mwh"].number)
      )
    }
  }

  /// Limits of 0 for the periods after the study in which an anticipated plant is out of service.
  ///
  /// Their ids go on from that of the last stage.
  private func postStudyIdleness(_ study: StudyCase) -> [PostStudyLimits] {
    guard let last = context.stages.ids.last else { return [] }
    let nothing = ThermalLimits(minGeneration: 0, maxGeneration: 0, cost: 0)
    return context.registry(.thermal).nodes.enumerated().flatMap { thermal, node -> [PostStudyLimits] in
      guard study.thermals[thermal].anticipation != nil else { return [] }
      let service = ServicePeriod(
        entry: node["entry_stage_id"].optionalInt, exit: node["exit_stage_id"].optionalInt)
      return study.postStudyStages.indices.compactMap { stage in
        service.contains(last + 1 + stage) ? nil : PostStudyLimits(thermal: thermal, stage: stage, limits: nothing)
      }
    }
  }

  func fillInitialConditions(_ study: inout StudyCase) {
    let root = context.root(.initialConditions)
    let hydros = context.registry(.hydro).index
    let thermals = context.registry(.thermal).index
    let recent: [RecentObservation] = root["recent_observations"].elements.compactMap { node in
      guard let hydro = hydros[node["hydro_id"].int] else { return nil }
      return RecentObservation(
        hydro: hydro, start: node["start_date"].date, end: node["end_date"].date, value: node["value_m3s"].number)
    }
    study.initialConditions.recentObservations = recent.sorted { ($0.hydro, $0.start) < ($1.hydro, $1.start) }
    study.initialConditions.pastCommitments = root["past_anticipated_commitments"].elements.compactMap { node in
      guard let thermal = thermals[node["thermal_id"].int] else { return nil }
      return PastCommitment(
        thermal: thermal, start: node["start_date"].date, end: node["end_date"].date, power: node["value_mw"].number)
    }
    study.initialConditions.pastReleases = root["past_defluences"].elements.compactMap { node in
      guard let hydro = hydros[node["hydro_id"].int] else { return nil }
      return PastRelease(
        hydro: hydro, start: node["start_date"].date, end: node["end_date"].date, flow: node["value_m3s"].number)
    }
  }
}

extension SeasonDefinitions {
  /// The season of a date if only one season contains it, which means that the map has one resolution there.
  func onlySeason(of date: CalendarDate) -> Int? {
    let found = seasons(of: date)
    return found.count == 1 ? found[0] : nil
  }
}
