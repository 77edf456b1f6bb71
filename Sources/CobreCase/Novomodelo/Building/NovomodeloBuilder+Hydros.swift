extension NovomodeloBuilder {
  func buildHydros() -> [Hydro] {
    let registry = context.registry(.hydro)
    let volumes = startVolumes()
    let geometry = buildGeometry()
    var hydros = registry.nodes.enumerated().map { index, node in
      buildHydro(node, index, registry, volume: volumes[node["id"].int], geometry: geometry[index] ?? [])
    }
    for index in hydros.indices {
      if let downstream = hydros[index].downstream { hydros[downstream].upstream.append(index) }
      if let target = hydros[index].diversion?.downstream { hydros[target].divertedFrom.append(index) }
    }
    return hydros
  }

  private func buildHydro(
    _ node: Node, _ index: Int, _ registry: Registry, volume: Double?, geometry: [GeometryPoint]
  ) -> Hydro {
    let diversion: Diversion? = registry.index[node["diversion"]["downstream_id"].optionalInt ?? .min].map {
      Diversion(downstream: $0, maxFlow: node["diversion"]["max_flow_m3s"].optionalNumber ?? .infinity)
    }
    let filling: Filling? = node["filling"]["start_stage_id"].optionalInt.map {
      var filling = Filling(
        startStage: context.firstStage(from: $0), inflow: node["filling"]["filling_min_rate_m3s"].number)
      filling.rule = .schedule
      return filling
    }
    let generation = node["generation"]
    let limits = HydroLimits(
      minStorage: node["reservoir"]["min_storage_hm3"].number, maxStorage: node["reservoir"]["max_storage_hm3"].number,
      minTurbined: generation["min_turbined_m3s"].number, maxTurbined: generation["max_turbined_m3s"].number,
      minOutflow: node["outflow"]["min_outflow_m3s"].number,
      maxOutflow: node["outflow"]["max_outflow_m3s"].optionalNumber,
      minGeneration: generation["min_generation_mw"].number, maxGeneration: generation["max_generation_mw"].number,
      // The channel of a plant that is filled stays shut, even in service.
      maxDiversion: filling == nil ? diversion?.maxFlow ?? 0 : 0, fillingInflow: filling?.inflow ?? 0, withdrawal: 0)
    let groups = node["unit_groups"].elements.map(buildGroup)
    let service = context.service(node)
    // Without an entry, a reservoir in service starts at the minimum that the plant declares, others are empty.
    let least = filling == nil && service.contains(0) ? limits.minStorage : 0
    var hydro = Hydro(
      id: node["id"].int, name: node["name"].text, service: service, bus: groups.first?.bus ?? 0,
      downstream: node["downstream_id"].optionalInt.flatMap { registry.index[$0] }, upstream: [], divertedFrom: [],
      limits: limits, ownModel: generation["model"].choice(.constantProductivity), ownProductivity: 0,
      tailrace: tailrace(node["tailrace"]), hydraulicLosses: losses(node["hydraulic_losses"]),
      efficiency: node["efficiency"]["value"].optionalNumber,
      evaporation: node["evaporation"].exists
        ? Evaporation(
          coefficients: node["evaporation"]["coefficients_mm"].numbers,
          referenceVolumes: node["evaporation"]["reference_volumes_hm3"].exists
            ? node["evaporation"]["reference_volumes_hm3"].numbers : nil) : nil,
      diversion: diversion, filling: filling, geometry: geometry, initialStorage: volume ?? least)
    hydro.groups = groups
    if let hours = node["travel_time_hours"].optionalNumber, hours > 0 { hydro.travelTime = hours }
    return hydro
  }

  private func buildGroup(_ node: Node) -> UnitGroup {
    UnitGroup(
      id: node["id"].int, name: node["name"].text, bus: context.bus(node["bus_id"].int),
      limits: UnitGroupLimits(
        minTurbined: node["min_turbined_m3s"].number, maxTurbined: node["max_turbined_m3s"].number,
        minGeneration: node["min_generation_mw"].number, maxGeneration: node["max_generation_mw"].number))
  }

  private func tailrace(_ node: Node) -> Tailrace? {
    guard node.exists else { return nil }
    if node["type"].text == "polynomial" { return .polynomial(node["coefficients"].numbers) }
    return .piecewise(
      node["points"].elements.map {
        TailracePoint(outflow: $0["outflow_m3s"].number, height: $0["height_m"].number)
      })
  }

  private func losses(_ node: Node) -> HydraulicLosses? {
    guard node.exists else { return nil }
    return node["type"].text == "factor" ? .factor(node["value"].number) : .constant(node["value_m"].number)
  }

  private func startVolumes() -> [Int: Double] {
    let root = context.root(.initialConditions)
    let entries = root["storage"].elements + root["filling_storage"].elements
    return Dictionary(entries.map { ($0["hydro_id"].int, $0["value_hm3"].number) }) { first, _ in first }
  }

  private func buildGeometry() -> [Int: [GeometryPoint]] {
    guard let table = context.table(.hydroGeometry) else { return [:] }
    let registry = context.registry(.hydro)
    let ids = table.integers("hydro_id")
    let (volumes, heights) = (table.numbers("volume_hm3"), table.numbers("height_m"))
    let areas = table.numbers("area_km2")
    var result: [Int: [GeometryPoint]] = [:]
    for row in 0..<table.rowCount {
      guard let hydro = registry.index[ids[row]] else { continue }
      result[hydro, default: []].append(GeometryPoint(volume: volumes[row], height: heights[row], area: areas[row]))
    }
    return result.mapValues { $0.sorted { $0.volume < $1.volume } }
  }

  func buildPlanes() -> [FPHAPlane] {
    guard let table = context.table(.fphaHyperplanes) else { return [] }
    let registry = context.registry(.hydro)
    let (ids, stages, planes) = (
      table.integers("hydro_id"), table.integers("stage_id"), table.integers("plane_id")
    )
    let gammas = ["gamma_0", "gamma_v", "gamma_q", "gamma_s"].map(table.numbers)
    let kappa = NumberColumn(table, "kappa")
    var result: [FPHAPlane] = []
    for row in 0..<table.rowCount {
      guard let hydro = registry.index[ids[row]] else { continue }
      let stageID = stages.isEmpty ? Table.none : stages[row]
      let stage = context.stages.index[stageID]
      guard stageID == Table.none || stage != nil else { continue }
      result.append(
        FPHAPlane(
          hydro: hydro, stage: stage, id: planes[row], gamma0: gammas[0][row], gammaVolume: gammas[1][row],
          gammaTurbined: gammas[2][row], gammaSpilled: gammas[3][row], kappa: kappa[row] ?? 1))
    }
    return result.sorted { ($0.hydro, $0.stage ?? -1, $0.id) < ($1.hydro, $1.stage ?? -1, $1.id) }
  }
}
