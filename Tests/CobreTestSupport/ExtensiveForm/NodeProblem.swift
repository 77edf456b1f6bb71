internal import CobreCase
internal import CobreEngine

/// Columns and rows of one node of the tree.
///
/// Dictionaries and arrays of arrays are good enough here: this is for a few hundred nodes and is meant to be read
/// together with the mathematical model, section 2.
struct NodeProblem {
  let study: StudyCase
  let node: ScenarioTree.Node
  let stage: Stage
  let t: Int

  /// Storage of every hydro at the start of the stage, as column or constant.
  let incoming: [LinearExpression]
  /// Storage of every hydro at the end of the stage.
  var outgoing: [LinearExpression]
  /// Costs in $ of the node alone, not weighted.
  var costs: [(column: Int, cost: Double)] = []

  /// Machines of each plant by bus.
  ///
  /// One entry for a plant without unit groups.
  var cells: [[NodeCell]] = []
  /// Past and present releases, by stage, hydro and block, in m³/s.
  var releases: [Int: [[LinearExpression]]]
  /// Decided deliveries of thermal plants, in MW, by plant and stage of delivery.
  var commitments: [[Int: LinearExpression]]

  // By entity and block.
  var turbined: [[LinearExpression]] = []
  var spilled: [[Int?]] = []
  var diverted: [[Int?]] = []
  /// Output in MW.
  var generation: [[LinearExpression]] = []
  var blockStorage: [[LinearExpression]] = []
  /// By hydro and block, or the same for all blocks of a stage.
  var evaporation: [[Int?]] = []
  var withdrawal: [LinearExpression] = []
  /// Columns of what the outflow lacks, by plant and block, `h · blocks + k`.
  var missingOutflow: [Int: Int] = [:]
  var virtualInflow: [Int?] = []
  var pumped: [[Int?]] = []
  var thermal: [[Int?]] = []
  var direct: [[Int?]] = []
  var reverse: [[Int?]] = []
  var losses: [[Int?]] = []
  var deficit: [[[Int]]] = []
  var excess: [[Int]] = []
  var contract: [[Int?]] = []
  var source: [[Int?]] = []
  /// Contents of batteries at the end of the stage, in MWh.
  var energy: [LinearExpression]
  var charge: [[Int?]] = []
  var discharge: [[Int?]] = []
  /// Columns of this stage's decisions, by thermal plant.
  var decisions: [[Int]] = []

  init(study: StudyCase, node: ScenarioTree.Node, parent: NodeProblem?) {
    self.study = study
    self.node = node
    t = node.stage
    stage = study.stages[node.stage]
    incoming = parent?.outgoing ?? study.hydros.map { LinearExpression(constant: $0.initialStorage) }
    outgoing = incoming
    energy = parent?.energy ?? study.batteries.map { LinearExpression(constant: $0.initialEnergy) }
    releases = parent?.releases ?? [:]
    commitments = parent?.commitments ?? NodeProblem.pastCommitments(study)
  }

  mutating func build(into program: inout SparseProgram) {
    addHydroColumns(&program)
    releases[t] = study.hydros.indices.map { h in
      blocks.map { k in
        var flow = turbined[h][k]
        if let spill = spilled[h][k] { flow.add(1, spill) }
        return flow
      }
    }
    addNetworkColumns(&program)
    addCommitments(&program)
    addBatteries(&program)
    addWaterBalances(&program)
    addOperatingRows(&program)
    addOperatingRules(&program)
    addProductionPlanes(&program)
    addLoadBalances(&program)
    addGenericConstraints(&program)
  }

  /// Adds a column whose cost counts in this node.
  mutating func column(
    _ program: inout SparseProgram, _ lower: Double = 0, _ upper: Double = .infinity, cost: Double = 0
  ) -> Int {
    let index = program.addColumn(lower, upper)
    if cost != 0 { costs.append((index, cost)) }
    return index
  }

  /// Hours of a block.
  func hours(_ k: Int) -> Double { stage.blocks[k].hours }

  /// hm³ of 1 m³/s during a block.
  func volume(_ k: Int) -> Double { 0.0036 * stage.blocks[k].hours }

  var blocks: Range<Int> { stage.blocks.indices }

  /// Hours of the stage.
  var stageHours: Double { stage.blocks.reduce(0) { $0 + $1.hours } }

  func isFilling(_ h: Int) -> Bool {
    guard let filling = study.hydros[h].filling, let entry = study.hydros[h].service.entry else { return false }
    return filling.startStage <= t && t < entry
  }

  /// Whether the plant has columns in this stage.
  func hasHydro(_ h: Int) -> Bool { study.hydros[h].service.contains(t) || isFilling(h) }

  /// The plant that water sent to `h` reaches: `h` or the next one downstream that exists.
  func receiver(_ h: Int?) -> Int? {
    var place = h
    while let plant = place, !hasHydro(plant) { place = study.hydros[plant].downstream }
    return place
  }
}
