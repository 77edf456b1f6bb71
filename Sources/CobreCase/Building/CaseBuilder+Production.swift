extension CaseBuilder {
  func fillProduction(_ study: inout StudyCase) {
    let own = study.hydros.map {
      ProductionModel(
        kind: $0.ownModel, productivity: $0.ownProductivity, fpha: $0.ownModel == .fpha ? .precomputed : nil)
    }
    study.productionModels.reserveCapacity(own.count * study.stages.count)
    for _ in study.stages { study.productionModels.append(contentsOf: own) }
    for node in context.root(.productionModels)["production_models"].elements {
      guard let hydro = context.registry(.hydro).index[node["hydro_id"].int] else { continue }
      for (stage, value) in study.stages.enumerated() {
        let selected =
          node["selection_mode"].text == "seasonal"
          ? seasonal(node, value, own[hydro]) : ranged(node, value, own[hydro])
        if let selected { study.productionModels[stage * own.count + hydro] = selected }
      }
    }
  }

  private func ranged(_ node: Node, _ stage: Stage, _ own: ProductionModel) -> ProductionModel? {
    let match = node["stage_ranges"].elements.first {
      $0["start_stage_id"].int <= stage.id && stage.id <= $0["end_stage_id"].optionalInt ?? .max
    }
    return match.map { model($0, own) }
  }

  private func seasonal(_ node: Node, _ stage: Stage, _ own: ProductionModel) -> ProductionModel? {
    if let season = stage.seasonID,
      let match = node["seasons"].elements.first(where: { $0["season_id"].int == season })
    {
      return model(match, own)
    }
    let kind: ProductionModel.Kind = node["default_model"].choice(own.kind)
    return ProductionModel(
      kind: kind, productivity: kind == .fpha ? 0 : own.productivity, fpha: kind == .fpha ? .precomputed : nil)
  }

  private func model(_ node: Node, _ own: ProductionModel) -> ProductionModel {
    let kind: ProductionModel.Kind = node["model"].choice(own.kind)
    return ProductionModel(
      kind: kind,
      productivity: kind == .fpha ? 0 : node["productivity_override"].optionalNumber ?? own.productivity,
      fpha: kind == .fpha ? settings(node["fpha_config"]) : nil)
  }

  private func settings(_ node: Node) -> FPHASettings {
    guard node.exists else { return .precomputed }
    let window = node["fitting_window"]
    func end(_ side: String) -> FPHASettings.WindowEnd {
      if let volume = window["volume_\(side)_hm3"].optionalNumber { return .volume(volume) }
      if let share = window["volume_\(side)_percentile"].optionalNumber { return .share(share) }
      return .table
    }
    return FPHASettings(
      source: node["source"].choice(.precomputed), volumePoints: node["volume_discretization_points"].int,
      turbinePoints: node["turbine_discretization_points"].int,
      spillagePoints: node["spillage_discretization_points"].int, maxPlanes: node["max_planes_per_hydro"].int,
      windowStart: end("min"), windowEnd: end("max"))
  }

  func fillFactors(_ study: inout StudyCase) {
    fillFactors(
      &study, loads: context.root(.loadFactors)["load_factors"],
      sources: context.root(.nonControllableFactors)["non_controllable_factors"])
    let exchange = context.root(.exchangeFactors)["exchange_factors"]
    fill(&study.directExchangeFactors, exchange, "line_id", .line, "direct_factor")
    fill(&study.reverseExchangeFactors, exchange, "line_id", .line, "reverse_factor")
  }
}
