internal import CobreCase
package import CobreEngine

/// A linear program under construction: minimise costs over bounded columns and rows.
package struct SparseProgram: Sendable {
  /// Costs are held in thousands, as dual tolerances are absolute.
  package static let costScale = 1000.0

  package private(set) var columnLower: [Double] = []
  package private(set) var columnUpper: [Double] = []
  package private(set) var costs: [Double] = []
  package private(set) var rowLower: [Double] = []
  package private(set) var rowUpper: [Double] = []
  package private(set) var entries: [(row: Int, column: Int, value: Double)] = []

  package init() {}

  /// Adds a column with a cost in $ and returns its index.
  package mutating func addColumn(_ lower: Double, _ upper: Double, cost: Double = 0) -> Int {
    columnLower.append(lower)
    columnUpper.append(upper)
    costs.append(cost / SparseProgram.costScale)
    return costs.count - 1
  }

  /// Adds to the cost of a column, in $.
  package mutating func addCost(_ column: Int, _ cost: Double) { costs[column] += cost / SparseProgram.costScale }

  /// Adds lower ≤ Σ terms ≤ upper.
  ///
  /// Equal columns are summed.
  package mutating func addRow(_ lower: Double, _ upper: Double, _ expression: LinearExpression) {
    for (column, value) in expression.terms where value != 0 {
      entries.append((rowLower.count, column, value))
    }
    rowLower.append(lower - expression.constant)
    rowUpper.append(upper - expression.constant)
  }

  /// The program as the solver takes it.
  package var model: LPModel {
    LPModel(
      columnLower: columnLower, columnUpper: columnUpper, objective: costs, rowLower: rowLower, rowUpper: rowUpper,
      entries: entries)
  }

  /// Least cost in $.
  package func optimum() throws -> Double { try model.solved().objective * SparseProgram.costScale }

  /// The program as JSON for other solvers: costs in $, infinite bounds as null.
  package var text: JSONText {
    func bounds(_ values: [Double]) -> JSONText {
      .array(values.map { $0.isInfinite ? .null : .number($0) })
    }
    return [
      "columns": .integer(costs.count), "rows": .integer(rowLower.count),
      "cost": .array(costs.map { .number($0 * SparseProgram.costScale) }), "column_lower": bounds(columnLower),
      "column_upper": bounds(columnUpper), "row_lower": bounds(rowLower), "row_upper": bounds(rowUpper),
      "entry_row": .array(entries.map { .integer($0.row) }),
      "entry_column": .array(entries.map { .integer($0.column) }),
      "entry_value": .array(entries.map { .number($0.value) }),
    ]
  }
}

/// Σ value · column + constant.
package struct LinearExpression: Sendable {
  package var terms: [(column: Int, value: Double)] = []
  package var constant = 0.0

  package init(_ terms: [(column: Int, value: Double)] = [], constant: Double = 0) {
    self.terms = terms
    self.constant = constant
  }

  package init(column: Int) { terms = [(column, 1)] }

  package static func += (left: inout LinearExpression, right: LinearExpression) {
    left.terms += right.terms
    left.constant += right.constant
  }

  package static func -= (left: inout LinearExpression, right: LinearExpression) { left += -1 * right }

  package static func * (factor: Double, expression: LinearExpression) -> LinearExpression {
    LinearExpression(expression.terms.map { ($0.column, factor * $0.value) }, constant: factor * expression.constant)
  }

  package mutating func add(_ value: Double, _ column: Int) { terms.append((column, value)) }
}
