extension NovomodeloBuilder {
  /// What `hydro_production_models.json` says of a plant and stage.
  struct ProductionEntry {
    var kind: ProductionModel.Kind
    /// MW/(m³/s), or nil if the entry gives none.
    var productivity: Double?
    /// Where planes come from, and how they are fitted (nil = given planes).
    var fpha: FPHASettings?
    var referenceVolume: ReferenceVolume?
    /// Its path in the file.
    var path: String
  }

  func fillProduction(_ study: inout StudyCase) {
    let hydros = study.hydros.count
    let equivalent = equivalentProductivities(study)
    study.productionModels.reserveCapacity(hydros * study.stages.count)
    let entries = productionEntries(study)
    for stage in study.stages.indices {
      for hydro in study.hydros.indices {
        let plant = study.hydros[hydro]
        let entry = entries[stage * hydros + hydro]
        // Stages that no range covers have a constant productivity, also in plants that are declared with planes.
        let kind = entry?.kind ?? .constantProductivity
        let fromTable = equivalent[stage * hydros + hydro]
        // In a plant that is declared with planes the table wins over the entry.
        let productivity =
          plant.ownModel == .fpha ? fromTable ?? entry?.productivity : entry?.productivity ?? fromTable
        study.productionModels.append(
          ProductionModel(
            kind: kind, productivity: kind == .fpha ? 0 : productivity ?? 0,
            fpha: kind == .fpha ? entry?.fpha ?? .precomputed : nil, referenceVolume: entry?.referenceVolume))
      }
    }
  }

  /// The entry in force of each stage and plant, `[stage * hydros + hydro]`.
  func productionEntries(_ study: StudyCase) -> [ProductionEntry?] {
    let hydros = study.hydros.count
    var result = [ProductionEntry?](repeating: nil, count: hydros * study.stages.count)
    for (position, node) in context.root(.productionModels)["production_models"].elements.enumerated() {
      guard let hydro = context.registry(.hydro).index[node["hydro_id"].int] else { continue }
      let path = "production_models[\(position)]"
      let find =
        node["selection_mode"].text == "seasonal" ? seasonal(node, path) : ranged(node, path, study.stages.count)
      for stage in study.stages.indices { result[stage * hydros + hydro] = find(stage, study.stages[stage].seasonID) }
    }
    return result
  }

  /// Finds the entry of a stage, given its position and its season.
  private typealias EntryOfStage = (Int, Int?) -> ProductionEntry?

  private func ranged(_ node: Node, _ path: String, _ stages: Int) -> EntryOfStage {
    var entries = [ProductionEntry?](repeating: nil, count: stages)
    for (position, range) in node["stage_ranges"].elements.enumerated() {
      let first = range["start_stage_id"].int
      let last = range["end_stage_id"].optionalInt ?? .max
      let entry = entry(range, "\(path).stage_ranges[\(position)]")
      // If ranges overlap, the first one counts.
      for stage in entries.indices where entries[stage] == nil {
        if first <= context.stages.ids[stage], context.stages.ids[stage] <= last { entries[stage] = entry }
      }
    }
    return { stage, _ in entries[stage] }
  }

  private func seasonal(_ node: Node, _ path: String) -> EntryOfStage {
    var entries: [Int: ProductionEntry] = [:]
    for (position, season) in node["seasons"].elements.enumerated() {
      entries[season["season_id"].int] = entry(season, "\(path).seasons[\(position)]")
    }
    let other = ProductionEntry(
      kind: node["default_model"].choice(.constantProductivity), path: "\(path).default_model")
    return { _, season in season.flatMap { entries[$0] } ?? other }
  }

  private func entry(_ node: Node, _ path: String) -> ProductionEntry {
    let reference = node["reference_volume"]
    return ProductionEntry(
      kind: node["model"].choice(.constantProductivity), productivity: node["productivity_mw_per_m3s"].optionalNumber,
      fpha: node["fpha_config"].exists ? settings(node["fpha_config"]) : nil,
      referenceVolume: reference["volume_hm3"].optionalNumber.map { .volume($0) }
        ?? reference["percentile"].optionalNumber.map { .share($0) },
      path: path)
  }

  private func settings(_ node: Node) -> FPHASettings {
    let window = node["fitting_window"]
    func end(_ side: String) -> FPHASettings.WindowEnd {
      window["volume_\(side)_hm3"].optionalNumber.map { .volume($0) }
        ?? window["volume_\(side)_percentile"].optionalNumber.map { .share($0) } ?? .table
    }
    return FPHASettings(
      source: node["source"].choice(.precomputed), volumePoints: node["volume_discretization_points"].optionalInt ?? 5,
      turbinePoints: node["turbine_discretization_points"].optionalInt ?? 5,
      spillagePoints: node["spillage_discretization_points"].optionalInt ?? 5,
      maxPlanes: node["max_planes_per_hydro"].optionalInt ?? 10, windowStart: end("min"), windowEnd: end("max"),
      turbinedFitMax: node["turbined_fit_max_m3s"].optionalNumber,
      spillageFitMax: node["spillage_fit_max_m3s"].optionalNumber)
  }

  /// Productivities that the table gives, `[stage * hydros + hydro]`: the row of the stage, else the row for all
  /// stages.
  func equivalentProductivities(_ study: StudyCase) -> [Double?] {
    productivityColumn("equivalent_productivity_mw_per_m3s", study)
  }

  /// One column of `hydro_energy_productivity` by stage and plant, or nil if it gives nothing.
  func productivityColumn(_ name: String, _ study: StudyCase) -> [Double?] {
    let hydros = study.hydros.count
    var result = [Double?](repeating: nil, count: hydros * study.stages.count)
    guard let table = context.table(.energyProductivity) else { return result }
    let (ids, stages) = (table.integers("hydro_id"), table.integers("stage_id"))
    let values = NumberColumn(table, name)
    let registry = context.registry(.hydro)
    for isSingle in [false, true] {
      for row in 0..<table.rowCount {
        let id = stages.isEmpty ? Table.none : stages[row]
        guard (id != Table.none) == isSingle, let hydro = registry.index[ids[row]], let value = values[row] else {
          continue
        }
        let chosen = isSingle ? context.stages.index[id].map { $0..<($0 + 1) } ?? 0..<0 : study.stages.indices
        for stage in chosen { result[stage * hydros + hydro] = value }
      }
    }
    return result
  }
}
