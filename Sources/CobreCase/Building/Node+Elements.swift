internal import CobreBase

/// Parts of elements out of the objects that both formats write alike.

extension Tailrace {
  init?(_ node: Node) {
    guard node.exists else { return nil }
    if node["type"].text == "polynomial" {
      self = .polynomial(node["coefficients"].numbers)
    } else {
      self = .piecewise(
        node["points"].elements.map { TailracePoint(outflow: $0["outflow_m3s"].number, height: $0["height_m"].number) })
    }
  }
}

extension HydraulicLosses {
  init?(_ node: Node) {
    guard node.exists else { return nil }
    self = node["type"].text == "factor" ? .factor(node["value"].number) : .constant(node["value_m"].number)
  }
}

extension Evaporation {
  init?(_ node: Node) {
    guard node.exists else { return nil }
    let volumes = node["reference_volumes_hm3"]
    self.init(
      coefficients: node["coefficients_mm"].numbers, referenceVolumes: volumes.exists ? volumes.numbers : nil)
  }
}

extension HydroLimits {
  /// The limits that a plant declares, in every stage.
  init(plant node: Node, maxDiversion: Double, fillingInflow: Double) {
    let generation = node["generation"]
    self.init(
      minStorage: node["reservoir"]["min_storage_hm3"].number, maxStorage: node["reservoir"]["max_storage_hm3"].number,
      minTurbined: generation["min_turbined_m3s"].number, maxTurbined: generation["max_turbined_m3s"].number,
      minOutflow: node["outflow"]["min_outflow_m3s"].number,
      maxOutflow: node["outflow"]["max_outflow_m3s"].optionalNumber,
      minGeneration: generation["min_generation_mw"].number, maxGeneration: generation["max_generation_mw"].number,
      maxDiversion: maxDiversion, fillingInflow: fillingInflow, withdrawal: 0)
  }
}

extension [Hydro] {
  /// The plants with the lists of those above them.
  var linked: [Hydro] {
    var hydros = self
    for index in hydros.indices {
      if let downstream = hydros[index].downstream { hydros[downstream].upstream.append(index) }
      if let target = hydros[index].diversion?.downstream { hydros[target].divertedFrom.append(index) }
    }
    return hydros
  }
}

extension ThermalLimits {
  init(thermal node: Node) {
    self.init(
      minGeneration: node["generation"]["min_mw"].number, maxGeneration: node["generation"]["max_mw"].number,
      cost: node["cost_per_mwh"].number)
  }
}

extension LineLimits {
  init(line node: Node) {
    self.init(direct: node["capacity"]["direct_mw"].number, reverse: node["capacity"]["reverse_mw"].number)
  }
}

extension PumpLimits {
  init(station node: Node) {
    self.init(minFlow: node["flow"]["min_m3s"].number, maxFlow: node["flow"]["max_m3s"].number)
  }
}

extension ContractLimits {
  init(contract node: Node) {
    self.init(
      minPower: node["limits"]["min_mw"].number, maxPower: node["limits"]["max_mw"].number,
      price: node["price_per_mwh"].number)
  }
}

extension Block {
  /// The blocks of a stage, by id.
  static func list(stage node: Node) -> [Block] {
    node["blocks"].elements
      .map { Block(id: $0["id"].int, name: $0["name"].text, hours: $0["hours"].number) }
      .sorted { $0.id < $1.id }
  }
}

extension PreStudyStage {
  /// The declared ones of `stages.json`, by id.
  static func list(_ stages: Node) -> [PreStudyStage] {
    stages["pre_study_stages"].elements.map {
      PreStudyStage(
        id: $0["id"].int, start: $0["start_date"].date, end: $0["end_date"].date,
        seasonID: $0["season_id"].optionalInt)
    }.sorted { $0.id < $1.id }
  }
}

extension SeasonDefinitions {
  /// Those of `stages.json`, or nil if it has none.
  init?(_ stages: Node) {
    let node = stages["season_definitions"]
    guard node.exists else { return nil }
    let seasons = node["seasons"].elements.map {
      Season(
        id: $0["id"].int, label: $0["label"].text, monthStart: $0["month_start"].int, dayStart: $0["day_start"].int,
        monthEnd: $0["month_end"].optionalInt ?? $0["month_start"].int, dayEnd: $0["day_end"].int)
    }
    self.init(cycle: node["cycle_type"].choice(.monthly), seasons: seasons.sorted { $0.id < $1.id })
  }
}

extension ScenarioSource {
  init(_ node: Node) {
    let years = node["historical_years"]
    self.init(
      seed: node["seed"].optionalInt.map(Int64.init), inflow: node["inflow"]["scheme"].choice(.inSample),
      load: node["load"]["scheme"].choice(.inSample), ncs: node["ncs"]["scheme"].choice(.inSample),
      historicalYears: years["from"].optionalInt.map { .range(from: $0, to: years["to"].int) }
        ?? years.value?.array.map { .list($0.compactMap(\.int)) } ?? .all)
  }
}

extension EstimationSettings {
  init(_ node: Node) {
    self.init(
      maxOrder: node["max_order"].int, orderSelection: node["order_selection"].choice(.pacf),
      minObservationsPerSeason: node["min_observations_per_season"].int,
      maxCoefficientMagnitude: node["max_coefficient_magnitude"].optionalNumber)
  }
}
