extension StageProgram {
  /// Volume in hm³ of 1 m³/s during one hour.
  static let volumePerFlowHour = 0.0036

  /// Adds reservoirs, flows, water balances and operational limits of all hydros.
  mutating func addHydros(_ study: StudyCase, stage: Int, layout: inout StageLayout) {
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
      addProductionPlanes(study, stage: stage, hydro: hydro, layout: layout)
    }
  }

  /// The plant that water sent to `hydro` reaches: itself, or the next existing one downstream; nil when it leaves.
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

  private mutating func addFlows(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLayout) {
    let limits = study.limits(stage: stage, hydro: hydro)
    let costs = study.costs(stage: stage, hydro: hydro)
    let model = study.production(stage: stage, hydro: hydro)
    stateLower[hydro] = Self.leastStorage(study, stage: stage, hydro: hydro)
    stateUpper[hydro] = limits.maxStorage
    let isFilling = study.isFilling(stage: stage, hydro: hydro)
    let turbinedLimit =
      model.productivity > 0
      ? min(limits.maxTurbined, limits.maxGeneration / model.productivity) : limits.maxTurbined
    for (k, block) in study.stages[stage].blocks.enumerated() {
      let position = hydro * layout.blocks + k
      // A flow that can only be 0 needs no column, unless a row of its own asks for it.
      if turbinedLimit > 0, !isFilling {
        layout.turbined[position] = addColumn(
          upper: turbinedLimit, cost: model.kind == .fpha ? block.hours * costs.fphaTurbined : 0)
      }
      layout.spilled[position] = addColumn(cost: block.hours * costs.spillage)
      guard !isFilling else { continue }
      if model.kind == .fpha, limits.maxGeneration > 0 {
        layout.generation[position] = addColumn(upper: limits.maxGeneration)
      }
      if study.hydros[hydro].diversion != nil, limits.maxDiversion > 0 {
        layout.diverted[position] = addColumn(upper: limits.maxDiversion, cost: block.hours * costs.diversion)
      }
    }
  }

  /// Lower bound of the volume: the minimum storage, which is soft for plants with filling.
  private static func leastStorage(_ study: StudyCase, stage: Int, hydro: Int) -> Double {
    study.hydros[hydro].filling == nil ? study.limits(stage: stage, hydro: hydro).minStorage : 0
  }

  /// Balance rows: one per stage with parallel blocks, one per block with chronological ones.
  private mutating func addWaterBalance(_ study: StudyCase, stage: Int, hydro: Int, layout: inout StageLayout) {
    let description = study.stages[stage]
    let limits = study.limits(stage: stage, hydro: hydro)
    let costs = study.costs(stage: stage, hydro: hydro)
    if study.configuration.inflowMethod.hasSlack {
      layout.virtualInflow[hydro] = addColumn(cost: description.hours * costs.inflowNonnegativity)
    }
    if limits.withdrawal > 0 {
      layout.withdrawalBelow[hydro] = addColumn(cost: description.hours * costs.withdrawalViolationBelow)
      layout.withdrawalAbove[hydro] = addColumn(cost: description.hours * costs.withdrawalViolationAbove)
    }
    let isChronological = description.blockMode == .chronological
    let periods = isChronological ? description.blocks.map(\.hours) : [description.hours]
    var previous: Int?
    for (k, hours) in periods.enumerated() {
      let volume = Self.volumePerFlowHour * hours
      let position = hydro * layout.blocks + k
      let row = addRow(lower: -volume * limits.withdrawal, upper: -volume * limits.withdrawal)
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
      if let column = layout.virtualInflow[hydro] { add(-volume, row: row, column: column) }
      if let column = layout.withdrawalBelow[hydro] { add(-volume, row: row, column: column) }
      if let column = layout.withdrawalAbove[hydro] { add(volume, row: row, column: column) }
    }
    // The inflow of plants out of service runs on to this one.
    for other in study.hydros.indices where Self.receiver(of: other, study: study, stage: stage) == hydro {
      for (k, hours) in periods.enumerated() {
        guard let row = layout.waterBalance[hydro * layout.blocks + k] else { continue }
        inflowTerms.append(NoiseTerm(row: row, entity: other, coefficient: Self.volumePerFlowHour * hours))
      }
    }
  }

  /// Enters every flow into the balance it leaves and the one it reaches.
  private mutating func routeFlows(_ study: StudyCase, stage: Int, layout: StageLayout) {
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
        let downstream = Self.receiver(of: plant.downstream, study: study, stage: stage)
        move(layout.turbined[position], from: hydro, to: downstream)
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
