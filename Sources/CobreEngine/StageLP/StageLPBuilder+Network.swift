internal import CobreCase

extension StageLPBuilder {
  /// Adds pumps, whose water the hydros route and whose power the buses feed.
  mutating func addPumps(_ study: StudyCase, stage: Int, layout: inout StageLPLayout) {
    for pump in study.pumpingStations.indices where study.exists(stage: stage, pump: pump) {
      // A pump whose source reservoir does not exist has no water to move.
      guard study.isPresent(stage: stage, hydro: study.pumpingStations[pump].sourceHydro) else {
        continue
      }
      for k in 0..<layout.blocks {
        let limits = study.limits(stage: stage, pump: pump, block: k)
        guard limits.maxFlow > 0 else { continue }
        layout.pumped[pump * layout.blocks + k] = addColumn(
          lower: limits.minFlow, upper: limits.maxFlow)
      }
    }
  }

  /// Adds load balances and everything that feeds or drains a bus.
  mutating func addNetwork(_ study: StudyCase, stage: Int, layout: inout StageLPLayout) {
    for bus in study.buses.indices {
      for (k, block) in study.stages[stage].blocks.enumerated() {
        let row = addRow(lower: 0, upper: 0)
        layout.loadBalance.append(row)
        loadTerms.append(
          NoiseTerm(row: row, entity: bus, coefficient: study.loadFactor(stage: stage, bus: bus, block: k)))
        for segment in study.busDeficitSegments[bus] {
          let column = addColumn(upper: segment.depth ?? .infinity, cost: block.hours * segment.cost)
          add(1, row: row, column: column)
          layout.deficit[bus * layout.blocks + k].append(column)
        }
        let excess = addColumn(cost: block.hours * study.excessCost(stage: stage, bus: bus))
        add(-1, row: row, column: excess)
        layout.excess[bus * layout.blocks + k] = excess
      }
    }
    addThermals(study, stage: stage, layout: &layout)
    addLines(study, stage: stage, layout: &layout)
    addAngles(study, layout: &layout)
    addSources(study, stage: stage, layout: &layout)
    addContracts(study, stage: stage, layout: &layout)
    for (index, cell) in layout.cells.enumerated() {
      for k in 0..<layout.blocks {
        addGeneration(
          1, row: layout.loadBalance[cell.bus * layout.blocks + k], cell: index, block: k,
          study: study,
          stage: stage, layout: layout)
      }
    }
    for (pump, station) in study.pumpingStations.enumerated() where station.consumption > 0 {
      for k in 0..<layout.blocks {
        guard let column = layout.pumped[pump * layout.blocks + k] else { continue }
        add(-station.consumption, row: layout.loadBalance[station.bus * layout.blocks + k], column: column)
      }
    }
  }

  /// Enters `factor` times the output of a hydro cell in a block into a row.
  mutating func addGeneration(
    _ factor: Double, row: Int, cell: Int, block: Int, study: StudyCase, stage: Int,
    layout: StageLPLayout
  ) {
    let hydro = layout.cells[cell].hydro
    let position = cell * layout.blocks + block
    if let column = layout.generation[position] {
      add(factor, row: row, column: column)
    } else if let column = layout.turbined[position] {
      let productivity = study.production(stage: stage, hydro: hydro).productivity
      guard productivity > 0 else { return }
      if let line = study.headLine(stage: stage, hydro: hydro) {
        addHead(factor, line: line, hydro: hydro, row: row, column: column)
      } else {
        add(factor * productivity, row: row, column: column)
      }
    }
  }

  private mutating func addThermals(_ study: StudyCase, stage: Int, layout: inout StageLPLayout) {
    for (thermal, plant) in study.thermals.enumerated()
    where study.exists(stage: stage, thermal: thermal) {
      let price = layout.delivers(thermal) ? 0 : study.limits(stage: stage, thermal: thermal).cost
      for (k, block) in study.stages[stage].blocks.enumerated() {
        let limits = study.limits(stage: stage, thermal: thermal, block: k)
        guard limits.maxGeneration > 0 else { continue }
        let column = addColumn(
          lower: limits.minGeneration, upper: limits.maxGeneration, cost: block.hours * price)
        layout.thermal[thermal * layout.blocks + k] = column
        if let delivery = layout.deliveries[thermal] {
          add(block.hours, row: delivery, column: column)
        }
        add(1, row: layout.loadBalance[plant.bus * layout.blocks + k], column: column)
      }
    }
  }

  /// Each direction has its own column.
  ///
  /// The receiving end gets the flow less its losses.
  private mutating func addLines(_ study: StudyCase, stage: Int, layout: inout StageLPLayout) {
    for (index, line) in study.lines.enumerated() where study.exists(stage: stage, line: index) {
      let cost = study.exchangeCost(stage: stage, line: index)
      for (k, block) in study.stages[stage].blocks.enumerated() {
        let capacity = study.capacity(stage: stage, line: index, block: k)
        let source = layout.loadBalance[line.sourceBus * layout.blocks + k]
        let target = layout.loadBalance[line.targetBus * layout.blocks + k]
        if capacity.direct > 0 {
          let column = addColumn(upper: capacity.direct, cost: block.hours * cost)
          layout.lineDirect[index * layout.blocks + k] = column
          add(-1, row: source, column: column)
          add(line.efficiency, row: target, column: column)
        }
        if capacity.reverse > 0 {
          let column = addColumn(upper: capacity.reverse, cost: block.hours * cost)
          layout.lineReverse[index * layout.blocks + k] = column
          add(line.efficiency, row: source, column: column)
          add(-1, row: target, column: column)
        }
        addLosses(of: line, index, block: k, capacity: capacity, ends: (source, target), layout: &layout)
      }
    }
  }

  /// Generation of sources carries the negative curtailment cost.
  ///
  /// The constant for full curtailment is left out.
  private mutating func addSources(_ study: StudyCase, stage: Int, layout: inout StageLPLayout) {
    for (index, source) in study.sources.enumerated() where study.exists(stage: stage, source: index) {
      let cost = study.curtailmentCost(stage: stage, source: index)
      for (k, block) in study.stages[stage].blocks.enumerated() {
        let column = addColumn(upper: 0, cost: -block.hours * cost)
        layout.source[index * layout.blocks + k] = column
        add(1, row: layout.loadBalance[source.bus * layout.blocks + k], column: column)
        let share = study.sourceFactor(stage: stage, source: index, block: k)
        sourceColumns.append((column, index, share))
        if !source.allowsCurtailment { mustRunColumns.insert(column) }
      }
    }
  }

  private mutating func addContracts(_ study: StudyCase, stage: Int, layout: inout StageLPLayout) {
    for (index, contract) in study.contracts.enumerated()
    where study.exists(stage: stage, contract: index) {
      for (k, block) in study.stages[stage].blocks.enumerated() {
        let limits = study.limits(stage: stage, contract: index, block: k)
        guard limits.maxPower > 0 else { continue }
        let column = addColumn(
          lower: limits.minPower, upper: limits.maxPower, cost: block.hours * limits.price)
        layout.contract[index * layout.blocks + k] = column
        add(
          contract.direction == .imports ? 1 : -1, row: layout.loadBalance[contract.bus * layout.blocks + k],
          column: column)
      }
    }
  }
}
