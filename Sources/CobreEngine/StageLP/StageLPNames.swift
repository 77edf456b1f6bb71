package import CobreCase

/// What each column of a stage LP means: an element of the case, a block and a kind of quantity.
package struct StageLPNames: Sendable {
  /// Kinds of columns, as sentences name them.
  package enum Kind: String, Sendable {
    case thermal = "generation"
    case decision = "generation decided for a later stage"
    case deficit
    case excess = "excess of power"
    case direct = "direct flow"
    case reverse = "reverse flow"
    case loss = "losses of the line"
    case source = "generation of the source"
    case contract = "power of the contract"
    case pumped = "pumped flow"
    case angle = "voltage angle"
    case charge = "charge of the battery"
    case discharge = "discharge of the battery"
    case energy = "contents of the battery"
    case turbined = "turbined flow"
    case hydroGeneration = "hydro generation"
    case spilled = "spillage"
    case diverted = "diversion"
    case storage
    case lag = "inflow memory"
    case commitment = "generation to be delivered later"
    case transit = "water on its way"
    case evaporation
    case slack
    case price = "slope in a price"
    case future = "future cost"
  }

  /// One column.
  package struct Label: Sendable, Hashable {
    package var kind: Kind
    package var entity: ElementKind
    /// Index of the element in the case.
    package var index: Int
    /// Nil for quantities of the stage.
    package var block: Int?
    /// What is missed where the column is a slack, such as "minimum outflow".
    package var limit: String?
    /// Number of the step among deficit columns.
    package var step: Int?

    package init(
      kind: Kind, entity: ElementKind, index: Int, block: Int? = nil, limit: String? = nil, step: Int? = nil
    ) {
      self.kind = kind
      self.entity = entity
      self.index = index
      self.block = block
      self.limit = limit
      self.step = step
    }
  }

  /// By column of the template; nil for what has no meaning of its own.
  package private(set) var columns: [Label?]
  private let blocks: Int

  package init(_ template: StageLPTemplate, study: StudyCase, states: StateLayout) {
    let layout = template.layout
    blocks = layout.blocks
    columns = .init(repeating: nil, count: template.model.columnCount)
    label(layout.thermal, .thermal, .thermal)
    label(layout.lineDirect, .direct, .line)
    label(layout.lineReverse, .reverse, .line)
    label(layout.lineLoss, .loss, .line)
    label(layout.excess, .excess, .bus)
    label(layout.source, .source, .source)
    label(layout.contract, .contract, .contract)
    label(layout.pumped, .pumped, .pump)
    label(layout.angle, .angle, .bus)
    label(layout.charge, .charge, .battery)
    label(layout.discharge, .discharge, .battery)
    label(layout.energy, .energy, .battery)
    label(layout.spilled, .spilled, .hydro)
    label(layout.diverted, .diverted, .hydro)
    label(layout.storage, .storage, .hydro)
    label(layout.evaporation, .evaporation, .hydro)
    for (kind, list) in [(Kind.turbined, layout.turbined), (.hydroGeneration, layout.generation)] {
      for (place, column) in list.enumerated() {
        guard let column else { continue }
        columns[column] = Label(
          kind: kind, entity: .hydro, index: layout.cells[place / blocks].hydro, block: place % blocks)
      }
    }
    for (place, list) in layout.deficit.enumerated() {
      for (step, column) in list.enumerated() {
        columns[column] = Label(
          kind: .deficit, entity: .bus, index: place / blocks, block: place % blocks, limit: nil, step: step)
      }
    }
    for (thermal, list) in layout.decisions.enumerated() {
      for decision in list { columns[decision.column] = Label(kind: .decision, entity: .thermal, index: thermal) }
    }
    labelSlacks(layout)
    for component in 0..<template.stateDimension {
      columns[template.firstStateColumn + component] = Self.state(component, study: study, states: states)
    }
    for column in template.futureCostColumn..<template.model.columnCount {
      columns[column] = Label(kind: .future, entity: .system, index: 0)
    }
  }

  private mutating func label(_ list: [Int?], _ kind: Kind, _ entity: ElementKind, limit: String? = nil) {
    for (place, column) in list.enumerated() {
      guard let column else { continue }
      columns[column] = Label(kind: kind, entity: entity, index: place / blocks, block: place % blocks, limit: limit)
    }
  }

  private mutating func labelSlacks(_ layout: StageLPLayout) {
    for (list, limit) in [
      (layout.outflowBelow, "minimum outflow"), (layout.outflowAbove, "maximum outflow"),
      (layout.totalTurbinedBelow, "minimum turbined flow"), (layout.totalGenerationBelow, "minimum generation"),
      (layout.evaporationBelow, "evaporation"), (layout.evaporationAbove, "evaporation"),
      (layout.spilledAbove, "spillway"), (layout.rampBeyond, "change of outflow"),
    ] {
      label(list, .slack, .hydro, limit: limit)
    }
    for (list, limit) in [
      (layout.turbinedBelow, "minimum turbined flow"), (layout.generationBelow, "minimum generation"),
    ] {
      for (place, column) in list.enumerated() {
        guard let column else { continue }
        columns[column] = Label(
          kind: .slack, entity: .hydro, index: layout.cells[place / blocks].hydro, block: place % blocks, limit: limit)
      }
    }
    for (list, limit) in [
      (layout.virtualInflow, "inflow of at least 0"), (layout.withdrawalBelow, "withdrawal"),
      (layout.withdrawalAbove, "withdrawal"), (layout.storageBelow, "minimum storage"),
      (layout.retentionBelow, "filling"), (layout.fillingBelow, "filling target"),
      (layout.alertBelow, "alert storage"), (layout.floodAbove, "flood control storage"),
    ] {
      for (hydro, column) in list.enumerated() {
        guard let column else { continue }
        columns[column] = Label(kind: .slack, entity: .hydro, index: hydro, block: nil, limit: limit)
      }
    }
    for (hydro, columns) in layout.useBelow.enumerated() {
      for column in columns {
        self.columns[column] = Label(kind: .slack, entity: .hydro, index: hydro, block: nil, limit: "use of water")
      }
    }
    for (battery, column) in layout.targetBelow.enumerated() {
      guard let column else { continue }
      columns[column] = Label(kind: .slack, entity: .battery, index: battery, block: nil, limit: "target")
    }
    for row in layout.generic {
      for column in [row.added, row.taken].compactMap({ $0 }) {
        columns[column] = Label(
          kind: .slack, entity: .constraint, index: row.constraint, block: row.block, limit: "constraint")
      }
    }
  }

  private static func state(_ component: Int, study: StudyCase, states: StateLayout) -> Label {
    if component < study.hydros.count { return Label(kind: .storage, entity: .hydro, index: component) }
    if states.batteries.contains(component) {
      return Label(kind: .energy, entity: .battery, index: component - states.batteries.lowerBound)
    }
    if states.prices.contains(component) {
      return Label(kind: .price, entity: .price, index: component - states.prices.lowerBound)
    }
    for hydro in study.hydros.indices {
      if states.memory(hydro: hydro).contains(component) { return Label(kind: .lag, entity: .hydro, index: hydro) }
      for ahead in 0..<states.transitCounts[hydro] where states.transit(ahead + 1, hydro: hydro) == component {
        return Label(kind: .transit, entity: .hydro, index: hydro)
      }
    }
    for thermal in study.thermals.indices {
      for ahead in 0..<states.commitmentCounts[thermal]
      where states.commitment(ahead + 1, thermal: thermal) == component {
        return Label(kind: .commitment, entity: .thermal, index: thermal)
      }
    }
    return Label(kind: .lag, entity: .system, index: 0)
  }
}
