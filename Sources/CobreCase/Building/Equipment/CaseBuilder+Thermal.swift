extension CaseBuilder {
  func buildThermals() -> [Thermal] {
    context.registry(.thermal).nodes.map {
      Thermal(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        commitmentLag: $0["gnl_config"]["lag_stages"].optionalInt)
    }
  }

  /// Limits by stage: those of the entity, then what its table says.
  func fillThermalLimits(_ study: inout StudyCase) {
    study.thermalLimits = repeated(context.registry(.thermal).nodes.map(ThermalLimits.init(thermal:)), study)
    apply(
      .thermalBounds, "thermal_id", .thermal, &study, \.thermalLimits,
      [("min_generation_mw", \.minGeneration), ("max_generation_mw", \.maxGeneration), ("cost_per_mwh", \.cost)])
  }
}
