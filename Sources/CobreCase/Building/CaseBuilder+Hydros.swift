extension CaseBuilder {
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
      Diversion(downstream: $0, maxFlow: node["diversion"]["max_flow_m3s"].number)
    }
    let filling: Filling? = node["filling"]["start_stage_id"].optionalInt.map {
      Filling(startStage: $0, inflow: node["filling"]["filling_inflow_m3s"].number)
    }
    let generation = node["generation"]
    let limits = HydroLimits(
      minStorage: node["reservoir"]["min_storage_hm3"].number, maxStorage: node["reservoir"]["max_storage_hm3"].number,
      minTurbined: generation["min_turbined_m3s"].number, maxTurbined: generation["max_turbined_m3s"].number,
      minOutflow: node["outflow"]["min_outflow_m3s"].number,
      maxOutflow: node["outflow"]["max_outflow_m3s"].optionalNumber,
      minGeneration: generation["min_generation_mw"].number, maxGeneration: generation["max_generation_mw"].number,
      maxDiversion: diversion?.maxFlow ?? 0, fillingInflow: filling?.inflow ?? 0, withdrawal: 0)
    return Hydro(
      id: node["id"].int, name: node["name"].text, service: service(node), bus: bus(node["bus_id"].int),
      downstream: node["downstream_id"].optionalInt.flatMap { registry.index[$0] }, upstream: [], divertedFrom: [],
      limits: limits, ownModel: generation["model"].choice(.constantProductivity),
      ownProductivity: generation["productivity_mw_per_m3s"].number, tailrace: tailrace(node["tailrace"]),
      hydraulicLosses: losses(node["hydraulic_losses"]), efficiency: node["efficiency"]["value"].optionalNumber,
      evaporation: node["evaporation"].exists
        ? Evaporation(
          coefficients: node["evaporation"]["coefficients_mm"].numbers,
          referenceVolumes: node["evaporation"]["reference_volumes_hm3"].exists
            ? node["evaporation"]["reference_volumes_hm3"].numbers : nil) : nil,
      diversion: diversion, filling: filling, geometry: geometry,
      initialStorage: volume ?? (limits.minStorage == limits.maxStorage ? limits.minStorage : 0))
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
    let volumes = table.numbers("volume_hm3")
    let heights = table.numbers("height_m")
    let areas = table.numbers("area_km2")
    var points: [Int: [GeometryPoint]] = [:]
    for row in 0..<table.rowCount {
      guard let hydro = registry.index[ids[row]] else { continue }
      points[hydro, default: []].append(
        GeometryPoint(volume: volumes[row], height: heights[row], area: areas[row]))
    }
    return points.mapValues { $0.sorted { $0.volume < $1.volume } }
  }

  func buildPlanes() -> [FPHAPlane] {
    guard let table = context.table(.fphaHyperplanes) else { return [] }
    let registry = context.registry(.hydro)
    let ids = table.integers("hydro_id")
    let stages = table.integers("stage_id")
    let planes = table.integers("plane_id")
    let names = ["gamma_0", "gamma_v", "gamma_q", "gamma_s"]
    let gammas = names.map(table.numbers)
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
