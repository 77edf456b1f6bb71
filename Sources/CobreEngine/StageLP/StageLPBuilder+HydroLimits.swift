internal import CobreCase

extension StageLPBuilder {
  /// Rows for minimum and maximum outflow, and for the limits of turbined flow and generation that no column bound
  /// holds.
  ///
  /// Minima and the maximum outflow have a priced slack.
  mutating func addOperationalLimits(
    _ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLPLayout
  ) {
    let costs = study.costs(stage: stage, hydro: hydro)
    let cells = layout.cells(of: hydro)
    for (k, block) in study.stages[stage].blocks.enumerated() {
      let limits = study.limits(stage: stage, hydro: hydro, block: k)
      let position = hydro * layout.blocks + k
      let outflow = outflowColumns(study, hydro: hydro, block: k, layout: layout)
      if limits.minOutflow > 0 {
        layout.outflowBelow[position] = addSoftRow(
          outflow.map { ($0, 1) }, atLeast: limits.minOutflow, cost: block.hours * costs.outflowViolationBelow)
      }
      if let maximum = limits.maxOutflow {
        layout.outflowAbove[position] = addSoftRow(
          outflow.map { ($0, -1) }, atLeast: -maximum, cost: block.hours * costs.outflowViolationAbove)
      }
      // A reservoir that is being filled has no turbine yet.
      guard study.conventions.keepsDutiesOfAbsentPlants || !study.isFilling(stage: stage, hydro: hydro) else {
        continue
      }
      for cell in cells {
        let range = study.limits(stage: stage, cell: layout.cells[cell], block: k)
        layout.turbinedBelow[cell * layout.blocks + k] = addTurbinedFloor(
          range.minTurbined, cells: cell..<(cell + 1), block: k,
          cost: block.hours * costs.turbinedViolationBelow,
          layout: layout)
        layout.generationBelow[cell * layout.blocks + k] = addGenerationFloor(
          range.minGeneration, cells: cell..<(cell + 1), block: k,
          cost: block.hours * costs.generationViolationBelow,
          study: study, stage: stage, layout: layout)
      }
      // What cells miss of their own minima is paid for once and counts for the plant.
      layout.totalTurbinedBelow[position] = addTurbinedFloor(
        limits.totals.minTurbined ?? 0, cells: cells, block: k,
        cost: block.hours * costs.turbinedViolationBelow, slacks: layout.turbinedBelow,
        layout: layout)
      layout.totalGenerationBelow[position] = addGenerationFloor(
        limits.totals.minGeneration ?? 0, cells: cells, block: k,
        cost: block.hours * costs.generationViolationBelow, slacks: layout.generationBelow,
        study: study, stage: stage, layout: layout)
      if cells.count > 1 {
        addTotalCaps(
          limits.totals, cells: cells, block: k, study: study, stage: stage, layout: layout)
      }
    }
  }

  /// Adds turbined flow of cells + their own slacks + slack ≥ minimum.
  ///
  /// A minimum of 0 needs no row.
  private mutating func addTurbinedFloor(
    _ minimum: Double, cells: Range<Int>, block: Int, cost: Double, slacks: [Int?] = [], layout: StageLPLayout
  ) -> Int? {
    guard minimum > 0 else { return nil }
    let positions = cells.map { $0 * layout.blocks + block }
    let own = slacks.isEmpty ? [] : positions.compactMap { slacks[$0] }
    let columns = positions.compactMap { layout.turbined[$0] } + own
    return addSoftRow(columns.map { ($0, 1) }, atLeast: minimum, cost: cost)
  }

  /// Adds generation of cells + their own slacks + slack ≥ minimum.
  ///
  /// A minimum of 0 needs no row.
  private mutating func addGenerationFloor(
    _ minimum: Double, cells: Range<Int>, block: Int, cost: Double, slacks: [Int?] = [], study: StudyCase, stage: Int,
    layout: StageLPLayout
  ) -> Int? {
    guard minimum > 0 else { return nil }
    let slack = addColumn(cost: cost)
    let row = addRow(lower: minimum, upper: .infinity)
    for cell in cells {
      addGeneration(
        1, row: row, cell: cell, block: block, study: study, stage: stage, layout: layout)
      if !slacks.isEmpty, let own = slacks[cell * layout.blocks + block] { add(1, row: row, column: own) }
    }
    add(1, row: row, column: slack)
    return slack
  }

  /// Adds the hard limits on the sums over the cells of a plant.
  private mutating func addTotalCaps(
    _ totals: PlantTotals, cells: Range<Int>, block: Int, study: StudyCase, stage: Int,
    layout: StageLPLayout
  ) {
    if let most = totals.maxTurbined {
      let row = addRow(lower: -.infinity, upper: most)
      for cell in cells {
        if let column = layout.turbined[cell * layout.blocks + block] {
          add(1, row: row, column: column)
        }
      }
    }
    if let most = totals.maxGeneration {
      let row = addRow(lower: -.infinity, upper: most)
      for cell in cells {
        addGeneration(
          1, row: row, cell: cell, block: block, study: study, stage: stage, layout: layout)
      }
    }
  }

  /// Adds Σ coefficient · column + slack ≥ bound and returns the column of the slack.
  private mutating func addSoftRow(
    _ terms: [(column: Int, coefficient: Double)], atLeast bound: Double, cost: Double
  ) -> Int {
    let slack = addColumn(cost: cost)
    let row = addRow(lower: bound, upper: .infinity)
    for term in terms where term.coefficient != 0 { add(term.coefficient, row: row, column: term.column) }
    add(1, row: row, column: slack)
    return slack
  }
}

extension UnitGroupLimits {
  /// Applies the upper limits of a plant if all its machines are one cell.
  mutating func narrow(to totals: PlantTotals, productivity: Double) {
    if let most = totals.maxTurbined { maxTurbined = min(maxTurbined, most) }
    guard let most = totals.maxGeneration else { return }
    maxGeneration = min(maxGeneration, most)
    if productivity > 0 { maxTurbined = min(maxTurbined, most / productivity) }
  }
}
