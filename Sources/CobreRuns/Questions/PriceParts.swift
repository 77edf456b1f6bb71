internal import CobreEngine

/// What one MW more at a bus costs in one solved stage, part by part.
///
/// One MW more is answered by the basic columns alone while the basis stays. Each of them that costs money is a part, and each
/// component of the state at its value in the cuts; their sum is the dual of the load balance (complementary slackness).
struct PriceParts: Sendable {
  /// What a part is about.
  struct Cause: Sendable, Hashable {
    var label: StageLPNames.Label

    /// The same for all blocks and all steps but those of deficits.
    init(_ label: StageLPNames.Label) {
      self.label = label
      self.label.block = nil
    }
  }

  struct Part: Sendable {
    var cause: Cause
    /// For each MWh more: MWh, or hm³ of water that is taken.
    var quantity: Double
    /// $ per unit of the quantity.
    var cost: Double
    /// $/MWh.
    var value: Double { quantity * cost }
  }

  /// A line at its capacity: its column, flow in MW, and what one MW more of it is worth, in $/MWh.
  struct FullLine: Sendable {
    var index: Int
    var isDirect: Bool
    var flow: Double
    var rent: Double
  }

  /// Dual of the load balance in $/MWh.
  var price = 0.0
  /// Slopes of the optimum for less and for more load, where they are not the same; in $/MWh.
  var low = 0.0
  var high = 0.0
  var parts: [Part] = []
  /// MW by hydro plant for each MW more.
  var hydroAnswers: [Int: Double] = [:]
  var fullLines: [FullLine] = []
  /// MW more for which the price holds, and what ends it; nil for ever.
  var reach: (distance: Double, label: StageLPNames.Label?)?
  /// Whether the parts could be told and add up to the price.
  var isExact = false
  /// Why the price for a little less or more load is not known, though it is another one.
  var unknownSide: String?

  /// The part that weighs most; nil where nothing that costs money answers.
  var leading: Part? {
    parts.max { abs($0.value) < abs($1.value) }.flatMap { abs($0.value) > 1e-9 ? $0 : nil }
  }

  /// Distances, in MW, below which the price is a different one on either side.
  private static let leastReach = 1e-6
  /// How far load is moved to find the price on the other side, in MW.
  private static let probe = 1e-3

  /// - Parameters:
  ///   - solved: the stage.
  ///   - names: of its template.
  ///   - template: the stage's.
  ///   - bus: index.
  ///   - block: index.
  ///   - hours: of the blocks.
  init(_ solved: SolvedStage, names: StageLPNames, template: StageLPTemplate, bus: Int, block: Int, hours: [Double]) {
    let lp = solved.lp
    let layout = template.layout
    let row = layout.loadBalance[bus * layout.blocks + block]
    let scale = StageLPTemplate.objectiveScale * hours[block]
    price = lp.rowDuals[row] / scale
    (low, high) = (price, price)
    addFullLines(solved, names: names, block: block, scale: scale)
    guard let changes = lp.response(toRow: row) else { return }
    addParts(solved, changes, names: names, hours: hours, block: block)
    addAnswers(solved, changes, names: names, layout: layout, hours: hours, block: block)
    let sum = parts.reduce(0) { $0 + $1.value }
    isExact = abs(sum - price) <= 1e-6 * max(1, abs(price))
    let up = lp.reach(changes, sign: 1, row: row)
    let down = lp.reach(changes, sign: -1, row: row)
    reach = up.map { end in
      (end.distance, end.place < solved.origins.count ? names.columns[solved.origins[end.place]] : nil)
    }
    if let up, up.distance < Self.leastReach, let beyond = dual(lp, row, movedBy: Self.probe) {
      high = max(price, beyond / scale)
    }
    if let down, down.distance < Self.leastReach, let beyond = dual(lp, row, movedBy: -Self.probe) {
      low = min(price, beyond / scale)
    }
  }

  /// The dual of a row whose bounds are moved; nil, with the reason noted, where that LP cannot be solved.
  private mutating func dual(_ lp: SolvedLP, _ row: Int, movedBy distance: Double) -> Double? {
    do {
      return try lp.dual(ofRow: row, movedBy: distance).dual
    } catch {
      unknownSide = "with \(distance > 0 ? "more" : "less") load the LP is not solved: \(error.detail)"
      return nil
    }
  }

  private mutating func addParts(
    _ solved: SolvedStage, _ changes: [Double], names: StageLPNames, hours: [Double], block: Int
  ) {
    let values = solved.stateValues
    for (column, origin) in solved.origins.enumerated() where abs(changes[column]) > 1e-12 {
      guard origin < solved.futureCostColumn, let label = names.columns[origin] else { continue }
      let cost = solved.lp.model.objective[column] / StageLPTemplate.objectiveScale
      if cost != 0 {
        // Water may be moved between blocks, so that plants of another block answer: their energy counts.
        let own = label.block.map { hours[$0] } ?? hours[block]
        add(Part(cause: Cause(label), quantity: changes[column] * own / hours[block], cost: cost / own))
      }
      guard origin >= solved.firstStateColumn else { continue }
      let value = values[origin - solved.firstStateColumn]
      if value != 0 { add(Part(cause: Cause(label), quantity: -changes[column] / hours[block], cost: value)) }
    }
  }

  /// Adds a part to the one of the same cause, at their mean cost.
  private mutating func add(_ part: Part) {
    guard
      let index = parts.firstIndex(where: {
        $0.cause == part.cause && abs($0.cost - part.cost) <= 1e-9 * abs(part.cost)
      })
    else { return parts.append(part) }
    let sum = parts[index].value + part.value
    parts[index].quantity += part.quantity
    // The sum stays what it is to the last digits.
    if parts[index].quantity != 0 { parts[index].cost = sum / parts[index].quantity }
  }

  private mutating func addAnswers(
    _ solved: SolvedStage, _ changes: [Double], names: StageLPNames, layout: StageLPLayout, hours: [Double], block: Int
  ) {
    var blockOfRow: [Int: Int] = [:]
    for (place, row) in layout.loadBalance.enumerated() { blockOfRow[row] = place % layout.blocks }
    let model = solved.lp.model
    for (column, origin) in solved.origins.enumerated() where abs(changes[column]) > 1e-12 {
      guard let label = names.columns[origin], label.kind == .turbined || label.kind == .hydroGeneration else {
        continue
      }
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        guard let other = blockOfRow[Int(model.rowIndices[entry])] else { continue }
        hydroAnswers[label.index, default: 0] += model.values[entry] * changes[column] * hours[other] / hours[block]
      }
    }
  }

  private mutating func addFullLines(_ solved: SolvedStage, names: StageLPNames, block: Int, scale: Double) {
    let model = solved.lp.model
    for (column, origin) in solved.origins.enumerated() {
      guard let label = names.columns[origin], label.block == block, label.kind == .direct || label.kind == .reverse,
        solved.lp.columnValues[column] >= model.columnUpper[column] - 1e-6
      else { continue }
      var reduced = model.objective[column]
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        reduced -= solved.lp.rowDuals[Int(model.rowIndices[entry])] * model.values[entry]
      }
      fullLines.append(
        FullLine(
          index: label.index, isDirect: label.kind == .direct, flow: solved.lp.columnValues[column],
          rent: max(0, -reduced / scale)))
    }
  }
}
