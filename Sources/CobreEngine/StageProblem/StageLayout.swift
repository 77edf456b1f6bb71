/// Where each quantity of a stage problem stands among the columns and rows; nil where it has none.
///
/// Quantities per entity and block are flat, `[entity * blocks + block]`.
package struct StageLayout: Sendable, Equatable {
  /// Number of blocks K of the stage.
  package var blocks: Int

  // Columns per entity and block.
  package var turbined: [Int?]
  package var spilled: [Int?]
  package var diverted: [Int?]
  /// Output of plants with production planes; the others give productivity × turbined flow.
  package var generation: [Int?]
  /// End of each block; with parallel blocks only the last one, which is the outgoing state.
  package var storage: [Int?]
  package var thermal: [Int?]
  package var lineDirect: [Int?]
  package var lineReverse: [Int?]
  package var excess: [Int?]
  package var source: [Int?]
  package var contract: [Int?]
  package var pumped: [Int?]
  /// Deficit segments per bus and block, `[bus * blocks + block]`, in order of price.
  package var deficit: [[Int]]

  // Slack columns per hydro and block.
  package var outflowBelow: [Int?]
  package var outflowAbove: [Int?]
  package var turbinedBelow: [Int?]
  package var generationBelow: [Int?]
  // Slack columns per hydro.
  package var virtualInflow: [Int?]
  package var withdrawalBelow: [Int?]
  package var withdrawalAbove: [Int?]
  /// Evaporated flow, and what it is short of or beyond the computed one.
  package var evaporation: [Int?]
  package var evaporationBelow: [Int?]
  package var evaporationAbove: [Int?]
  /// Volume missing to the minimum storage, of plants with filling in service.
  package var storageBelow: [Int?]
  /// Volume missing to what filling keeps, and at its end to the minimum storage.
  package var retentionBelow: [Int?]
  package var fillingBelow: [Int?]

  /// One row of a generic constraint with its slacks.
  package struct GenericRow: Sendable, Equatable {
    /// Index of the constraint.
    package var constraint: Int
    package var block: Int
    package var row: Int
    /// Adds to the left-hand side.
    package var added: Int?
    /// Takes from the left-hand side.
    package var taken: Int?
  }
  /// In order of constraint, bound row and block.
  package var generic: [GenericRow]

  // Rows.
  /// `[bus * blocks + block]`.
  package var loadBalance: [Int]
  /// `[hydro * blocks + block]`; with parallel blocks only block 0 has one, for the whole stage.
  package var waterBalance: [Int?]

  init(study: StudyCase, stage: Int) {
    let k = study.stages[stage].blocks.count
    blocks = k
    let perHydro = [Int?](repeating: nil, count: study.hydros.count * k)
    turbined = perHydro
    spilled = perHydro
    diverted = perHydro
    generation = perHydro
    storage = perHydro
    outflowBelow = perHydro
    outflowAbove = perHydro
    turbinedBelow = perHydro
    generationBelow = perHydro
    waterBalance = perHydro
    thermal = .init(repeating: nil, count: study.thermals.count * k)
    lineDirect = .init(repeating: nil, count: study.lines.count * k)
    lineReverse = lineDirect
    excess = .init(repeating: nil, count: study.buses.count * k)
    source = .init(repeating: nil, count: study.sources.count * k)
    contract = .init(repeating: nil, count: study.contracts.count * k)
    pumped = .init(repeating: nil, count: study.pumpingStations.count * k)
    deficit = .init(repeating: [], count: study.buses.count * k)
    virtualInflow = .init(repeating: nil, count: study.hydros.count)
    withdrawalBelow = virtualInflow
    withdrawalAbove = virtualInflow
    evaporation = virtualInflow
    evaporationBelow = virtualInflow
    evaporationAbove = virtualInflow
    storageBelow = virtualInflow
    retentionBelow = virtualInflow
    fillingBelow = virtualInflow
    generic = []
    loadBalance = []
  }
}
