internal import CobreCase

extension StageLPBuilder {
  /// Volume in hm³ of 1 m³/s during one hour.
  package static let volumePerFlowHour = 0.0036

  /// Adds reservoirs, flows, water balances and operational limits of all hydros, and their production planes unless
  /// these are added behind all other rows.
  mutating func addHydros(_ study: StudyCase, stage: Int, defersPlanes: Bool, layout: inout StageLPLayout) {
    for hydro in study.hydros.indices {
      if study.isPresent(stage: stage, hydro: hydro) {
        addFlows(study, stage: stage, hydro: hydro, layout: &layout)
      } else {
        carryStorage(hydro)
      }
    }
    for hydro in study.hydros.indices where study.isPresent(stage: stage, hydro: hydro) {
      addWaterBalance(study, stage: stage, hydro: hydro, layout: &layout)
    }
    routeFlows(study, stage: stage, layout: layout)
    for hydro in study.hydros.indices where study.isPresent(stage: stage, hydro: hydro) {
      addEvaporation(study, stage: stage, hydro: hydro, layout: &layout)
      addFilling(study, stage: stage, hydro: hydro, layout: &layout)
      addOperationalLimits(study, stage: stage, hydro: hydro, layout: &layout)
      addOperatingRules(study, stage: stage, hydro: hydro, layout: &layout)
      if !defersPlanes { addProductionPlanes(study, stage: stage, hydro: hydro, layout: layout) }
    }
    guard study.conventions.keepsDutiesOfAbsentPlants else { return }
    for hydro in study.hydros.indices where !study.isPresent(stage: stage, hydro: hydro) {
      addOperationalLimits(study, stage: stage, hydro: hydro, layout: &layout)
    }
  }

  /// The plant that water sent to `hydro` reaches: itself, or the next existing one downstream, or nil when it leaves.
  static func receiver(of hydro: Int?, study: StudyCase, stage: Int) -> Int? {
    var candidate = hydro
    var steps = 0
    while let plant = candidate, !study.isPresent(stage: stage, hydro: plant), steps <= study.hydros.count {
      candidate = study.hydros[plant].downstream
      steps += 1
    }
    return candidate
  }

  /// The storage of a plant out of service goes through the stage unchanged.
  private mutating func carryStorage(_ hydro: Int) {
    stateLower[hydro] = -.infinity
    let row = addRow(lower: 0, upper: 0)
    add(1, row: row, state: hydro)
    couple(row: row, component: hydro, coefficient: 1)
  }

  private mutating func addFlows(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLPLayout) {
    let limits = study.limits(stage: stage, hydro: hydro)
    let costs = study.costs(stage: stage, hydro: hydro)
    let model = study.production(stage: stage, hydro: hydro)
    stateLower[hydro] = Self.leastStorage(study, stage: stage, hydro: hydro)
    stateUpper[hydro] = limits.maxStorage
    let isFilling = study.isFilling(stage: stage, hydro: hydro)
    let isCharged = model.kind == .fpha || study.conventions.chargesAllTurbinedFlow
    let cells = layout.cells(of: hydro)
    for (k, block) in study.stages[stage].blocks.enumerated() {
      let limits = study.limits(stage: stage, hydro: hydro, block: k)
      let ranges = cells.map { cell in
        var range = study.limits(stage: stage, cell: layout.cells[cell], block: k)
        // With one cell, the limits on the sums over all cells become bounds of its columns.
        if cells.count == 1 { range.narrow(to: limits.totals, productivity: model.productivity) }
        return range
      }
      let position = hydro * layout.blocks + k
      for (cell, range) in zip(cells, ranges) where range.maxTurbined > 0 && !isFilling {
        // A flow that can only be 0 needs no column, unless its own row needs it.
        layout.turbined[cell * layout.blocks + k] = addColumn(
          upper: range.maxTurbined, cost: isCharged ? block.hours * costs.fphaTurbined : 0)
      }
      layout.spilled[position] = addColumn(
        lower: limits.minSpillage, upper: limits.maxSpillage ?? .infinity,
        cost: block.hours * costs.spillage)
      guard !isFilling else { continue }
      for (cell, range) in zip(cells, ranges) where model.kind == .fpha && range.maxGeneration > 0 {
        layout.generation[cell * layout.blocks + k] = addColumn(upper: range.maxGeneration)
      }
      if study.hydros[hydro].diversion != nil, limits.maxDiversion > 0 {
        layout.diverted[position] = addColumn(
          lower: limits.minDiversion, upper: limits.maxDiversion,
          cost: block.hours * costs.diversion)
      }
    }
  }

  /// Lower bound of the volume: the minimum storage, which is soft for plants with filling.
  private static func leastStorage(_ study: StudyCase, stage: Int, hydro: Int) -> Double {
    study.hydros[hydro].filling == nil ? study.limits(stage: stage, hydro: hydro).minStorage : 0
  }

