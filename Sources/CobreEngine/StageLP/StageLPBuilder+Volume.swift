internal import CobreCase

// Rows of plants that depend on their volume. They come after all water balances, since the first row that a state
// component enters must be the balance of its plant.
extension StageLPBuilder {
  /// Enters `factor` times (volume at the start + volume at the end) on the left of a row.
  ///
  /// With a block, the ends of the block count, which exist if blocks are chronological. Without, the ends of the stage
  /// count.
  mutating func addEndVolumes(
    _ factor: Double, row: Int, hydro: Int, block: Int?, layout: StageLPLayout
  ) {
    guard factor != 0 else { return }
    let last = layout.blocks - 1
    if let block, block > 0, let column = layout.storage[hydro * layout.blocks + block - 1] {
      add(factor, row: row, column: column)
    } else {
      couple(row: row, component: hydro, coefficient: -factor)
    }
    if let block, block < last, let column = layout.storage[hydro * layout.blocks + block] {
      add(factor, row: row, column: column)
    } else {
      add(factor, row: row, state: hydro)
    }
  }

  /// e + σ⁻ − σ⁺ − (k_v/2)·(v + v_in) = k0, and e in the balances of the plant.
  mutating func addEvaporation(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLPLayout) {
    guard let line = study.evaporation(stage: stage, hydro: hydro), !line.isZero else { return }
    let description = study.stages[stage]
    let isChronological = description.blockMode == .chronological
    guard isChronological, study.conventions.evaporationRule == .calendarMonth else {
      let periods = isChronological ? description.blocks.map(\.hours) : [description.hours]
      return addEvaporation(
        line, study: study, stage: stage, hydro: hydro, block: nil,
        periods: Array(periods.enumerated()),
        layout: &layout)
    }
    for (k, block) in description.blocks.enumerated() {
      addEvaporation(
        line, study: study, stage: stage, hydro: hydro, block: k, periods: [(k, block.hours)],
        layout: &layout)
    }
  }

  /// Adds the evaporation of the stage, or of a block.
  ///
  /// `periods` are the balances that it enters, with their hours.
  private mutating func addEvaporation(
    _ line: EvaporationLine, study: StudyCase, stage: Int, hydro: Int, block: Int?,
    periods: [(offset: Int, element: Double)], layout: inout StageLPLayout
  ) {
    let costs = study.costs(stage: stage, hydro: hydro)
    let full = line.flow(at: study.limits(stage: stage, hydro: hydro).maxStorage)
    // Rain makes the flow negative if the case allows it.
    let isSigned = study.conventions.evaporationRule == .calendarMonth
    let limit = 2 * (isSigned ? abs(full) : max(0, full))
    // Rain always brings its full amount of water. Without a bound on what may be missing, more water could be bought.
    let isRain = !isSigned && line.isRain
    let ends = [line.constant, full]
    let rainLower = isRain ? min(0, ends.min() ?? 0) : 0
    let upper = isRain ? max(0, ends.max() ?? 0) : limit
    let row = addRow(lower: line.constant, upper: line.constant)
    let position = hydro * layout.blocks + (block ?? 0)
    if upper > 0 || rainLower < 0 {
      let column = addColumn(lower: isSigned ? -limit : rainLower, upper: upper)
      layout.evaporation[position] = column
      add(1, row: row, column: column)
      for (k, hours) in periods {
        guard let balance = layout.waterBalance[hydro * layout.blocks + k] else { continue }
        add(Self.volumePerFlowHour * hours, row: balance, column: column)
      }
    }
    let slackHours = block.map { study.stages[stage].blocks[$0].hours } ?? study.stages[stage].hours
    let below = addColumn(upper: isRain ? upper : .infinity, cost: slackHours * costs.evaporationViolationBelow)
    let above = addColumn(cost: slackHours * costs.evaporationViolationAbove)
    layout.evaporationBelow[position] = below
    layout.evaporationAbove[position] = above
    add(1, row: row, column: below)
    add(-1, row: row, column: above)
    addEndVolumes(-line.slope / 2, row: row, hydro: hydro, block: block, layout: layout)
  }

