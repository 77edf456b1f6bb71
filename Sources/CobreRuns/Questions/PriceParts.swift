internal import CobreEngine

/// What one MW more at a bus costs in one solved stage, part by part.
///
/// One MW more is answered by the basic columns alone while the basis stays. Each of them that costs money is a part,
/// and each component of the state at its value in the cuts; their sum is the dual of the load balance (complementary
/// slackness).
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

  /// Distances, in MW, below which a basis is taken to end at once, so that the price beyond is found by a program of
  /// its own.
  private static let leastReach = 1e-6

  /// - Parameters:
  ///   - solved: the stage.
  ///   - names: of its template.
  ///   - template: the stage's.
  ///   - bus: index.
  ///   - block: index.
  ///   - hours: of the blocks.
  ///   - cutReach: how far the solution can be moved along changes by column before a cut outside the program binds.
  init(
    _ solved: SolvedStage, names: StageLPNames, template: StageLPTemplate, bus: Int, block: Int, hours: [Double],
    cutReach: ([Double]) -> Double? = { _ in nil }
  ) {
    let lp = solved.lp
    let layout = template.layout
    let row = layout.loadBalance[bus * layout.blocks + block]
    let scale = StageLPTemplate.objectiveScale * hours[block]
    price = lp.rowDuals[row] / scale
    (low, high) = (price, price)
    addFullLines(solved, names: names, block: block, scale: scale)
    guard let changes = lp.response(toRow: row) else {
      (low, high) = (slope(lp, row, -1, scale), slope(lp, row, 1, scale))
      return
    }
    addParts(solved, changes, names: names, hours: hours, block: block)
    addAnswers(solved, changes, names: names, layout: layout, hours: hours, block: block)
    let sum = parts.reduce(0) { $0 + $1.value }
    isExact = abs(sum - price) <= 1e-6 * max(1, abs(price))
    let up = reach(lp, changes, 1, row, cutReach)
    let down = reach(lp, changes, -1, row, cutReach)
    reach = up.map { end in (end.distance, end.place.flatMap { $0 < names.columns.count ? names.columns[$0] : nil }) }
    if let up, up.distance < Self.leastReach { high = slope(lp, row, 1, scale) }
    if let down, down.distance < Self.leastReach { low = slope(lp, row, -1, scale) }
  }

  /// How far load can go in MW before the basis ends, and the column or row that ends it; no place where a cut outside
  /// does.
  private func reach(
    _ lp: SolvedLP, _ changes: [Double], _ sign: Double, _ row: Int, _ cutReach: ([Double]) -> Double?
  ) -> (distance: Double, place: Int?)? {
    let inside = lp.reach(changes, sign: sign, row: row)
    guard let outside = cutReach(changes.map { sign * $0 }), outside < inside?.distance ?? .infinity else {
      return inside.map { ($0.distance, $0.place) }
    }
    return (outside, nil)
  }

  /// The price for a little more or less load; where it cannot be found the one at the load itself, with the reason
  /// noted.
  private mutating func slope(_ lp: SolvedLP, _ row: Int, _ sign: Double, _ scale: Double) -> Double {
    do {
      let slope = try lp.slope(ofRow: row, sign: sign) / scale
      return sign > 0 ? max(price, slope) : min(price, slope)
    } catch {
      unknownSide =
        error.code == .infeasible
        ? "\(sign > 0 ? "more" : "less") load cannot be met at any price"
        : "with \(sign > 0 ? "more" : "less") load the LP is not solved: \(error.detail)"
      return price
    }
  }

  private mutating func addParts(
    _ solved: SolvedStage, _ changes: [Double], names: StageLPNames, hours: [Double], block: Int
  ) {
    let values = solved.stateValues
    for column in 0..<solved.futureCostColumn where abs(changes[column]) > 1e-12 {
      guard let label = names.columns[column] else { continue }
      let cost = solved.lp.model.objective[column] / StageLPTemplate.objectiveScale
      if cost != 0 {
        // Water may be moved between blocks, so that plants of another block answer: their energy counts.
        let own = label.block.map { hours[$0] } ?? hours[block]
        add(Part(cause: Cause(label), quantity: changes[column] * own / hours[block], cost: cost / own))
      }
      guard column >= solved.firstStateColumn else { continue }
      let value = values[column - solved.firstStateColumn]
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
    for column in 0..<model.columnCount where abs(changes[column]) > 1e-12 {
      guard let label = names.columns[column], label.kind == .turbined || label.kind == .hydroGeneration else {
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
    for column in 0..<model.columnCount {
      guard let label = names.columns[column], label.block == block, label.kind == .direct || label.kind == .reverse,
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
