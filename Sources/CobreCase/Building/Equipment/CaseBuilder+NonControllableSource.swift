extension CaseBuilder {
  func buildSources() -> [NonControllableSource] {
    context.registry(.nonControllableSource).nodes.map {
      NonControllableSource(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        maxGeneration: $0["max_generation_mw"].number)
    }
  }

  /// Limits by stage: those of the entity, then what its table says.
  func fillSourceAvailabilities(_ study: inout StudyCase) {
    study.sourceAvailabilities = repeated(study.sources.map(\.maxGeneration), study)
    if let table = context.table(.ncsBounds) {
      let available = NumberColumn(table, "available_generation_mw")
      for (row, source, stage) in context.rows(table, "ncs_id", .nonControllableSource) {
        if let value = available[row] { study.sourceAvailabilities[stage * study.sources.count + source] = value }
      }
    }
  }
}
