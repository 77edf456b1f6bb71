internal import CobreCase

/// Reads every figure of a stage from its solved LP into a flat record.
///
/// A record has a slot for every quantity, entity and block (or one per stage). Most slots are sums of columns or duals
/// with factors. What depends on the noise is written separately.
struct StageRecorder {
  /// A quantity with the first of its slots.
  ///
  /// Entities follow each other, blocks within an entity.
  struct Section: Sendable {
    var quantity: SimulationQuantity
    var first: Int
    var entities: Int
    /// Slots per entity.
    var blocks: Int
  }

  /// Adds factor · column value, or factor · row dual, to a slot.
  private struct Term {
    var slot: Int
    var index: Int
    var factor: Double
  }

  let stage: Int
  private(set) var sections: [Section] = []
  private(set) var width = 0
  private var columnTerms: [Term] = []
  private var dualTerms: [Term] = []
  private var inflowSlot = 0
  private var loadSlot = 0
  private var availableSlot = 0
  private var curtailedSlot = 0
  private var costSlot = 0
  private var futureSlot = 0
  private var imputedSlot = 0
  private var generationSlot = 0
  /// Row of the load balance, column of the flow and MW per m³/s of each pump and block.
  private var pumping: [(row: Int, column: Int, consumption: Double)] = []
  /// Slots that get factor · price · column value.
  private var priceTerms: [(slot: Int, term: PriceTerms.Term)] = []
  private var priceSlot: Int?
  private let study: StudyCase

  init(study: StudyCase, template: StageLPTemplate) {
    self.study = study
    stage = template.stage
    addCosts(template)
    addHydros(template)
    addTransit(template)
    addNetwork(template)
    addBatteries(template.layout)
    if !study.priceProcesses.isEmpty { priceSlot = add(.price, "price", "$/MWh") }
  }

  /// Hours of the blocks.
  var hours: [Double] { study.stages[stage].blocks.map(\.hours) }

  /// Writes the record of a solver's last solve.
  ///
  /// - Parameters:
  ///   - solver: of this stage.
  ///   - realisation: what the noise has brought.
  ///   - record: room for `width` values.
  func write(
    _ solver: StageSolver, _ realisation: StageRealisation, into record: UnsafeMutablePointer<Double>
  ) {
    for slot in 0..<width { record[slot] = 0 }
    let values = solver.columnValues
    let duals = solver.rowDuals
    for term in columnTerms { record[term.slot] += term.factor * values[term.index] }
    for term in dualTerms { record[term.slot] += term.factor * duals[term.index] }
    for (slot, term) in priceTerms { record[slot] += term.factor * solver.price(term.process) * values[term.column] }
    if let priceSlot {
      for process in study.priceProcesses.indices { record[priceSlot + process] = solver.price(process) }
    }
    record[costSlot] = solver.stageCost
    record[futureSlot] = solver.futureCost
    for pump in pumping {
      record[imputedSlot] += duals[pump.row] / StageLPTemplate.objectiveScale * pump.consumption * values[pump.column]
    }
    for hydro in study.hydros.indices { record[inflowSlot + hydro] = realisation.inflows[hydro] }
    let blocks = study.stages[stage].blocks.count
    for (hydro, productivity) in solver.headProductivities {
      // A plant whose output follows its head is one cell.
      let cell = solver.template.layout.cells(of: hydro).lowerBound
      for k in 0..<blocks {
        guard let column = solver.template.layout.turbined[cell * blocks + k] else { continue }
        record[generationSlot + hydro * blocks + k] = productivity * values[column]
      }
    }
    for k in 0..<blocks {
      for bus in study.buses.indices {
        record[loadSlot + bus * blocks + k] =
          realisation.loads[bus] * study.loadFactor(stage: stage, bus: bus, block: k)
      }
      for source in study.sources.indices where study.exists(stage: stage, source: source) {
        let slot = source * blocks + k
        let available =
          realisation.availabilities[source] * study.sourceFactor(stage: stage, source: source, block: k)
        record[availableSlot + slot] = available
        record[curtailedSlot + slot] += available
      }
    }
  }

  /// Adds a quantity and returns its first slot.
  @discardableResult
  private mutating func add(
    _ entity: ElementKind, _ name: String, _ unit: String, perBlock: Bool = false
  ) -> Int {
    let entities = entity.count(in: study)
    let blocks = perBlock ? study.stages[stage].blocks.count : 1
    let quantity = SimulationQuantity(entity, name, unit, perBlock: perBlock)
    let first = width
    sections.append(Section(quantity: quantity, first: first, entities: entities, blocks: blocks))
    width += entities * blocks
    return first
  }

