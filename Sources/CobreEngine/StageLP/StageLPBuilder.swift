internal import CobreCase

/// A stage's linear program while it is being written, in natural units and $.
package struct StageLPBuilder {
  /// A column, or one that gets its index only when the LP is finished.
  enum Column {
    case index(Int)
    /// Outgoing state component.
    case state(Int)
  }

  /// What a realised value adds to the bounds of a row: coefficient · value.
  struct NoiseTerm {
    var row: Int
    var entity: Int
    var coefficient: Double
  }

  private(set) var columnLower: [Double] = []
  private(set) var columnUpper: [Double] = []
  private(set) var cost: [Double] = []
  private(set) var rowLower: [Double] = []
  private(set) var rowUpper: [Double] = []
  private(set) var entries: [(row: Int, column: Column, value: Double)] = []
  private(set) var couplings: [StageLPTemplate.StateCoupling] = []
  /// Bounds of the outgoing state components.
  var stateLower: [Double]
  var stateUpper: [Double]

  /// State components of the contents of batteries.
  var batteryComponents = 0..<0
  /// Row of each outgoing component after the storages.
  var memoryRows: [Int] = []

  var inflowTerms: [NoiseTerm] = []
  var loadTerms: [NoiseTerm] = []
  /// Rows of the production planes, by plant, block and cell.
  var planeGroups: [Range<Int>] = []
  /// Entries that follow the head of a plant: factor · productivity.
  private(set) var headEntries: [(entry: Int, hydro: Int, factor: Double)] = []
  /// By available power of a source in MW, before its block factor.
  var sourceTerms: [NoiseTerm] = []
  /// Columns bounded by available power: upper bound = factor · availability of the source.
  var sourceColumns: [(column: Int, source: Int, factor: Double)] = []
  /// Columns of these that must take all of the available power: their lower bound is the upper one.
  var mustRunColumns: Set<Int> = []

  init(stateDimension: Int) {
    stateLower = .init(repeating: 0, count: stateDimension)
    stateUpper = .init(repeating: .infinity, count: stateDimension)
  }

  mutating func addColumn(lower: Double = 0, upper: Double = .infinity, cost: Double = 0) -> Int {
    columnLower.append(lower)
    columnUpper.append(upper)
    self.cost.append(cost)
    return columnLower.count - 1
  }

  /// Fixes a column at 0 unless noise sets its upper bound.
  mutating func close(column: Int) { columnUpper[column] = 0 }

  mutating func addRow(lower: Double, upper: Double) -> Int {
    rowLower.append(lower)
    rowUpper.append(upper)
    return rowLower.count - 1
  }

  mutating func add(_ value: Double, row: Int, column: Int) {
    entries.append((row, .index(column), value))
  }

  mutating func add(_ value: Double, row: Int, state component: Int) {
    entries.append((row, .state(component), value))
  }

  /// Adds factor · productivity, which follows the head of a plant in simulation.
  mutating func addHead(_ factor: Double, line: HeadLine, hydro: Int, row: Int, column: Int) {
    headEntries.append((entries.count, hydro, factor))
    add(factor * line.reference, row: row, column: column)
  }

  /// Adds coefficient · (incoming state component) to the right-hand side of a row.
  mutating func couple(row: Int, component: Int, coefficient: Double) {
    couplings.append(.init(row: row, component: component, coefficient: coefficient))
  }

  /// Fixes a column at a value.
  mutating func fixColumn(_ column: Int, at value: Double) {
    columnLower[column] = value
    columnUpper[column] = value
  }

  mutating func shiftRow(_ row: Int, by value: Double) {
    rowLower[row] += value
    rowUpper[row] += value
  }

  /// Least cost that the columns with negative cost can contribute, in $, or −∞ if one of them has no upper bound.
  ///
  /// - Parameter largestAvailability: MW by source, before block factors.
  /// - Returns: a number ≤ 0.
  func leastCost(largestAvailability: [Double]) -> Double {
    var upper = columnUpper
    for entry in sourceColumns { upper[entry.column] = entry.factor * largestAvailability[entry.source] }
    var sum = 0.0
    for column in cost.indices where cost[column] < 0 { sum += cost[column] * upper[column] }
    return sum
  }
}
