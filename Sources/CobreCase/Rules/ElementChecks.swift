internal import CobreBase

/// Rules on elements that hold alike in both formats.
enum ElementChecks {
  /// Rule 501: water does not run in a circle.
  static func checkCascade(_ study: StudyCase, _ registry: Registry, _ collector: inout FindingCollector) {
    // 0 = not seen, 1 = on the way down from the current start, 2 = leads out of the system.
    var marks = [Int](repeating: 0, count: study.hydros.count)
    for start in study.hydros.indices where marks[start] == 0 {
      var way: [Int] = []
      var current: Int? = start
      while let hydro = current, marks[hydro] == 0 {
        marks[hydro] = 1
        way.append(hydro)
        current = study.hydros[hydro].downstream
      }
      if let hydro = current, marks[hydro] == 1, let entry = way.firstIndex(of: hydro) {
        let cycle = (way[entry...] + [hydro]).map { String(study.hydros[$0].id) }
        collector.report(
          501, file: registry.file, at: registry.path(hydro, "downstream_id"), entity: registry.entity(hydro),
          value: String(study.hydros[hydro].downstream.map { study.hydros[$0].id } ?? 0),
          "The cascade runs in a circle: \(cycle.prefix(20).joined(separator: " → ")).",
          suggestion: "Set downstream_id of the last plant to null.")
      }
      for hydro in way { marks[hydro] = 2 }
    }
  }

  /// Rule 503: elements enter before they leave.
  static func checkService(_ kinds: [EntityKind], _ scope: some ReferenceScope, _ collector: inout FindingCollector) {
    for kind in kinds {
      let registry = scope.registry(kind)
      for (index, node) in registry.nodes.enumerated() {
        guard let entry = node["entry_stage_id"].optionalInt, let exit = node["exit_stage_id"].optionalInt,
          entry >= exit
        else { continue }
        collector.report(
          503, file: registry.file, at: registry.path(index, "exit_stage_id"), entity: registry.entity(index),
          value: String(exit), "The element leaves (\(exit)) before it enters (\(entry)).",
          suggestion: "It is in service where entry ≤ stage < exit.")
      }
    }
  }

  /// Rule 505: deficits cost more from step to step, and the last step has no end.
  static func checkDeficitSegments(
    _ penalties: Node, file: String, _ buses: Registry, _ collector: inout FindingCollector
  ) {
    checkSegments(penalties["bus"]["deficit_segments"], file, "bus.deficit_segments", nil, &collector)
    for (index, node) in buses.nodes.enumerated() where node["deficit_segments"].exists {
      checkSegments(
        node["deficit_segments"], buses.file, buses.path(index, "deficit_segments"), buses.entity(index), &collector)
    }
  }

  private static func checkSegments(
    _ list: Node, _ file: String, _ path: String, _ entity: Finding.Entity?, _ collector: inout FindingCollector
  ) {
    let segments = list.elements
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      if segment["depth_mw"].exists == isLast {
        collector.report(
          505, file: file, at: "\(path)[\(index)].depth_mw", entity: entity,
          value: segment["depth_mw"].value?.text() ?? "null",
          isLast
            ? "The last segment must have no depth, so that every deficit has a price."
            : "Only the last segment may be without depth.",
          suggestion: isLast ? "Set depth_mw of the last segment to null." : "Give depth_mw in MW.")
      }
      if index > 0, segment["cost"].number <= segments[index - 1]["cost"].number {
        collector.report(
          505, file: file, at: "\(path)[\(index)].cost", entity: entity, value: segment["cost"].value?.text(),
          "The cost does not rise over the segment before.", suggestion: "Order the segments by rising cost.")
      }
    }
  }

  /// Rule 306: series and profiles that `correlation.json` names are there.
  static func checkCorrelation(
    _ root: Node, file: String, _ scope: some ReferenceScope, _ collector: inout FindingCollector
  ) {
    guard let profiles = root["profiles"].value?.object else { return }
    for (name, profile) in profiles.members {
      for (position, group) in Node(profile)["correlation_groups"].elements.enumerated() {
        for (index, entity) in group["entities"].elements.enumerated() {
          guard let noiseClass = NoiseClass(rawValue: entity["type"].text) else { continue }
          let registry = scope.registry(noiseClass.registry)
          guard registry.index[entity["id"].int] == nil else { continue }
          collector.report(
            306, file: file,
            at: "profiles.\(name.printable(limit: 40)).correlation_groups[\(position)].entities[\(index)].id",
            entity: registry.entity(id: entity["id"].int), value: String(entity["id"].int),
            "\(entity["id"].int) is the id of no \(registry.kind.words) in \(registry.file).")
        }
      }
    }
    for (index, entry) in root["schedule"].elements.enumerated() where !profiles.contains(entry["profile_name"].text) {
      let name = entry["profile_name"].text
      collector.report(
        306, file: file, at: "schedule[\(index)].profile_name", value: name, "There is no profile of this name.",
        suggestion: NearestName.nearest(to: name, among: profiles.keys).map { "Did you mean \"\($0)\"?" })
    }
  }

  /// A minimum and a maximum of one quantity (rule 502).
  struct LimitPair {
    var name: String
    var minimum: Double
    var maximum: Double
    /// Key of the minimum in the element.
    var key: String
    /// Column of the minimum in the table of limits.
    var column: String

    init(_ name: String, _ minimum: Double, _ maximum: Double, key: String = "", column: String = "") {
      self.name = name
      self.minimum = minimum
      self.maximum = maximum
      self.key = key
      self.column = column
    }

    /// Reports a minimum that an element declares above its maximum.
    func check(_ registry: Registry, _ index: Int, _ collector: inout FindingCollector) {
      guard minimum > maximum else { return }
      collector.report(
        502, file: registry.file, at: registry.path(index, key), entity: registry.entity(index),
        value: "\(minimum) > \(maximum)", "The minimum \(name) \(minimum) is above the maximum \(maximum).",
        suggestion: "Lower the minimum or raise the maximum.")
    }
  }

  /// The limits of a plant that both formats have.
  static func pairs(_ limits: HydroLimits) -> [LimitPair] {
    [
      LimitPair(
        "storage", limits.minStorage, limits.maxStorage, key: "reservoir.min_storage_hm3", column: "min_storage_hm3"),
      LimitPair(
        "turbined flow", limits.minTurbined, limits.maxTurbined, key: "generation.min_turbined_m3s",
        column: "min_turbined_m3s"),
      LimitPair(
        "outflow", limits.minOutflow, limits.maxOutflow ?? .infinity, key: "outflow.min_outflow_m3s",
        column: "min_outflow_m3s"),
      LimitPair(
        "generation", limits.minGeneration, limits.maxGeneration, key: "generation.min_generation_mw",
        column: "min_generation_mw"),
    ]
  }

  /// Rule 502 for what thermal plants, pumping stations and contracts declare.
  static func checkLimits(_ scope: some ReferenceScope, _ collector: inout FindingCollector) {
    let limits: [(kind: EntityKind, name: String, object: String, minimum: String, maximum: String)] = [
      (.thermal, "generation", "generation", "min_mw", "max_mw"),
      (.pumpingStation, "flow", "flow", "min_m3s", "max_m3s"),
      (.contract, "power", "limits", "min_mw", "max_mw"),
    ]
    for limit in limits {
      let registry = scope.registry(limit.kind)
      for (index, node) in registry.nodes.enumerated() {
        let object = node[limit.object]
        LimitPair(
          limit.name, object[limit.minimum].number, object[limit.maximum].number,
          key: "\(limit.object).\(limit.minimum)"
        ).check(registry, index, &collector)
      }
    }
  }
}
