extension CaseBuilder {
  func buildPumpingStations() -> [PumpingStation] {
    let hydros = context.registry(.hydro).index
    return context.registry(.pumpingStation).nodes.map {
      PumpingStation(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        sourceHydro: hydros[$0["source_hydro_id"].int] ?? 0,
        destinationHydro: hydros[$0["destination_hydro_id"].int] ?? 0,
        consumption: $0["consumption_mw_per_m3s"].number)
    }
  }

  /// Limits by stage: those of the entity, then what its table says.
  func fillPumpLimits(_ study: inout StudyCase) {
    study.pumpLimits = repeated(context.registry(.pumpingStation).nodes.map(PumpLimits.init(station:)), study)
    apply(
      .pumpingBounds, "station_id", .pumpingStation, &study, \.pumpLimits,
      [("min_m3s", \.minFlow), ("max_m3s", \.maxFlow)])
  }
}
