internal import CobreBase

extension NovomodeloSchemaChecks {
  mutating func checkProductionModels() {
    for (path, model) in documents.elements(.productionModels, "production_models") {
      let entity = Finding.Entity(.hydro, id: model["hydro_id"]?.int)
      for key in ["stage_ranges", "seasons"] {
        for (index, entry) in (model[key]?.array ?? []).enumerated() {
          check(entry, "\(path).\(key)[\(index)]", entity)
        }
      }
    }
  }

  private mutating func check(_ entry: JSONValue, _ path: String, _ entity: Finding.Entity) {
    if let start = entry["start_stage_id"]?.int, let end = entry["end_stage_id"]?.int, end < start {
      report(
        215, .productionModels, "\(path).end_stage_id", entity: entity, value: String(end),
        "The range ends before it starts.", "Give end_stage_id ≥ start_stage_id.")
    }
    if let window = entry["fpha_config"]?["fitting_window"] {
      for side in ["min", "max"]
      where window["volume_\(side)_hm3"]?.number != nil && window["volume_\(side)_percentile"]?.number != nil {
        report(
          215, .productionModels, "\(path).fpha_config.fitting_window", entity: entity,
          "The window gives its \(side == "min" ? "lower" : "upper") end twice, as volume and as share.",
          "Keep one of the two.")
      }
    }
    if let reference = entry["reference_volume"], reference.object != nil {
      let given = ["volume_hm3", "percentile"].filter { reference[$0]?.number != nil }
      if given.count != 1 {
        report(
          215, .productionModels, "\(path).reference_volume", entity: entity,
          given.isEmpty ? "The reference volume gives no value." : "The reference volume is given twice.",
          "Give volume_hm3 or percentile.")
      }
    }
  }
}
