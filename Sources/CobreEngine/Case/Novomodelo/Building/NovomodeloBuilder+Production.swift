extension NovomodeloBuilder {
  /// What `hydro_production_models.json` says of a plant and stage.
  struct ProductionEntry {
    var kind: ProductionModel.Kind
    /// MW/(m³/s); nil where the entry gives none.
    var productivity: Double?
    /// The settings of the fit; null reads as given planes.
    var fit: Node
    var referenceVolume: Node
    /// Where it stands in the file.
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
        let kind = entry?.kind ?? plant.ownModel
        let fromTable = equivalent[stage * hydros + hydro]
        // In a plant that is declared with planes the table wins over the entry.
        let productivity =
          plant.ownModel == .fpha ? fromTable ?? entry?.productivity : entry?.productivity ?? fromTable
        study.productionModels.append(
          ProductionModel(
            kind: kind, productivity: kind == .fpha ? 0 : productivity ?? 0,
            fpha: kind == .fpha ? .precomputed : nil))
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
      for (stage, value) in study.stages.enumerated() {
        result[stage * hydros + hydro] =
          node["selection_mode"].text == "seasonal"
          ? seasonal(node, path, value) : ranged(node, path, context.stages.ids[stage])
      }
    }
    return result
  }

  private func ranged(_ node: Node, _ path: String, _ id: Int) -> ProductionEntry? {
    let ranges = node["stage_ranges"].elements
    let match = ranges.firstIndex {
      $0["start_stage_id"].int <= id && id <= $0["end_stage_id"].optionalInt ?? .max
    }
    return match.map { entry(ranges[$0], "\(path).stage_ranges[\($0)]") }
  }

  private func seasonal(_ node: Node, _ path: String, _ stage: Stage) -> ProductionEntry? {
    let seasons = node["seasons"].elements
    if let season = stage.seasonID, let match = seasons.firstIndex(where: { $0["season_id"].int == season }) {
      return entry(seasons[match], "\(path).seasons[\(match)]")
    }
    return ProductionEntry(
      kind: node["default_model"].choice(.constantProductivity), productivity: nil, fit: Node(nil),
      referenceVolume: Node(nil), path: "\(path).default_model")
  }

  private func entry(_ node: Node, _ path: String) -> ProductionEntry {
    ProductionEntry(
      kind: node["model"].choice(.constantProductivity), productivity: node["productivity_mw_per_m3s"].optionalNumber,
      fit: node["fpha_config"], referenceVolume: node["reference_volume"], path: path)
  }

  /// Productivities that the table gives, `[stage * hydros + hydro]`: the row of the stage, else that of all stages.
  func equivalentProductivities(_ study: StudyCase) -> [Double?] {
    productivityColumn("equivalent_productivity_mw_per_m3s", study)
  }

  /// One column of `hydro_energy_productivity` by stage and plant; nil where it gives nothing.
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
