extension NovomodeloMeaningChecks {
  /// Rules 112, 519, 612, and 640 to 642: policy nodes, and trajectories that are enumerated.
  mutating func checkNodes() {
    let nodes = NovomodeloNodes(context)
    let training = study.configuration.training.enumeratesPaths
    if training || study.configuration.simulation.enumeratesPaths {
      checkSingleOpenings(at: training ? "training.selection.method" : "simulation.selection.method")
      checkJoins(nodes)
    }
    guard !nodes.entries.isEmpty else { return checkEnds() }
    checkSize(nodes)
    checkPlaces(nodes)
    checkArcs(nodes)
    checkScenarios(nodes)
  }

  /// Without nodes arcs join stages.
  private mutating func checkEnds() {
    for (position, arc) in context.root(.stages)["policy_graph"]["transitions"].elements.enumerated() {
      for key in ["source_id", "target_id"] where !context.stages.ids.contains(arc[key].int) {
        report(
          640, .stages, "policy_graph.transitions[\(position)].\(key)", value: String(arc[key].int),
          "There is no stage with the id \(arc[key].int).", "Without nodes, arcs join stages.")
      }
    }
  }

  /// The resolved tables have a row for every node.
  private mutating func checkSize(_ nodes: NovomodeloNodes) {
    let blocks = nodes.entries.reduce(0) { $0 + study.stages[$1.stage].blocks.count }
    let elements = EntityKind.allCases.filter { $0 != .stage }.reduce(0) { $0 + context.registry($1).count }
    let (size, overflow) = blocks.multipliedReportingOverflow(by: elements)
    guard overflow || size > CaseReader.sizeLimit else { return }
    report(
      112, .stages, "policy_graph.nodes", value: "\(nodes.entries.count) nodes, \(elements) elements",
      "Blocks of all nodes times elements exceed the limit of \(CaseReader.sizeLimit).")
  }

  private mutating func checkPlaces(_ nodes: NovomodeloNodes) {
    for stage in study.stages.indices {
      let here = nodes.entries.filter { $0.stage == stage }
      if here.isEmpty {
        report(
          640, .stages, "policy_graph.nodes", entity: context.stages.entity(stage),
          "Stage \(context.stages.ids[stage]) has no node.", "Give every stage a node, or remove all nodes.")
      } else if stage == 0, here.count > 1 {
        report(
          640, .stages, here[1].path, entity: context.stages.entity(stage), value: String(here[1].id),
          "The first stage has \(here.count) nodes.", "Keep one, and let it branch into the next stage.")
      }
    }
  }

  private mutating func checkArcs(_ nodes: NovomodeloNodes) {
    let index = Dictionary(nodes.entries.enumerated().map { ($1.id, $0) }) { first, _ in first }
    for (position, arc) in context.root(.stages)["policy_graph"]["transitions"].elements.enumerated() {
      let place = "policy_graph.transitions[\(position)]"
      for key in ["source_id", "target_id"] where index[arc[key].int] == nil {
        report(
          640, .stages, "\(place).\(key)", value: String(arc[key].int), "There is no node with the id \(arc[key].int).",
          "With nodes, arcs join nodes, not stages.")
      }
      if arc["annual_discount_rate_override"].exists {
        report(
          640, .stages, "\(place).annual_discount_rate_override",
          value: String(arc["annual_discount_rate_override"].number), "An arc between nodes has no rate of its own.",
          "Set annual_discount_rate_override on the stage that is left.")
      }
      guard let source = index[arc["source_id"].int], let target = index[arc["target_id"].int],
        nodes.entries[target].stage != nodes.entries[source].stage + 1
      else { continue }
      report(
        640, .stages, place, value: "\(nodes.entries[source].id) → \(nodes.entries[target].id)",
        "The arc does not lead to the very next stage.", "Join nodes of one stage and the next.")
    }
    var sums = [Double](repeating: 0, count: nodes.entries.count)
    var isLeft = [Bool](repeating: false, count: nodes.entries.count)
    var isReached = nodes.entries.map { $0.stage == 0 }
    for arc in nodes.arcs {
      sums[arc.source] += arc.probability
      isLeft[arc.source] = true
      isReached[arc.target] = true
    }
    for (position, node) in nodes.entries.enumerated() {
      if isLeft[position], abs(sums[position] - 1) > 1e-6 {
        report(
          519, .stages, node.path, value: String(sums[position]),
          "The probabilities of what follows node \(node.id) sum to \(sums[position]).", "Let them sum to 1.")
      }
      if !isLeft[position], node.stage < study.stages.count - 1 {
        report(
          640, .stages, node.path, value: String(node.id),
          "Nothing follows node \(node.id), which is not at the last stage.",
          "Add an arc to a node of the next stage.")
      }
      if !isReached[position] {
        report(
          640, .stages, node.path, value: String(node.id), "No arc leads to node \(node.id).",
          "Add an arc to it, or remove it.")
      }
    }
  }