  /// Retention and target while a reservoir is being filled, and the soft minimum storage afterwards.
  mutating func addFilling(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLPLayout) {
    guard let filling = study.hydros[hydro].filling else { return }
    let limits = study.limits(stage: stage, hydro: hydro)
    let costs = study.costs(stage: stage, hydro: hydro)
    guard study.isFilling(stage: stage, hydro: hydro) else {
      layout.storageBelow[hydro] = addSoftVolume(limits.minStorage, hydro: hydro, cost: costs.storageViolationBelow)
      return
    }
    if filling.rule == .schedule {
      layout.fillingBelow[hydro] = addSoftVolume(
        Self.scheduledVolume(study, stage: stage, hydro: hydro), hydro: hydro,
        cost: costs.fillingTargetViolation)
      return
    }
    if limits.fillingInflow > 0 {
      let kept = Self.volumePerFlowHour * study.stages[stage].hours * limits.fillingInflow
      let row = addRow(lower: kept, upper: .infinity)
      let slack = addColumn(cost: costs.storageViolationBelow)
      layout.retentionBelow[hydro] = slack
      add(1, row: row, column: slack)
      add(1, row: row, state: hydro)
      couple(row: row, component: hydro, coefficient: 1)
    }
    if study.position(of: stage) + 1 == study.hydros[hydro].service.entry {
      layout.fillingBelow[hydro] = addSoftVolume(limits.minStorage, hydro: hydro, cost: costs.fillingTargetViolation)
    }
  }

  /// Volume at the end of a filling stage from which the filling inflows of the later ones reach the minimum storage,
  /// which is that of the last filling stage.
  private static func scheduledVolume(_ study: StudyCase, stage: Int, hydro: Int) -> Double {
    let plant = study.hydros[hydro]
    let timeline = study.timeline
    let next = study.position(of: stage) + 1
    let entry = plant.service.entry ?? 0
    var target =
      timeline.indices.contains(entry - 1)
      ? study.limits(stage: timeline[entry - 1], hydro: hydro).minStorage : plant.limits.minStorage
    for later in timeline[min(next, timeline.count)..<max(next, min(entry, timeline.count))] {
      target -=
        volumePerFlowHour * study.stages[later].hours
        * study.limits(stage: later, hydro: hydro).fillingInflow
    }
    return max(0, min(target, study.limits(stage: stage, hydro: hydro).minStorage))
  }

  /// Adds v + slack ≥ minimum and returns the column of the slack.
  ///
  /// Returns nil for a minimum of 0, which needs no row.
  mutating func addSoftVolume(_ minimum: Double, hydro: Int, cost: Double) -> Int? {
    guard minimum > 0 else { return nil }
    let slack = addColumn(cost: cost)
    let row = addRow(lower: minimum, upper: .infinity)
    add(1, row: row, state: hydro)
    add(1, row: row, column: slack)
    return slack
  }

  /// g − (γv/2)·(v + v_in) − γq·q − γs·s ≤ κ·γ0 for every plane and block.
  ///
  /// For a cell, all terms except its own turbined flow are scaled by its share of the plant.
  mutating func addProductionPlanes(_ study: StudyCase, stage: Int, hydro: Int, layout: StageLPLayout) {
    guard study.production(stage: stage, hydro: hydro).kind == .fpha,
      !study.isFilling(stage: stage, hydro: hydro)
    else { return }
    let isChronological = study.stages[stage].blockMode == .chronological
    for k in 0..<layout.blocks {
      for cell in layout.cells(of: hydro) {
        let position = cell * layout.blocks + k
        let share = layout.cells[cell].share
        let first = rowLower.count
        for plane in study.planes(stage: stage, hydro: hydro) {
          let row = addRow(lower: -.infinity, upper: share * (plane.kappa * plane.gamma0))
          if let column = layout.generation[position] { add(1, row: row, column: column) }
          if let column = layout.turbined[position] {
            add(-plane.gammaTurbined, row: row, column: column)
          }
          if let column = layout.spilled[hydro * layout.blocks + k], plane.gammaSpilled != 0 {
            add(-share * plane.gammaSpilled, row: row, column: column)
          }
          addEndVolumes(
            -share * plane.gammaVolume / 2, row: row, hydro: hydro,
            block: isChronological ? k : nil, layout: layout)
        }
        if rowLower.count > first { planeGroups.append(first..<rowLower.count) }
      }
    }
  }
}
