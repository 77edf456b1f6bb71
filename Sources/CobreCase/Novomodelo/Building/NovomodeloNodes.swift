/// The policy nodes of a Novomodelo case, in the order in which they become stages: by time, then by id.
struct NovomodeloNodes {
  struct Entry {
    var id: Int
    /// Position of its stage.
    var stage: Int
    /// Column of the external tables whose values the node has.
    var scenario: Int?
    /// Path in the file.
    var path: String
  }

  let entries: [Entry]
  /// Arcs between entries, by source and then target.
  ///
  /// Arcs that name unknown nodes are left out.
  let arcs: [(source: Int, target: Int, probability: Double)]
  /// Classes whose values come from the external tables.
  let externalClasses: [NoiseClass]

  init(_ context: NovomodeloContext) {
    let graph = context.root(.stages)["policy_graph"]
    let entries = graph["nodes"].elements.enumerated().compactMap { position, node -> Entry? in
      guard let stage = context.stages.index[node["stage_id"].int] else { return nil }
      return Entry(
        id: node["id"].int, stage: stage, scenario: node["scenario_id"].optionalInt,
        path: "policy_graph.nodes[\(position)]")
    }.sorted { ($0.stage, $0.id) < ($1.stage, $1.id) }
    self.entries = entries
    let index = Dictionary(entries.enumerated().map { ($1.id, $0) }) { first, _ in first }
    arcs = graph["transitions"].elements.compactMap { arc -> (source: Int, target: Int, probability: Double)? in
      guard let source = index[arc["source_id"].int], let target = index[arc["target_id"].int] else { return nil }
      return (source, target, arc["probability"].number)
    }.sorted { ($0.source, $0.target) < ($1.source, $1.target) }
    let source = context.root(.config)["training"]["scenario_source"]
    externalClasses = NoiseClass.allCases.filter {
      source[$0.rawValue]["scheme"].text == ScenarioSource.Scheme.external.rawValue
        && context.registry($0.registry).count > 0
    }
  }

  /// Number of paths from the first stage to the last, 1 on a chain of stages.
  ///
  /// If paths are enumerated, nodes with several predecessors are refused, so each leaf has one path.
  var pathCount: Int {
    var isReached = entries.map { $0.stage == 0 }
    var isLeaf = isReached.map { _ in true }
    // Sources are in order of time.
    for arc in arcs where arc.probability > 0 && isReached[arc.source] {
      isReached[arc.target] = true
      isLeaf[arc.source] = false
    }
    return max(1, entries.indices.count { isReached[$0] && isLeaf[$0] })
  }
}

extension NovomodeloBuilder {
  /// The case with its policy nodes as stages, unchanged if it has no nodes.
  ///
  /// Siblings that name no scenario share the openings of their stage. A node that names one has its values with
  /// certainty: a mean without deviation or dependence on earlier inflows. This is equivalent, since a single path
  /// leads to the node.
  func expandingNodes(_ study: StudyCase) -> StudyCase {
    let nodes = NovomodeloNodes(context)
    guard !nodes.entries.isEmpty else { return study }
    var result = study.copyingStages(nodes.entries.map(\.stage))
    result.nodePositions = nodes.entries.map(\.stage)
    result.nodeIDs = nodes.entries.map(\.id)
    result.graph.transitions = transitions(nodes, rate: study.graph.annualDiscountRate)
    result.graph.lastRates = [:]
    for (place, node) in nodes.entries.enumerated() where node.stage == study.stages.count - 1 {
      result.graph.lastRates[place] = ownRate(of: node.stage)
    }
    for (stage, node) in nodes.entries.enumerated() {
      guard let scenario = node.scenario else { continue }
      pin(stage, to: scenario, nodes.externalClasses, &result)
    }
    guard nodes.entries.contains(where: { $0.scenario != nil }) else { return result }
    for noiseClass in nodes.externalClasses {
      switch noiseClass {
      case .inflow:
        result.externalInflows = nil
        result.configuration.training.scenarioSource.inflow = .inSample
        result.configuration.simulation.scenarioSource.inflow = .inSample
        result.inflowModelSource = .given
      case .load:
        result.externalLoads = nil
        result.configuration.training.scenarioSource.load = .inSample
        result.configuration.simulation.scenarioSource.load = .inSample
      case .ncs:
        result.externalAvailabilities = nil
        result.configuration.training.scenarioSource.ncs = .inSample
        result.configuration.simulation.scenarioSource.ncs = .inSample
      }
    }
    return result
  }

  /// Arcs whose probabilities sum to 1 for each source, with the discount rate of the stage that is left.
  private func transitions(_ nodes: NovomodeloNodes, rate: Double) -> [Transition] {
    var sums = [Double](repeating: 0, count: nodes.entries.count)
    for arc in nodes.arcs { sums[arc.source] += arc.probability }
    return nodes.arcs.map { arc in
      Transition(
        source: arc.source, target: arc.target,
        probability: sums[arc.source] > 0 ? arc.probability / sums[arc.source] : arc.probability,
        annualDiscountRate: ownRate(of: nodes.entries[arc.source].stage) ?? rate)
    }
  }

  private func pin(_ stage: Int, to scenario: Int, _ classes: [NoiseClass], _ study: inout StudyCase) {
    func values(_ table: ScenarioTable?, _ body: (Int, SeriesStatistics) -> Void) {
      guard let table, scenario < table.count(stage) else { return }
      for entity in 0..<table.entities {
        body(entity, SeriesStatistics(mean: table.value(stage, scenario, entity), deviation: 0))
      }
    }
    study.stages[stage].openings = 1
    for noiseClass in classes {
      switch noiseClass {
      case .inflow:
        values(study.externalInflows) { study.inflowStatistics[stage * study.hydros.count + $0] = $1 }
        study.autoregressiveCoefficients.removeAll { $0.stageID == stage }
        study.annualComponents.removeAll { $0.stageID == stage }
      case .load:
        values(study.externalLoads) { study.loadStatistics[stage * study.buses.count + $0] = $1 }
      case .ncs:
        values(study.externalAvailabilities) {
          study.sourceStatistics[stage * study.sources.count + $0] = $1
          study.sourceAvailabilities[stage * study.sources.count + $0] =
            study.sources[$0].maxGeneration * min(1, max(0, $1.mean))
        }
      }
    }
  }
}