  /// Adds a quantity whose slots are single columns, in the order of `columns`.
  private mutating func add(
    _ entity: ElementKind, _ name: String, _ unit: String, perBlock: Bool = false, columns: [Int?],
    factor: (Int) -> Double = { _ in 1 }
  ) {
    let first = add(entity, name, unit, perBlock: perBlock)
    for (position, column) in columns.enumerated() {
      guard let column else { continue }
      columnTerms.append(Term(slot: first + position, index: column, factor: factor(position)))
    }
  }
}

extension StageRecorder {
  private mutating func addCosts(_ template: StageLPTemplate) {
    costSlot = add(.system, "cost", "$")
    futureSlot = add(.system, "future_cost", "$")
    imputedSlot = add(.system, "cost.imputed_pumping", "$")
    var groups: [String: Int] = [:]
    for name in ["resource", "recourse", "violation", "regularisation"] {
      groups[name] = add(.system, "cost.\(name)", "$")
    }
    let columns = template.layout.costColumns
    for category in CostCategory.allCases where category != .batteries || !study.batteries.isEmpty {
      let slot = add(.system, "cost.\(category.rawValue)", "$")
      if category == .contracts {
        for term in template.prices.terms where term.column < template.firstStateColumn {
          priceTerms += [(slot, term)] + (groups[category.group].map { [($0, term)] } ?? [])
        }
      }
      for column in columns[category] ?? [] {
        let factor = template.model.objective[column] / StageLPTemplate.objectiveScale
        guard factor != 0 else { continue }
        columnTerms.append(Term(slot: slot, index: column, factor: factor))
        if let group = groups[category.group] { columnTerms.append(Term(slot: group, index: column, factor: factor)) }
      }
    }
  }

  /// Volumes at the ends of blocks and what they are worth, in cases where blocks follow each other.
  ///
  /// In a stage whose blocks are parallel, all of them have the volume of its end.
  private mutating func addBlockVolumes(_ template: StageLPTemplate) {
    guard study.stages.contains(where: { $0.blockMode == .chronological && $0.blocks.count > 1 }) else { return }
    let layout = template.layout
    let blocks = layout.blocks
    let positions = study.hydros.indices.flatMap { hydro in (0..<blocks).map { hydro * blocks + $0 } }
    add(
      .hydro, "block_storage", "hm3", perBlock: true,
      columns: positions.map { layout.storage[$0] ?? template.firstStateColumn + $0 / blocks })
    let values = add(.hydro, "block_water_value", "$/hm3", perBlock: true)
    for position in positions {
      guard let row = layout.waterBalance[position] ?? layout.waterBalance[position / blocks * blocks] else { continue }
      dualTerms.append(Term(slot: values + position, index: row, factor: -1 / StageLPTemplate.objectiveScale))
    }
  }

  private mutating func addHydros(_ template: StageLPTemplate) {
    let layout = template.layout
    let blocks = layout.blocks
    add(.hydro, "storage", "hm3", columns: study.hydros.indices.map { template.firstStateColumn + $0 })
    inflowSlot = add(.hydro, "inflow", "m3/s")
    let values = add(.hydro, "water_value", "$/hm3")
    for hydro in study.hydros.indices {
      guard let row = layout.waterBalance[hydro * blocks] else { continue }
      dualTerms.append(Term(slot: values + hydro, index: row, factor: -1 / StageLPTemplate.objectiveScale))
    }
    addBlockVolumes(template)
    add("turbined", "m3/s", ofCells: layout.turbined, layout)
    add(.hydro, "spilled", "m3/s", perBlock: true, columns: layout.spilled)
    add(.hydro, "diverted", "m3/s", perBlock: true, columns: layout.diverted)
    let study = study
    let stage = stage
    generationSlot = width
    add("generation", "MW", ofCells: layout.turbined, layout) {
      study.production(stage: stage, hydro: $0).productivity
    }
    addTerms(ofCells: layout.generation, layout, first: generationSlot)
    addSharedBuses(layout)
    addEvaporated("evaporation", layout.evaporation, blocks: blocks)
    addEvaporated("evaporation_shortfall", layout.evaporationBelow, blocks: blocks)
    addEvaporated("evaporation_surplus", layout.evaporationAbove, blocks: blocks)
    add(.hydro, "storage_shortfall", "hm3", columns: layout.storageBelow)
    add(.hydro, "retention_shortfall", "hm3", columns: layout.retentionBelow)
    add(.hydro, "filling_shortfall", "hm3", columns: layout.fillingBelow)
    add(.hydro, "virtual_inflow", "m3/s", columns: layout.virtualInflow)
    add(.hydro, "withdrawal_shortfall", "m3/s", columns: layout.withdrawalBelow)
    add(.hydro, "withdrawal_surplus", "m3/s", columns: layout.withdrawalAbove)
    add(.hydro, "outflow_shortfall", "m3/s", perBlock: true, columns: layout.outflowBelow)
    add(.hydro, "outflow_surplus", "m3/s", perBlock: true, columns: layout.outflowAbove)
    let turbinedBelow = add("turbined_shortfall", "m3/s", ofCells: layout.turbinedBelow, layout)
    addTerms(layout.totalTurbinedBelow, first: turbinedBelow)
    let generationBelow = add("generation_shortfall", "MW", ofCells: layout.generationBelow, layout)
    addTerms(layout.totalGenerationBelow, first: generationBelow)
    addOperatingRules(layout)
  }

