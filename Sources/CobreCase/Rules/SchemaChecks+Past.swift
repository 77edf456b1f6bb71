internal import CobreBase

extension SchemaChecks {
  mutating func checkInitialConditions() {
    for (path, past) in elements(.initialConditions, "past_inflows") {
      guard let values = past["values_m3s"]?.array, let seasons = past["season_ids"]?.array else { continue }
      if values.count != seasons.count {
        collector.report(
          216, file: .initialConditions, at: "\(path).season_ids",
          entity: Finding.Entity(.hydro, id: past["hydro_id"]?.int), value: "\(seasons.count) seasons",
          "There are \(values.count) values but \(seasons.count) seasons.")
      }
    }
    checkObservations()
    checkVolumeLists()
  }

  private mutating func checkObservations() {
    var periods: [Int: [(path: String, start: CalendarDate, end: CalendarDate)]] = [:]
    for (path, observation) in elements(.initialConditions, "recent_observations") {
      let id = observation["hydro_id"]?.int
      checkOrder(.initialConditions, path, observation, Finding.Entity(.hydro, id: id))
      guard let id, let start = observation["start_date"]?.string.flatMap(CalendarDate.init(text:)),
        let end = observation["end_date"]?.string.flatMap(CalendarDate.init(text:)), start < end
      else { continue }
      periods[id, default: []].append((path, start, end))
    }
    for (id, list) in periods.sorted(by: { $0.key < $1.key }) {
      let sorted = list.sorted { $0.start < $1.start }
      for (earlier, later) in zip(sorted, sorted.dropFirst()) where later.start < earlier.end {
        collector.report(
          217, file: .initialConditions, at: later.path, entity: Finding.Entity(.hydro, id: id),
          value: later.start.description, "The period overlaps with that of \(earlier.path), which ends \(earlier.end)."
        )
      }
    }
  }

  private mutating func checkVolumeLists() {
    let operating = Set(elements(.initialConditions, "storage").compactMap { $0.value["hydro_id"]?.int })
    for (path, entry) in elements(.initialConditions, "filling_storage") {
      guard let id = entry["hydro_id"]?.int, operating.contains(id) else { continue }
      collector.report(
        207, file: .initialConditions, at: "\(path).hydro_id", entity: Finding.Entity(.hydro, id: id),
        value: String(id), "The plant stands in storage and in filling_storage.",
        suggestion: "Plants with filling belong in filling_storage, all others in storage.")
    }
  }

  mutating func checkProductionModels() {
    for (path, model) in elements(.productionModels, "production_models") {
      let entity = Finding.Entity(.hydro, id: model["hydro_id"]?.int)
      for list in ["stage_ranges", "seasons"] {
        for (index, entry) in (model[list]?.array ?? []).enumerated() {
          checkModel(entry, "\(path).\(list)[\(index)]", entity)
        }
      }
      var seen: Set<Int> = []
      for (index, entry) in (model["seasons"]?.array ?? []).enumerated() {
        guard let season = entry["season_id"]?.int, !seen.insert(season).inserted else { continue }
        collector.report(
          207, file: .productionModels, at: "\(path).seasons[\(index)].season_id", entity: entity,
          value: String(season), "Season \(season) stands twice in the list.")
      }
    }
  }

  private mutating func checkModel(_ entry: JSONValue, _ path: String, _ entity: Finding.Entity) {
    let file = CaseFileName.productionModels
    if entry["model"]?.string == "fpha", entry["productivity_override"]?.number != nil {
      collector.report(
        215, file: file, at: "\(path).productivity_override", entity: entity,
        "productivity_override is not allowed with model fpha.", suggestion: "Remove it.")
    }
    if let start = entry["start_stage_id"]?.int, let end = entry["end_stage_id"]?.int, start > end {
      collector.report(
        215, file: file, at: "\(path).end_stage_id", entity: entity, value: String(end),
        "The range ends (\(end)) before it starts (\(start)).", suggestion: "The end stage is included in the range.")
    }
    guard let window = entry["fpha_config"]?["fitting_window"] else { return }
    for side in ["min", "max"]
    where window["volume_\(side)_hm3"]?.number != nil && window["volume_\(side)_percentile"]?.number != nil {
      collector.report(
        215, file: file, at: "\(path).fpha_config.fitting_window", entity: entity,
        "The \(side)imum is given in hm³ and as a share.", suggestion: "Keep one of the two.")
    }
  }
}
