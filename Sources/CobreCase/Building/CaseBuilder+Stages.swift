extension CaseBuilder {
  func buildStages() -> [Stage] {
    context.stages.nodes.map { node in
      let blocks = Block.list(stage: node)
      return Stage(
        id: node["id"].int, start: node["start_date"].date, end: node["end_date"].date,
        seasonID: node["season_id"].optionalInt, blocks: blocks, blockMode: node["block_mode"].choice(.parallel),
        inflowLags: node["state_variables"]["inflow_lags"].bool, riskMeasure: RiskMeasure(node["risk_measure"]),
        openings: node["num_scenarios"].int, samplingMethod: node["sampling_method"].choice(.saa),
        hours: blocks.reduce(0) { $0 + $1.hours })
    }
  }

  func buildGraph(_ stages: [Stage]) -> PolicyGraph {
    let node = context.root(.stages)["policy_graph"]
    let rate = node["annual_discount_rate"].number
    let index = context.stages.index
    var transitions: [Transition] = node["transitions"].elements.compactMap {
      guard let source = index[$0["source_id"].int], let target = index[$0["target_id"].int] else { return nil }
      return Transition(
        source: source, target: target, probability: $0["probability"].number,
        annualDiscountRate: $0["annual_discount_rate_override"].optionalNumber ?? rate)
    }
    if node["transitions"].elements.isEmpty {
      transitions = zip(stages.indices, stages.indices.dropFirst()).map {
        Transition(source: $0, target: $1, probability: 1, annualDiscountRate: rate)
      }
    }
    return PolicyGraph(
      kind: node["type"].choice(.finiteHorizon), annualDiscountRate: rate,
      transitions: transitions.sorted { ($0.source, $0.target) < ($1.source, $1.target) })
  }

  func buildInitialConditions() -> InitialConditions {
    let root = context.root(.initialConditions)
    let hydros = context.registry(.hydro).index
    let past: [PastInflow] = root["past_inflows"].elements.compactMap { node in
      guard let hydro = hydros[node["hydro_id"].int] else { return nil }
      return PastInflow(
        hydro: hydro, values: node["values_m3s"].numbers,
        seasonIDs: node["season_ids"].exists ? node["season_ids"].elements.map(\.int) : nil)
    }
    let recent: [RecentObservation] = root["recent_observations"].elements.compactMap { node in
      guard let hydro = hydros[node["hydro_id"].int] else { return nil }
      return RecentObservation(
        hydro: hydro, start: node["start_date"].date, end: node["end_date"].date, value: node["value_m3s"].number)
    }
    return InitialConditions(
      pastInflows: past.sorted { $0.hydro < $1.hydro },
      recentObservations: recent.sorted { ($0.hydro, $0.start) < ($1.hydro, $1.start) })
  }
}