  /// What operating rules lack, and the uses of water one by one if a plant has several.
  private mutating func addOperatingRules(_ layout: StageLPLayout) {
    guard study.hasOperatingRules else { return }
    add(.hydro, "alert_shortfall", "hm3", columns: layout.alertBelow)
    add(.hydro, "flood_surplus", "hm3", columns: layout.floodAbove)
    add(.hydro, "spillway_surplus", "m3/s", perBlock: true, columns: layout.spilledAbove)
    add(.hydro, "outflow_ramp_surplus", "m3/s", perBlock: true, columns: layout.rampBeyond)
    let sum = add(.hydro, "water_use_shortfall", "m3/s")
    for (hydro, columns) in layout.useBelow.enumerated() {
      for column in columns { columnTerms.append(Term(slot: sum + hydro, index: column, factor: 1)) }
    }
    let most = study.hydros.map { $0.rules?.uses.count ?? 0 }.max() ?? 0
    for number in 0..<(most > 1 ? most : 0) {
      add(
        .hydro, SimulationQuantity.waterUse(number + 1), "m3/s",
        columns: layout.useBelow.map { $0.indices.contains(number) ? $0[number] : nil })
    }
  }

  /// Adds what plants with several buses turbine and generate for each of these.
  private mutating func addSharedBuses(_ layout: StageLPLayout) {
    for bus in SimulationQuantity.sharedBuses(of: study) {
      let turbined = add(.hydro, SimulationQuantity.turbined(at: bus), "m3/s", perBlock: true)
      let generation = add(.hydro, SimulationQuantity.generation(at: bus), "MW", perBlock: true)
      for (cell, place) in layout.cells.enumerated()
      where study.buses[place.bus].id == bus && layout.cells(of: place.hydro).count > 1 {
        let productivity = study.production(stage: stage, hydro: place.hydro).productivity
        for k in 0..<layout.blocks {
          let slot = place.hydro * layout.blocks + k
          if let column = layout.turbined[cell * layout.blocks + k] {
            columnTerms.append(Term(slot: turbined + slot, index: column, factor: 1))
            columnTerms.append(Term(slot: generation + slot, index: column, factor: productivity))
          }
          if let column = layout.generation[cell * layout.blocks + k] {
            columnTerms.append(Term(slot: generation + slot, index: column, factor: 1))
          }
        }
      }
    }
  }

  /// Adds a quantity of plants that is the sum over their cells.
  ///
  /// Columns come by cell and block, factors by plant.
  ///
  /// - Returns: the first slot.
  @discardableResult
  private mutating func add(
    _ name: String, _ unit: String, ofCells columns: [Int?], _ layout: StageLPLayout,
    factor: (Int) -> Double = { _ in 1 }
  ) -> Int {
    let first = add(.hydro, name, unit, perBlock: true)
    addTerms(ofCells: columns, layout, first: first, factor: factor)
    return first
  }

