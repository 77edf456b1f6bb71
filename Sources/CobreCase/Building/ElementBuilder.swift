internal import CobreBase

/// What the builders of both formats do alike, because the formats write it alike.
///
/// Each is given the part of the documents that it reads, since only the formats know where that is.
protocol ElementBuilder {
  associatedtype Context: ReferenceScope
  var context: Context { get }
}

extension ElementBuilder {
  /// A table with one value per stage and entity, all stages starting from the entity's own value.
  func repeated<Value>(_ values: [Value], _ study: StudyCase) -> [Value] {
    var result: [Value] = []
    result.reserveCapacity(values.count * study.stages.count)
    for _ in study.stages { result.append(contentsOf: values) }
    return result
  }

  func buildBuses() -> [Bus] {
    context.registry(.bus).nodes.map { Bus(id: $0["id"].int, name: $0["name"].text) }
  }

  /// Segments of each bus, its own or those of `penalties.json`.
  func deficitSegments(_ penalties: Node) -> [[DeficitSegment]] {
    let global = penalties["bus"]["deficit_segments"]
    return context.registry(.bus).nodes.map { bus in
      let own = bus["deficit_segments"]
      return (own.exists ? own : global).elements.map {
        DeficitSegment(depth: $0["depth_mw"].optionalNumber, cost: $0["cost"].number)
      }
    }
  }

  /// Volumes of `initial_conditions.json` by id of the plant.
  func startVolumes(_ root: Node) -> [Int: Double] {
    let entries = root["storage"].elements + root["filling_storage"].elements
    return Dictionary(entries.map { ($0["hydro_id"].int, $0["value_hm3"].number) }) { first, _ in first }
  }

  /// Points of each plant by volume.
  func geometry(_ table: Table?) -> [Int: [GeometryPoint]] {
    guard let table else { return [:] }
    let registry = context.registry(.hydro)
    let ids = table.integers("hydro_id")
    let (volumes, heights) = (table.numbers("volume_hm3"), table.numbers("height_m"))
    let areas = table.numbers("area_km2")
    var points: [Int: [GeometryPoint]] = [:]
    for row in 0..<table.rowCount {
      guard let hydro = registry.index[ids[row]] else { continue }
      points[hydro, default: []].append(GeometryPoint(volume: volumes[row], height: heights[row], area: areas[row]))
    }
    return points.mapValues { $0.sorted { $0.volume < $1.volume } }
  }

  /// Given planes, sorted by plant, stage (those for every stage first), plane id.
  func planes(_ table: Table?) -> [FPHAPlane] {
    guard let table else { return [] }
    let registry = context.registry(.hydro)
    let ids = table.integers("hydro_id")
    let (stages, planes) = (table.integers("stage_id"), table.integers("plane_id"))
    let gammas = ["gamma_0", "gamma_v", "gamma_q", "gamma_s"].map(table.numbers)
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

  /// The profiles of `correlation.json`, or nil without the file.
  func correlation(_ root: Node) -> Correlation? {
    guard let profiles = root["profiles"].value?.object else { return nil }
    let names = profiles.keys.sorted()
    let built = names.map { name in
      CorrelationProfile(
        name: name, groups: Node(profiles[name])["correlation_groups"].elements.map(correlationGroup))
    }
    let usual = names.firstIndex(of: "default") ?? 0
    var profileOfStage = [Int](repeating: usual, count: context.stages.count)
    for entry in root["schedule"].elements {
      if let stage = context.stages.index[entry["stage_id"].int],
        let profile = names.firstIndex(of: entry["profile_name"].text)
      {
        profileOfStage[stage] = profile
      }
    }
    return Correlation(profiles: built, profileOfStage: profileOfStage)
  }

  private func correlationGroup(_ node: Node) -> CorrelationGroup {
    let entities = node["entities"].elements
    let noiseClass: NoiseClass = entities.first?["type"].choice(.inflow) ?? .inflow
    return CorrelationGroup(
      name: node["name"].text, noiseClass: noiseClass,
      entities: entities.compactMap { context.registry(noiseClass.registry).index[$0["id"].int] },
      matrix: node["matrix"].elements.flatMap(\.numbers))
  }

  /// Multipliers of loads, sources and lines: those of the lists, else 1.
  func fillFactors(_ study: inout StudyCase, loads: Node, sources: Node) {
    study.loadFactors = BlockFactors(entities: study.buses.count, stages: study.stages)
    study.sourceFactors = BlockFactors(entities: study.sources.count, stages: study.stages)
    study.directExchangeFactors = BlockFactors(entities: study.lines.count, stages: study.stages)
    study.reverseExchangeFactors = study.directExchangeFactors
    fill(&study.loadFactors, loads, "bus_id", .bus)
    fill(&study.sourceFactors, sources, "ncs_id", .nonControllableSource)
  }

  /// Sets the multipliers that a list of elements gives by stage and block.
  ///
  /// Blocks beyond the stage have been reported.
  func fill(_ factors: inout BlockFactors, _ list: Node, _ key: String, _ kind: EntityKind, _ value: String = "factor")
  {
    for node in list.elements {
      guard let entity = context.registry(kind).index[node[key].int],
        let stage = context.stages.index[node["stage_id"].int]
      else { continue }
      let blocks = context.stages.nodes[stage]["blocks"].elements.count
      for factor in node["block_factors"].elements where (0..<blocks).contains(factor["block_id"].int) {
        factors[stage, entity, factor["block_id"].int] = factor[value].number
      }
    }
  }
}

extension NoiseClass {
  /// The registry of the class's series.
  var registry: EntityKind {
    switch self {
    case .inflow: .hydro
    case .load: .bus
    case .ncs: .nonControllableSource
    }
  }
}
