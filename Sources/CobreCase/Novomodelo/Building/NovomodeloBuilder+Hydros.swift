extension NovomodeloBuilder {
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
      Diversion(downstream: $0, maxFlow: node["diversion"]["max_flow_m3s"].optionalNumber ?? .infinity)
    }
    let filling: Filling? = node["filling"]["start_stage_id"].optionalInt.map {
      var filling = Filling(
        startStage: context.firstStage(from: $0), inflow: node["filling"]["filling_min_rate_m3s"].number)
      filling.rule = .schedule
      return filling
    }
    // The channel of a plant that is filled stays shut, even in service.
    let limits = HydroLimits(
      plant: node, maxDiversion: filling == nil ? diversion?.maxFlow ?? 0 : 0, fillingInflow: filling?.inflow ?? 0)
    let groups = node["unit_groups"].elements.map(buildGroup)
    let service = context.service(node)
    // Without an entry, a reservoir in service starts at the minimum that the plant declares, others are empty.
    let least = filling == nil && service.contains(0) ? limits.minStorage : 0
    var hydro = Hydro(
      id: node["id"].int, name: node["name"].text, service: service, bus: groups.first?.bus ?? 0,
      downstream: node["downstream_id"].optionalInt.flatMap { registry.index[$0] }, upstream: [], divertedFrom: [],
      limits: limits, ownModel: node["generation"]["model"].choice(.constantProductivity), ownProductivity: 0,
      tailrace: Tailrace(node["tailrace"]), hydraulicLosses: HydraulicLosses(node["hydraulic_losses"]),
      efficiency: node["efficiency"]["value"].optionalNumber,
      evaporation: Evaporation(node["evaporation"]), diversion: diversion, filling: filling, geometry: geometry,
      initialStorage: volume ?? least)
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
}
