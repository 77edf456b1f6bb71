package import CobreCase
internal import CobreEngine
internal import Foundation

/// All histories of openings of a case with given openings: a node per stage and history.
package struct ScenarioTree: Sendable {
  /// One history: the openings of stages 0…stage.
  package struct Node: Sendable {
    package let stage: Int
    package let opening: Int
    /// Index of the history without its last opening, or nil in stage 0.
    package let parent: Int?
    package var children: [Int] = []
    /// Probability of the opening in its stage, times the probability of the transition to the stage.
    package let probability: Double
    /// Probability of the history times the discount from stage 0.
    package let weight: Double
    /// m³/s per hydro.
    ///
    /// What falls on a plant that does not exist is not moved yet.
    package let inflows: [Double]
    /// MW per bus, before the block factor.
    package let loads: [Double]
    /// MW per source, before the block factor.
    package let availabilities: [Double]
  }

  /// Parents precede their children.
  package private(set) var nodes: [Node] = []

  /// What a tree cannot be built for.
  package struct Unsupported: Error { package let reason: String }

  package init(_ study: StudyCase) throws {
    guard study.inflowOpenings != nil || study.noiseOpenings != nil || ScenarioTree.isDeterministic(study) else {
      throw Unsupported(reason: "the openings would have to be drawn; give them as a table")
    }
    guard study.graph.kind == .finiteHorizon else { throw Unsupported(reason: "the horizon is infinite") }
    // Histories that end in the same stage, by stage. Transitions lead to later stages only.
    var histories = [[(parent: Int?, arc: Double)]](repeating: [], count: study.stages.count)
    histories[0] = [(nil, 1)]
    for stage in study.stages.indices {
      for history in histories[stage] {
        for opening in 0..<ScenarioTree.openings(study, stage) {
          let node = append(study, stage: stage, opening: opening, parent: history.parent, arc: history.arc)
          for transition in study.graph.transitions where transition.source == stage {
            histories[transition.target].append((node, transition.probability))
          }
        }
      }
    }
  }

  private mutating func append(
    _ study: StudyCase, stage: Int, opening: Int, parent: Int?, arc: Double
  ) -> Int {
    let probability = arc * ScenarioTree.probability(study, stage, opening)
    let before = parent.map { nodes[$0].weight * ScenarioTree.discount(study, stage: nodes[$0].stage) } ?? 1
    let index = nodes.count
    nodes.append(
      Node(
        stage: stage, opening: opening, parent: parent, probability: probability, weight: before * probability,
        inflows: study.hydros.indices.map { inflow(study, stage, opening, parent: parent, hydro: $0) },
        loads: study.buses.indices.map { ScenarioTree.load(study, stage, opening, bus: $0) },
        availabilities: study.sources.indices.map { ScenarioTree.availability(study, stage, opening, source: $0) }))
    if let parent { nodes[parent].children.append(index) }
    return index
  }

  /// Discount factor from a stage to the next: (1 + r)^(−days/365.25).
  static func discount(_ study: StudyCase, stage: Int) -> Double {
    let transition = study.graph.transitions.first { $0.source == stage }
    let rate = transition?.annualDiscountRate ?? study.graph.annualDiscountRate
    return pow(1 + rate, -Double(study.stages[stage].days) / 365.25)
  }

  private static func isDeterministic(_ study: StudyCase) -> Bool {
    study.inflowStatistics.allSatisfy { $0.deviation == 0 } && study.loadStatistics.allSatisfy { $0.deviation == 0 }
      && study.sourceStatistics.allSatisfy { ($0?.deviation ?? 0) == 0 }
  }

  private static func openings(_ study: StudyCase, _ stage: Int) -> Int {
    // Without noise all openings of a stage are the same one.
    (study.inflowOpenings ?? study.loadOpenings ?? study.noiseOpenings)?.count(stage) ?? 1
  }

  private static func probability(_ study: StudyCase, _ stage: Int, _ opening: Int) -> Double {
    (study.inflowOpenings ?? study.loadOpenings ?? study.noiseOpenings)?.probability(stage, opening) ?? 1
  }
}
