package import CobreCase

/// Column and row indices of each quantity of a stage LP, nil if it has none.
///
/// Quantities per entity and block are flat, `[entity * blocks + block]`.
package struct StageLPLayout: Sendable, Equatable {
  /// Number of blocks K of the stage.
  package var blocks: Int
  /// Cells of all plants, in the order of the plants.
  package var cells: [HydroCell]
  /// First cell of each plant, and the number of cells.
  private var firstCells: [Int]

  // Columns per cell and block, `[cell * blocks + block]`.
  package var turbined: [Int?]
  /// Output of plants with production planes.
  ///
  /// The others give productivity × turbined flow.
  package var generation: [Int?]
  /// Slacks of the minima.
  package var turbinedBelow: [Int?]
  package var generationBelow: [Int?]

  // Columns per entity and block.
  package var spilled: [Int?]
  package var diverted: [Int?]
  /// End of each block.
  ///
  /// With parallel blocks only the last one, which is the outgoing state.
  package var storage: [Int?]
  package var thermal: [Int?]
  package var lineDirect: [Int?]
  package var lineReverse: [Int?]
  /// Losses of lines with a resistance, in MW.
  package var lineLoss: [Int?]
  package var excess: [Int?]
  package var source: [Int?]
  package var contract: [Int?]
  package var pumped: [Int?]
  /// Voltage angles at buses, in rad · `Line.baseMVA`; nil where no line follows them.
  package var angle: [Int?]
  package var charge: [Int?]
  package var discharge: [Int?]
  /// Contents of batteries at the end of each block; the last ones are outgoing state.
  package var energy: [Int?]
  /// Deficit segments per bus and block, `[bus * blocks + block]`, in order of price.
  package var deficit: [[Int]]

  // Slack columns per hydro and block.
  package var outflowBelow: [Int?]
  package var outflowAbove: [Int?]
  /// Slacks of the minima of the sums over all cells.
  package var totalTurbinedBelow: [Int?]
  package var totalGenerationBelow: [Int?]
  /// Evaporated flow, and what it is short of or beyond the computed one.
  ///
  /// In block 0 if the stage has one flow.
  package var evaporation: [Int?]
  package var evaporationBelow: [Int?]
  package var evaporationAbove: [Int?]
  /// Spilled flow beyond the spillway, and changes of the outflow beyond the largest ones.
  package var spilledAbove: [Int?]
  package var rampBeyond: [Int?]
  // Slack columns per hydro.
  package var virtualInflow: [Int?]
  package var withdrawalBelow: [Int?]
  package var withdrawalAbove: [Int?]
  /// Volume missing to the minimum storage, of plants with filling in service.
  package var storageBelow: [Int?]
  /// Volume missing to what filling keeps, and at its end to the minimum storage.
  package var retentionBelow: [Int?]
  package var fillingBelow: [Int?]
  /// Volume missing to the alert storage, and beyond the flood control storage.
  package var alertBelow: [Int?]
  package var floodAbove: [Int?]
  /// Flow missing to each use of water, by hydro in order of priority.
  package var useBelow: [[Int]]
  /// Energy missing to the target of each battery.
  package var targetBelow: [Int?]

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

  /// A later delivery decided for an anticipated plant.
  package struct Decision: Sendable, Equatable {
    /// Position of the delivery, counted on beyond the stages of the study.
    package var delivery: Int
    package var column: Int
  }
  /// By thermal plant.
  package var decisions: [[Decision]]
  /// State components of water on its way, by the plant that it reaches.
  package var transit: [Range<Int>]
  /// Row of the delivery of what was decided before, by thermal plant.
  package var deliveries: [Int?]

  // Rows.
  /// `[bus * blocks + block]`.
  package var loadBalance: [Int]
  /// `[hydro * blocks + block]`.
  ///
  /// With parallel blocks only block 0 has one, for the whole stage.
  package var waterBalance: [Int?]
  /// First row that the contents of each battery enter.
  package var energyBalance: [Int?]

  init(study: StudyCase, stage: Int) {
    let k = study.stages[stage].blocks.count
    blocks = k
    cells = study.hydroCells
    firstCells = study.hydros.map { _ in 0 } + [cells.count]
    let perCell = [Int?](repeating: nil, count: cells.count * k)
    turbined = perCell
    generation = perCell
    turbinedBelow = perCell
    generationBelow = perCell
    let perHydro = [Int?](repeating: nil, count: study.hydros.count * k)
    spilled = perHydro
    diverted = perHydro
    storage = perHydro
    outflowBelow = perHydro
    outflowAbove = perHydro
    totalTurbinedBelow = perHydro
    totalGenerationBelow = perHydro
    evaporation = perHydro
    evaporationBelow = perHydro
    evaporationAbove = perHydro
    spilledAbove = perHydro
    rampBeyond = perHydro
    waterBalance = perHydro
    thermal = .init(repeating: nil, count: study.thermals.count * k)
    lineDirect = .init(repeating: nil, count: study.lines.count * k)
    lineReverse = lineDirect
    lineLoss = lineDirect
    excess = .init(repeating: nil, count: study.buses.count * k)
    source = .init(repeating: nil, count: study.sources.count * k)
    contract = .init(repeating: nil, count: study.contracts.count * k)
    pumped = .init(repeating: nil, count: study.pumpingStations.count * k)
    angle = .init(repeating: nil, count: study.buses.count * k)
    charge = .init(repeating: nil, count: study.batteries.count * k)
    discharge = charge
    energy = charge
    targetBelow = .init(repeating: nil, count: study.batteries.count)
    energyBalance = targetBelow
    deficit = .init(repeating: [], count: study.buses.count * k)
    virtualInflow = .init(repeating: nil, count: study.hydros.count)
    withdrawalBelow = virtualInflow
    withdrawalAbove = virtualInflow
    storageBelow = virtualInflow
    retentionBelow = virtualInflow
    fillingBelow = virtualInflow
    alertBelow = virtualInflow
    floodAbove = virtualInflow
    useBelow = .init(repeating: [], count: study.hydros.count)
    generic = []
    decisions = .init(repeating: [], count: study.thermals.count)
    transit = .init(repeating: 0..<0, count: study.hydros.count)
    deliveries = .init(repeating: nil, count: study.thermals.count)
    loadBalance = []
    for cell in cells.indices.reversed() { firstCells[cells[cell].hydro] = cell }
  }

  /// Cells of a plant.
  package func cells(of hydro: Int) -> Range<Int> { firstCells[hydro]..<firstCells[hydro + 1] }

  /// Whether what a thermal plant generates was decided in an earlier stage.
  package func delivers(_ thermal: Int) -> Bool { deliveries[thermal] != nil }

  /// Columns of turbined and spilled flow of a plant in a block.
  package func outflow(of hydro: Int, block: Int) -> [Int] {
    cells(of: hydro).compactMap { turbined[$0 * blocks + block] }
      + [spilled[hydro * blocks + block]].compactMap { $0 }
  }
}
