extension StageProgram {
  /// Rows for minimum and maximum outflow, minimum turbined flow and minimum generation, each with its priced slack.
  mutating func addOperationalLimits(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLayout) {
    let limits = study.limits(stage: stage, hydro: hydro)
    let costs = study.costs(stage: stage, hydro: hydro)
    for (k, block) in study.stages[stage].blocks.enumerated() {
      let position = hydro * layout.blocks + k
      let turbined = layout.turbined[position]
      let outflow = [turbined, layout.spilled[position], layout.diverted[position]].compactMap { $0 }
      if limits.minOutflow > 0 {
        layout.outflowBelow[position] = addSoftRow(
          outflow.map { ($0, 1) }, atLeast: limits.minOutflow, cost: block.hours * costs.outflowViolationBelow)
      }
      if let maximum = limits.maxOutflow {
        layout.outflowAbove[position] = addSoftRow(
          outflow.map { ($0, -1) }, atLeast: -maximum, cost: block.hours * costs.outflowViolationAbove)
      }
      // A reservoir that is being filled has no turbine yet.
      guard !study.isFilling(stage: stage, hydro: hydro) else { continue }
      if limits.minTurbined > 0 {
        layout.turbinedBelow[position] = addSoftRow(
          turbined.map { [($0, 1)] } ?? [], atLeast: limits.minTurbined,
          cost: block.hours * costs.turbinedViolationBelow)
      }
      if limits.minGeneration > 0 {
        let slack = addColumn(cost: block.hours * costs.generationViolationBelow)
        layout.generationBelow[position] = slack
        let row = addRow(lower: limits.minGeneration, upper: .infinity)
        addGeneration(1, row: row, hydro: hydro, block: k, study: study, stage: stage, layout: layout)
        add(1, row: row, column: slack)
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
