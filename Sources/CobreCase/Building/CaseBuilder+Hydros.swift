extension CaseBuilder {
  func buildHydros() -> [Hydro] {
    let registry = context.registry(.hydro)
    let volumes = startVolumes(context.root(.initialConditions))
    let geometry = geometry(context.table(.hydroGeometry))
    return registry.nodes.enumerated().map { index, node in
      buildHydro(node, index, registry, volume: volumes[node["id"].int], geometry: geometry[index] ?? [])
    }.linked
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
      plant: node, maxDiversion: diversion?.maxFlow ?? 0, fillingInflow: filling?.inflow ?? 0)
    return Hydro(
      id: node["id"].int, name: node["name"].text, service: service(node), bus: bus(node["bus_id"].int),
      downstream: node["downstream_id"].optionalInt.flatMap { registry.index[$0] }, upstream: [], divertedFrom: [],
      limits: limits, ownModel: generation["model"].choice(.constantProductivity),
      ownProductivity: generation["productivity_mw_per_m3s"].number, tailrace: Tailrace(node["tailrace"]),
      hydraulicLosses: HydraulicLosses(node["hydraulic_losses"]),
      efficiency: node["efficiency"]["value"].optionalNumber,
      evaporation: Evaporation(node["evaporation"]), diversion: diversion, filling: filling, geometry: geometry,
      initialStorage: volume ?? (limits.minStorage == limits.maxStorage ? limits.minStorage : 0))
  }
}
