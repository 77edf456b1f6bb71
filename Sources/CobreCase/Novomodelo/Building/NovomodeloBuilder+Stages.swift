extension NovomodeloBuilder {
  func buildStages() -> [Stage] {
    let seasons = buildSeasons()
    return context.stages.nodes.enumerated().map { position, node in
      let blocks = node["blocks"].elements.sorted { $0["id"].int < $1["id"].int }.map {
        Block(id: $0["id"].int, name: $0["name"].text, hours: $0["hours"].number)
      }
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

  /// Declared pre-study stages, and stages that only statistics name.
  func buildPreStudyStages() -> [PreStudyStage] {
    context.root(.stages)["pre_study_stages"].elements.map {
      PreStudyStage(
        id: $0["id"].int, start: $0["start_date"].date, end: $0["end_date"].date,
        seasonID: $0["season_id"].optionalInt)
    }.sorted { $0.id < $1.id }
  }

  func buildSeasons() -> SeasonDefinitions? {
    let node = context.root(.stages)["season_definitions"]
    guard node.exists else { return nil }
    let seasons = node["seasons"].elements.map {
      Season(
        id: $0["id"].int, label: $0["label"].text, monthStart: $0["month_start"].int, dayStart: $0["day_start"].int,
        monthEnd: $0["month_end"].optionalInt ?? $0["month_start"].int, dayEnd: $0["day_end"].int)
    }
    return SeasonDefinitions(cycle: node["cycle_type"].choice(.monthly), seasons: seasons.sorted { $0.id < $1.id })
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
    study.postStudyLimits = root["thermal_bounds"].elements.compactMap {
      guard let thermal = context.registry(.thermal).index[$0["thermal_id"].int],
        study.postStudyStages.indices.contains($0["post_study_stage_index"].int)
      else { return nil }
      return PostStudyLimits(
        thermal: thermal, stage: $0["post_study_stage_index"].int,
        limits: ThermalLimits(
          minGeneration: $0["min_mw"].number, maxGeneration: $0["max_mw"].number, cost: $0["cost_per_mwh"].number))
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