  private mutating func addTerms(
    ofCells columns: [Int?], _ layout: StageLPLayout, first: Int, factor: (Int) -> Double = { _ in 1 }
  ) {
    for (position, column) in columns.enumerated() {
      guard let column else { continue }
      let hydro = layout.cells[position / layout.blocks].hydro
      let slot = first + hydro * layout.blocks + position % layout.blocks
      columnTerms.append(Term(slot: slot, index: column, factor: factor(hydro)))
    }
  }

  private mutating func addTerms(_ columns: [Int?], first: Int) {
    for (position, column) in columns.enumerated() {
      if let column { columnTerms.append(Term(slot: first + position, index: column, factor: 1)) }
    }
  }

  /// Adds a quantity per stage that has one column for the stage, or one for each block.
  private mutating func addEvaporated(_ name: String, _ columns: [Int?], blocks: Int) {
    let first = add(.hydro, name, "m3/s")
    let hours = hours
    for hydro in study.hydros.indices {
      let own = columns[(hydro * blocks)..<((hydro + 1) * blocks)]
      let isPerBlock = own.dropFirst().contains { $0 != nil }
      for (k, column) in own.enumerated() {
        guard let column else { continue }
        let share = isPerBlock ? hours[k] / hours.reduce(0, +) : 1
        columnTerms.append(Term(slot: first + hydro, index: column, factor: share))
      }
    }
  }

  /// Water that is on its way to each plant when the stage ends.
  private mutating func addTransit(_ template: StageLPTemplate) {
    guard study.hydros.contains(where: \.travels) else { return }
    let first = add(.hydro, "in_transit", "hm3")
    for (hydro, components) in template.layout.transit.enumerated() {
      for component in components {
        columnTerms.append(Term(slot: first + hydro, index: template.firstStateColumn + component, factor: 1))
      }
    }
  }

  /// Contents at the end of blocks, and what one more MWh at the start of the stage would save.
  private mutating func addBatteries(_ layout: StageLPLayout) {
    guard !study.batteries.isEmpty else { return }
    add(.battery, "energy", "MWh", perBlock: true, columns: layout.energy)
    add(.battery, "charge", "MW", perBlock: true, columns: layout.charge)
    add(.battery, "discharge", "MW", perBlock: true, columns: layout.discharge)
    add(.battery, "target_shortfall", "MWh", columns: layout.targetBelow)
    let values = add(.battery, "energy_value", "$/MWh")
    for (battery, row) in layout.energyBalance.enumerated() {
      guard let row else { continue }
      // Of a MWh at the start, the first block's row gets what self-discharge leaves.
      let kept = study.batteries[battery].retained(hours: hours[0])
      dualTerms.append(Term(slot: values + battery, index: row, factor: -kept / StageLPTemplate.objectiveScale))
    }
  }

  private mutating func addNetwork(_ template: StageLPTemplate) {
    let layout = template.layout
    let blocks = layout.blocks
    add(.thermal, "generation", "MW", perBlock: true, columns: layout.thermal)
    if study.thermals.contains(where: { $0.anticipation != nil }) {
      let decided = add(.thermal, "decision", "MW")
      for (thermal, decisions) in layout.decisions.enumerated() {
        for decision in decisions {
          columnTerms.append(Term(slot: decided + thermal, index: decision.column, factor: 1))
        }
      }
      let most = CommitmentPlan(study: study).mostDecisions
      for number in 0..<(most > 1 ? most : 0) {
        let first = add(.thermal, SimulationQuantity.decision(number + 1), "MW")
        for (thermal, decisions) in layout.decisions.enumerated() where decisions.indices.contains(number) {
          columnTerms.append(Term(slot: first + thermal, index: decisions[number].column, factor: 1))
        }
      }
    }
    loadSlot = add(.bus, "load", "MW", perBlock: true)
    let deficit = add(.bus, "deficit", "MW", perBlock: true)
    for (position, columns) in layout.deficit.enumerated() {
      for column in columns { columnTerms.append(Term(slot: deficit + position, index: column, factor: 1)) }
    }
    add(.bus, "excess", "MW", perBlock: true, columns: layout.excess)
    let prices = add(.bus, "marginal_cost", "$/MWh", perBlock: true)
    for (position, row) in layout.loadBalance.enumerated() {
      let factor = 1 / StageLPTemplate.objectiveScale / hours[position % blocks]
      dualTerms.append(Term(slot: prices + position, index: row, factor: factor))
    }
    if study.lines.contains(where: \.followsAngles) {
      add(.bus, "angle", "deg", perBlock: true, columns: layout.angle) { _ in 180 / .pi / Line.baseMVA }
    }
    add(.line, "direct_flow", "MW", perBlock: true, columns: layout.lineDirect)
    add(.line, "reverse_flow", "MW", perBlock: true, columns: layout.lineReverse)
    if study.lines.contains(where: { $0.resistance != nil }) {
      add(.line, "losses", "MW", perBlock: true, columns: layout.lineLoss)
    }
    add(.source, "generation", "MW", perBlock: true, columns: layout.source)
    availableSlot = add(.source, "available", "MW", perBlock: true)
    curtailedSlot = width
    add(.source, "curtailment", "MW", perBlock: true, columns: layout.source) { _ in -1 }
    add(.contract, "power", "MW", perBlock: true, columns: layout.contract)
    add(.pump, "flow", "m3/s", perBlock: true, columns: layout.pumped)
    let shortfall = add(.constraint, "shortfall", "-", perBlock: true)
    let surplus = add(.constraint, "surplus", "-", perBlock: true)
    for row in layout.generic {
      let position = row.constraint * blocks + row.block
      if let column = row.added { columnTerms.append(Term(slot: shortfall + position, index: column, factor: 1)) }
      if let column = row.taken { columnTerms.append(Term(slot: surplus + position, index: column, factor: 1)) }
    }
    for (pump, station) in study.pumpingStations.enumerated() {
      for k in 0..<blocks {
        guard let column = layout.pumped[pump * blocks + k] else { continue }
        pumping.append((layout.loadBalance[station.bus * blocks + k], column, station.consumption))
      }
    }
  }
}