  /// Rules 612 and 641.
  private mutating func checkScenarios(_ nodes: NovomodeloNodes) {
    let isPinned = study.configuration.training.enumeratesPaths && !nodes.externalClasses.isEmpty
    let tables: [(NoiseClass, ScenarioTable?)] = [
      (.inflow, study.externalInflows), (.load, study.externalLoads), (.ncs, study.externalAvailabilities),
    ]
    for node in nodes.entries {
      guard let scenario = node.scenario else {
        if isPinned {
          report(
            641, .stages, node.path, value: String(node.id),
            "Node \(node.id) names no scenario, but classes are external.", "Give scenario_id.")
        }
        continue
      }
      if !isPinned {
        report(
          641, .stages, "\(node.path).scenario_id", value: String(scenario),
          "Node \(node.id) names a scenario, but "
            + (nodes.externalClasses.isEmpty ? "no class is external." : "trajectories are sampled."),
          "Remove scenario_id, or choose external classes and the method \"enumerated\".")
        continue
      }
      for (noiseClass, table) in tables where nodes.externalClasses.contains(noiseClass) {
        guard let table, scenario >= table.count(node.stage) else { continue }
        report(
          641, .stages, "\(node.path).scenario_id", value: String(scenario),
          "Stage \(context.stages.ids[node.stage]) has \(table.count(node.stage)) external scenarios of "
            + "\(noiseClass.rawValue).", "Name one that the table has; they count from 0.")
      }
    }
    guard isPinned else {
      if !nodes.externalClasses.isEmpty, !study.configuration.training.enumeratesPaths {
        report(
          641, .config, "training.selection.method", value: "sampled",
          "External scenarios do not go with policy nodes and sampled trajectories.",
          "Choose \"enumerated\" and give the nodes scenarios, or remove the nodes.")
      }
      for stage in study.stages.indices where !context.stages.nodes[stage]["num_openings"].exists {
        report(
          612, .stages, context.stages.path(stage, "num_openings"), entity: context.stages.entity(stage),
          "The openings of the stage are generated, so their number is needed.", "Give num_openings.")
      }
      return
    }
    for stage in study.stages.indices where context.stages.nodes[stage]["num_openings"].exists {
      report(
        612, .stages, context.stages.path(stage, "num_openings"), entity: context.stages.entity(stage),
        value: String(study.stages[stage].openings), "The nodes of the stage bring its openings from external tables.",
        "Remove num_openings.")
    }
    let layout: [(NoiseClass, Bool)] = [
      (.load, !study.noiseBuses.isEmpty), (.ncs, !study.noiseSources.isEmpty), (.inflow, !study.hydros.isEmpty),
    ]
    for (noiseClass, varies) in layout where varies && !nodes.externalClasses.contains(noiseClass) {
      report(
        641, .config, "training.scenario_source.\(noiseClass.rawValue).scheme",
        "Nodes take their values from external tables, but \(noiseClass.rawValue) draws openings of its own.",
        "Make the class external, too.")
    }
  }

  /// Rule 642.
  private mutating func checkSingleOpenings(at place: String) {
    for (stage, value) in study.stages.enumerated() where value.openings > 1 {
      report(
        642, .config, place, entity: context.stages.entity(stage), value: "enumerated",
        "Stage \(context.stages.ids[stage]) has \(value.openings) openings, but its paths are enumerated.",
        "Set num_openings to 1 and branch by nodes, or choose \"sampled\".")
    }
  }

  /// Rule 642: ways into a node from several others would make exponentially many paths.
  private mutating func checkJoins(_ nodes: NovomodeloNodes) {
    var ways = [Int](repeating: 0, count: nodes.entries.count)
    for arc in nodes.arcs { ways[arc.target] += 1 }
    for (position, node) in nodes.entries.enumerated() where ways[position] > 1 {
      report(
        642, .stages, node.path, value: String(node.id), "\(ways[position]) arcs lead to node \(node.id).",
        "Give each path a node of its own, or choose \"sampled\".")
    }
  }
}
