internal import CobreCase

extension StageLPBuilder {
  /// Adds batteries, whose contents e in MWh change from block to block by charge c and discharge d in MW:
  /// e = r · e₋ + h · (η c − d / η′), with h the hours of the block and r the share that self-discharge leaves.
  ///
  /// c / C + d / D ≤ 1 shares the time of a block between the two, so that no battery burns energy at full power in
  /// both directions where a surplus costs money. What is not in service keeps its contents.
  mutating func addBatteries(_ study: StudyCase, states: StateLayout, stage: Int, layout: inout StageLPLayout) {
    batteryComponents = states.batteries
    for (index, battery) in study.batteries.enumerated() {
      let component = states.batteries.lowerBound + index
      guard study.exists(stage: stage, battery: index) else {
        stateLower[component] = -.infinity
        let row = addRow(lower: 0, upper: 0)
        memoryRows.append(row)
        add(1, row: row, state: component)
        couple(row: row, component: component, coefficient: 1)
        continue
      }
      let limits = study.limits(stage: stage, battery: index)
      stateLower[component] = limits.minEnergy
      stateUpper[component] = limits.maxEnergy
      addBlocks(of: battery, index, component: component, study: study, stage: stage, layout: &layout)
      if let target = battery.target, study.endsStudy(stage: stage) {
        let missing = addColumn(cost: target.cost)
        layout.targetBelow[index] = missing
        let row = addRow(lower: target.energy, upper: .infinity)
        add(1, row: row, state: component)
        add(1, row: row, column: missing)
      }
    }
  }

  private mutating func addBlocks(
    of battery: Battery, _ index: Int, component: Int, study: StudyCase, stage: Int, layout: inout StageLPLayout
  ) {
    let limits = study.limits(stage: stage, battery: index)
    var previous: Int?
    for (k, block) in study.stages[stage].blocks.enumerated() {
      let position = index * layout.blocks + k
      let balance = layout.loadBalance[battery.bus * layout.blocks + k]
      let row = addRow(lower: 0, upper: 0)
      let kept = battery.retained(hours: block.hours)
      if let previous {
        add(-kept, row: row, column: previous)
      } else {
        couple(row: row, component: component, coefficient: kept)
        memoryRows.append(row)
        layout.energyBalance[index] = row
      }
      if k == layout.blocks - 1 {
        add(1, row: row, state: component)
      } else {
        let column = addColumn(lower: limits.minEnergy, upper: limits.maxEnergy)
        layout.energy[position] = column
        add(1, row: row, column: column)
        previous = column
      }
      if limits.maxCharge > 0 {
        let column = addColumn(upper: limits.maxCharge)
        layout.charge[position] = column
        add(-1, row: balance, column: column)
        add(-block.hours * battery.chargeEfficiency, row: row, column: column)
      }
      if limits.maxDischarge > 0 {
        let column = addColumn(upper: limits.maxDischarge, cost: block.hours * battery.degradationCost)
        layout.discharge[position] = column
        add(1, row: balance, column: column)
        add(block.hours / battery.dischargeEfficiency, row: row, column: column)
      }
      guard let charge = layout.charge[position], let discharge = layout.discharge[position] else { continue }
      let time = addRow(lower: -.infinity, upper: 1)
      add(1 / limits.maxCharge, row: time, column: charge)
      add(1 / limits.maxDischarge, row: time, column: discharge)
    }
  }
}
