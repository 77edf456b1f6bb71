internal import CobreCase

// Operating rules of plants (Mathematics.md 2.1). They come after all water balances, since the first row that a state
// component enters must be the balance of its plant.
extension StageLPBuilder {
  /// Alert and flood control storage, outflow by storage, the spillway, and changes from block to block.
  mutating func addOperatingRules(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLPLayout) {
    guard let rules = study.rules(stage: stage, hydro: hydro) else { return }
    let limits = study.limits(stage: stage, hydro: hydro)
    if let level = limits.alertStorage {
      layout.alertBelow[hydro] = addSoftVolume(level, hydro: hydro, cost: rules.alertCost)
    }
    if let level = limits.floodStorage {
      let slack = addColumn(cost: rules.floodCost)
      let row = addRow(lower: -.infinity, upper: level)
      add(1, row: row, state: hydro)
      add(-1, row: row, column: slack)
      layout.floodAbove[hydro] = slack
    }
    for (k, block) in study.stages[stage].blocks.enumerated() {
      addLeastOutflow(rules, study: study, stage: stage, hydro: hydro, block: k, layout: &layout)
      if let spilled = layout.spilled[hydro * layout.blocks + k], !rules.mostSpillage.isEmpty {
        let slack = addColumn(cost: block.hours * rules.spillageCost)
        layout.spilledAbove[hydro * layout.blocks + k] = slack
        let isChronological = study.stages[stage].blockMode == .chronological
        for piece in rules.mostSpillage {
          let row = addRow(lower: -.infinity, upper: piece.constant)
          add(1, row: row, column: spilled)
          add(-1, row: row, column: slack)
          addEndVolumes(
            -piece.slope / 2, row: row, hydro: hydro, block: isChronological ? k : nil, layout: layout)
        }
      }
    }
    addRamps(rules, limits, study: study, stage: stage, hydro: hydro, layout: &layout)
  }

  /// Outflow + slack ≥ constant + slope · (storage at the start of the stage), for every piece.
  ///
  /// The slack is that of the least outflow of the stage: what is missing to the larger of the two.
  private mutating func addLeastOutflow(
    _ rules: OperatingRules, study: StudyCase, stage: Int, hydro: Int, block: Int, layout: inout StageLPLayout
  ) {
    guard !rules.leastOutflow.isEmpty else { return }
    let position = hydro * layout.blocks + block
    let cost =
      study.stages[stage].blocks[block].hours * study.costs(stage: stage, hydro: hydro).outflowViolationBelow
    let slack = layout.outflowBelow[position] ?? addColumn(cost: cost)
    layout.outflowBelow[position] = slack
    let outflow = outflowColumns(study, hydro: hydro, block: block, layout: layout)
    for piece in rules.leastOutflow {
      let row = addRow(lower: piece.constant, upper: .infinity)
      for column in outflow { add(1, row: row, column: column) }
      add(1, row: row, column: slack)
      if piece.slope != 0 { couple(row: row, component: hydro, coefficient: piece.slope) }
    }
  }

  /// −fall − slack ≤ change of the outflow from the block before ≤ rise + slack.
  private mutating func addRamps(
    _ rules: OperatingRules, _ limits: HydroLimits, study: StudyCase, stage: Int, hydro: Int,
    layout: inout StageLPLayout
  ) {
    guard study.stages[stage].blockMode == .chronological,
      limits.maxOutflowRise != nil || limits.maxOutflowFall != nil
    else { return }
    for (k, block) in study.stages[stage].blocks.enumerated().dropFirst() {
      let before = outflowColumns(study, hydro: hydro, block: k - 1, layout: layout)
      let after = outflowColumns(study, hydro: hydro, block: k, layout: layout)
      let slack = addColumn(cost: block.hours * rules.rampCost)
      layout.rampBeyond[hydro * layout.blocks + k] = slack
      for (sign, most) in [(1.0, limits.maxOutflowRise), (-1, limits.maxOutflowFall)] {
        guard let most else { continue }
        let row = addRow(lower: -.infinity, upper: most)
        for column in after { add(sign, row: row, column: column) }
        for column in before { add(-sign, row: row, column: column) }
        add(-1, row: row, column: slack)
      }
    }
  }

  /// Adds what each use of water may lack.
  ///
  /// - Returns: the demand of all uses in m³/s.
  mutating func addWaterUses(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLPLayout) -> Double {
    guard let rules = study.rules(stage: stage, hydro: hydro) else { return 0 }
    let hours = study.stages[stage].hours
    var demand = 0.0
    for use in rules.uses {
      layout.useBelow[hydro].append(addColumn(upper: use.demands[stage], cost: hours * use.cost))
      demand += use.demands[stage]
    }
    return demand
  }

  /// Columns of what leaves a plant downstream in a block, as limits on its outflow count it.
  func outflowColumns(_ study: StudyCase, hydro: Int, block: Int, layout: StageLPLayout) -> [Int] {
    let diverted = study.conventions.countsDiversionAsOutflow ? layout.diverted[hydro * layout.blocks + block] : nil
    return layout.outflow(of: hydro, block: block) + [diverted].compactMap { $0 }
  }
}