  /// Balance rows: one per stage with parallel blocks, one per block with chronological ones.
  private mutating func addWaterBalance(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLPLayout) {
    let description = study.stages[stage]
    let limits = study.limits(stage: stage, hydro: hydro)
    // Plants out of service whose water flows on to this one.
    let absent = study.hydros.indices.filter {
      $0 != hydro && Self.receiver(of: $0, study: study, stage: stage) == hydro
    }
    let members = [hydro] + (study.conventions.keepsDutiesOfAbsentPlants ? absent : [])
    var withdrawal = 0.0
    for member in members {
      withdrawal += addBalanceSlacks(study, stage: stage, hydro: member, layout: &layout)
    }
    withdrawal += addWaterUses(study, stage: stage, hydro: hydro, layout: &layout)
    let isChronological = description.blockMode == .chronological
    let periods = isChronological ? description.blocks.map(\.hours) : [description.hours]
    var previous: Int?
    for (k, hours) in periods.enumerated() {
      let volume = Self.volumePerFlowHour * hours
      let position = hydro * layout.blocks + k
      let row = addRow(lower: -volume * withdrawal, upper: -volume * withdrawal)
      layout.waterBalance[position] = row
      if k == periods.count - 1 {
        add(1, row: row, state: hydro)
      } else {
        let column = addColumn(
          lower: Self.leastStorage(study, stage: stage, hydro: hydro), upper: limits.maxStorage)
        layout.storage[position] = column
        add(1, row: row, column: column)
      }
      if let previous {
        add(-1, row: row, column: previous)
      } else {
        couple(row: row, component: hydro, coefficient: 1)
      }
      previous = layout.storage[position]
      for member in members {
        if let column = layout.virtualInflow[member] { add(-volume, row: row, column: column) }
        if let column = layout.withdrawalBelow[member] { add(-volume, row: row, column: column) }
        if let column = layout.withdrawalAbove[member] { add(volume, row: row, column: column) }
      }
      for column in layout.useBelow[hydro] { add(-volume, row: row, column: column) }
    }
    for other in study.hydros.indices where other == hydro || absent.contains(other) {
      for (k, hours) in periods.enumerated() {
        guard let row = layout.waterBalance[hydro * layout.blocks + k] else { continue }
        inflowTerms.append(NoiseTerm(row: row, entity: other, coefficient: Self.volumePerFlowHour * hours))
      }
    }
  }

  /// Adds what a plant may take from its balance beyond its flows: virtual inflow, and too much or too little
  /// withdrawal.
  ///
  /// - Returns: the scheduled withdrawal in m³/s.
  private mutating func addBalanceSlacks(
    _ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLPLayout
  ) -> Double {
    let hours = study.stages[stage].hours
    let costs = study.costs(stage: stage, hydro: hydro)
    let withdrawal = study.limits(stage: stage, hydro: hydro).withdrawal
    if study.configuration.inflowMethod.hasSlack {
      // If it is limited to what is missing to 0, each opening sets its bound.
      let isLimited =
        study.configuration.inflowMethod.truncates && study.conventions.truncationRule == .balance
      layout.virtualInflow[hydro] = addColumn(
        upper: isLimited ? 0 : .infinity, cost: hours * costs.inflowNonnegativity)
    }
    let isSigned = study.conventions.hasSignedWithdrawal
    if withdrawal > 0 || (isSigned && withdrawal < 0) {
      // At most all of a withdrawal can be missing, even if it may have either sign.
      layout.withdrawalBelow[hydro] = addColumn(
        upper: isSigned && withdrawal > 0 ? withdrawal : .infinity,
        cost: hours * costs.withdrawalViolationBelow)
      layout.withdrawalAbove[hydro] = addColumn(
        upper: withdrawal < 0 ? -withdrawal : .infinity,
        cost: hours * costs.withdrawalViolationAbove)
    }
    return withdrawal
  }

  /// Enters every flow into the balance it leaves and the balance it reaches.
  private mutating func routeFlows(_ study: StudyCase, stage: Int, layout: StageLPLayout) {
    let isChronological = study.stages[stage].blockMode == .chronological
    for (k, block) in study.stages[stage].blocks.enumerated() {
      let volume = Self.volumePerFlowHour * block.hours
      func balance(_ hydro: Int?) -> Int? {
        guard let hydro else { return nil }
        return layout.waterBalance[hydro * layout.blocks + (isChronological ? k : 0)]
      }
      func move(_ column: Int?, from source: Int?, to target: Int?) {
        guard let column else { return }
        if let row = balance(source) { add(volume, row: row, column: column) }
        if let row = balance(target) { add(-volume, row: row, column: column) }
      }
      for (hydro, plant) in study.hydros.enumerated() where study.isPresent(stage: stage, hydro: hydro) {
        let position = hydro * layout.blocks + k
        // What takes time enters the balance of its target with the water on its way.
        let downstream =
          plant.travels ? nil : Self.receiver(of: plant.downstream, study: study, stage: stage)
        for cell in layout.cells(of: hydro) {
          move(layout.turbined[cell * layout.blocks + k], from: hydro, to: downstream)
        }
        move(layout.spilled[position], from: hydro, to: downstream)
        move(
          layout.diverted[position], from: hydro,
          to: Self.receiver(of: plant.diversion?.downstream, study: study, stage: stage))
      }
      for (pump, station) in study.pumpingStations.enumerated() {
        move(
          layout.pumped[pump * layout.blocks + k], from: station.sourceHydro,
          to: Self.receiver(of: station.destinationHydro, study: study, stage: stage))
      }
    }
  }
}
