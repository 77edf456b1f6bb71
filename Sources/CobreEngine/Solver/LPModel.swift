/// A linear program: minimise objective · x subject to row and column bounds, matrix column-major.
///
/// Infinite bounds are `±Double.infinity`. Rows of a column ascend. Equal entries are not merged.
package struct LPModel: Sendable, Equatable {
  package var columnLower: [Double] = []
  package var columnUpper: [Double] = []
  package var objective: [Double] = []
  package var rowLower: [Double] = []
  package var rowUpper: [Double] = []
  /// First entry of each column.
  ///
  /// `columnCount + 1` values.
  package var starts: [Int32] = [0]
  package var rowIndices: [Int32] = []
  package var values: [Double] = []

  package var columnCount: Int { objective.count }
  package var rowCount: Int { rowLower.count }

  package init() {}

  /// Creates a model from entries in any order.
  ///
  /// Entries of one row and column are added up.
  ///
  /// - Parameters:
  ///   - columnLower: one value per column.
  ///   - columnUpper: one value per column.
  ///   - objective: one value per column.
  ///   - rowLower: one value per row.
  ///   - rowUpper: one value per row.
  ///   - entries: `(row, column, value)`. Rows and columns must exist in the bounds given.
  package init(
    columnLower: [Double], columnUpper: [Double], objective: [Double], rowLower: [Double], rowUpper: [Double],
    entries: [(row: Int, column: Int, value: Double)]
  ) {
    self.columnLower = columnLower
    self.columnUpper = columnUpper
    self.objective = objective
    self.rowLower = rowLower
    self.rowUpper = rowUpper
    starts.reserveCapacity(objective.count + 1)
    rowIndices.reserveCapacity(entries.count)
    values.reserveCapacity(entries.count)
    // A stable order by (column, row) fixes the order in which equal entries are added.
    let order = entries.indices.sorted { a, b in
      (entries[a].column, entries[a].row, a) < (entries[b].column, entries[b].row, b)
    }
    var next = 0
    for column in objective.indices {
      let first = rowIndices.count
      while next < order.count, entries[order[next]].column == column {
        let entry = entries[order[next]]
        if rowIndices.count > first, rowIndices[rowIndices.count - 1] == Int32(entry.row) {
          values[values.count - 1] += entry.value
        } else {
          rowIndices.append(Int32(entry.row))
          values.append(entry.value)
        }
        next += 1
      }
      starts.append(Int32(rowIndices.count))
    }
    precondition(next == order.count, "an entry names a column that does not exist")
  }
}