extension StageLPLayout {
  /// Columns that cost money, by category.
  package var costColumns: [CostCategory: [Int]] {
    let slacks = [
      outflowBelow, outflowAbove, turbinedBelow, generationBelow, totalTurbinedBelow,
      totalGenerationBelow,
      virtualInflow, withdrawalBelow, withdrawalAbove,
      evaporationBelow, evaporationAbove, storageBelow, retentionBelow, fillingBelow, targetBelow,
      generic.map(\.added),
      generic.map(\.taken), spilledAbove, rampBeyond, alertBelow, floodAbove, useBelow.joined().map { $0 },
    ]
    return [
      .thermal: thermal.compactMap { $0 } + decisions.flatMap { $0.map(\.column) },
      .contracts: contract.compactMap { $0 }, .batteries: discharge.compactMap { $0 }, .deficit: deficit.flatMap { $0 },
      .excess: excess.compactMap { $0 }, .violations: slacks.flatMap { $0.compactMap { $0 } },
      .spillage: spilled.compactMap { $0 }, .diversion: diverted.compactMap { $0 },
      .exchange: (lineDirect + lineReverse).compactMap { $0 }, .curtailment: source.compactMap { $0 },
      .turbined: turbined.compactMap { $0 },
    ]
  }
}

/// What the noise gave one stage of one trajectory, in natural units before block factors.
struct StageRealisation {
  /// m³/s by hydro.
  var inflows: ArraySlice<Double>
  /// MW by bus.
  var loads: ArraySlice<Double>
  /// MW by source.
  var availabilities: ArraySlice<Double>

  /// The values of an opening, after a state.
  init(_ tree: OpeningTree, stage: Int, opening: Int, state: [Double]) {
    let openings = tree.stages[stage]
    func part(_ values: NumberTable) -> ArraySlice<Double> {
      let width = values.count / max(1, openings.count)
      // Indices from 0, whatever the opening.
      return Array(values[(opening * width)..<((opening + 1) * width)])[...]
    }
    inflows = part(openings.inflows)
    loads = part(openings.loads)
    availabilities = part(openings.availabilities)
    addLags(tree.inflow, stage: stage, state: state)
  }

  /// The values of a sample, after a state.
  init(_ tree: OpeningTree, stage: Int, sample: NoiseSample, state: [Double]) {
    inflows = sample.inflows[...]
    loads = sample.loads[...]
    availabilities = sample.availabilities[...]
    addLags(tree.inflow, stage: stage, state: state)
  }

  private mutating func addLags(_ process: InflowProcess, stage: Int, state: [Double]) {
    for hydro in inflows.indices {
      inflows[hydro] = process.inflow(stage: stage, hydro: hydro, innovation: inflows[hydro], state: state)
    }
  }
}
