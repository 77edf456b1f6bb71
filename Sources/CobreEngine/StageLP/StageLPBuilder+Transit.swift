internal import CobreCase

extension StageLPBuilder {
  /// Adds water on its way between plants: what arrives in the stage, and a row for each outgoing component.
  ///
  /// Component j of a plant is the water that reaches it j stages after this one, in hm³. An outgoing component is the
  /// next one of the incoming state plus the shares of this stage's releases that arrive then.
  mutating func addTransit(
    _ study: StudyCase, plan: TransitPlan, states: StateLayout, stage: Int, layout: inout StageLPLayout
  ) {
    let blocks = study.stages[stage].blocks
    for target in study.hydros.indices where !plan.sources[target].isEmpty {
      let first = states.transit(1, hydro: target)
      layout.transit[target] = first..<(first + states.transitCounts[target])
      if let receiver = Self.receiver(of: target, study: study, stage: stage) {
        addArrivals(
          study, plan: plan, states: states, stage: stage, target: target, receiver: receiver,
          layout: layout)
      }
      for ahead in 0..<states.transitCounts[target] {
        let component = states.transit(ahead + 1, hydro: target)
        let row = addRow(lower: 0, upper: 0)
        memoryRows.append(row)
        add(1, row: row, state: component)
        stateLower[component] = -.infinity
        if ahead + 1 < states.transitCounts[target] {
          couple(row: row, component: states.transit(ahead + 2, hydro: target), coefficient: 1)
        }
        for source in plan.sources[target] {
          for (k, block) in blocks.enumerated() {
            let share = plan.share(from: source, stage: study.position(of: stage), block: k, later: ahead + 1)
            guard share > 0 else { continue }
            for column in layout.outflow(of: source, block: k) {
              add(-share * Self.volumePerFlowHour * block.hours, row: row, column: column)
            }
          }
        }
      }
    }
  }

  /// Enters what arrives at a plant into the balances of the plant that takes its water.
  private mutating func addArrivals(
    _ study: StudyCase, plan: TransitPlan, states: StateLayout, stage: Int, target: Int,
    receiver: Int,
    layout: StageLPLayout
  ) {
    let density = plan.density(of: target, stage: study.position(of: stage))
    for (arriving, part) in density.enumerated() {
      guard let row = layout.waterBalance[receiver * layout.blocks + arriving] else { continue }
      if states.transitCounts[target] > 0, part > 0 {
        couple(row: row, component: states.transit(1, hydro: target), coefficient: part)
      }
      for source in plan.sources[target] {
        for (k, block) in study.stages[stage].blocks.enumerated() {
          let share = plan.share(from: source, stage: study.position(of: stage), block: k, arriving: arriving)
          guard share > 0 else { continue }
          for column in layout.outflow(of: source, block: k) {
            add(-share * Self.volumePerFlowHour * block.hours, row: row, column: column)
          }
        }
      }
    }
  }

  /// Enters the water that reaches a plant in a block after its travel, in m³/s, into a row of the user.
  ///
  /// Where blocks are parallel, what arrives from earlier stages is spread evenly, and of this stage's releases the
  /// block's own count.
  mutating func addArriving(
    _ term: GenericTerm, row: Int, block: Int, plan: TransitPlan, states: StateLayout, study: StudyCase, stage: Int,
    layout: StageLPLayout
  ) {
    let target = term.entity
    guard block < layout.blocks, !plan.sources[target].isEmpty else { return }
    let description = study.stages[stage]
    let position = study.position(of: stage)
    let isChronological = description.blockMode == .chronological
    let arriving = isChronological ? block : 0
    let hours = isChronological ? description.blocks[block].hours : description.hours
    if states.transitCounts[target] > 0 {
      let part = plan.density(of: target, stage: position)[arriving]
      couple(
        row: row, component: states.transit(1, hydro: target),
        coefficient: -term.coefficient * part / (Self.volumePerFlowHour * hours))
    }
    for source in plan.sources[target] {
      for (k, release) in description.blocks.enumerated() where isChronological || k == block {
        let share = plan.share(from: source, stage: position, block: k, arriving: arriving)
        guard share > 0 else { continue }
        let factor = isChronological ? share * release.hours / hours : share
        for column in layout.outflow(of: source, block: k) { add(term.coefficient * factor, row: row, column: column) }
      }
    }
  }
}
