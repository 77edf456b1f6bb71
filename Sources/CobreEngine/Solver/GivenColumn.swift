/// A free column without cost that one row sets: the row holds no other column, and its bounds are equal.
///
/// Such are values that are known before a solve and are in the program for their dual alone.
package struct GivenColumn: Sendable, Equatable {
  package var row: Int
  /// Counted from the first state column.
  package var column: Int
  /// Entry of the column in the row.
  package var coefficient: Double

  package init(row: Int, column: Int, coefficient: Double) {
    self.row = row
    self.column = column
    self.coefficient = coefficient
  }

  /// All such columns of a program.
  ///
  /// - Parameters:
  ///   - model: the program.
  ///   - columns: columns to look at, the first of which counts as 0.
  ///   - rows: rows whose position and bounds stay equal however the program is assembled.
  /// - Returns: by column, at most one for each column.
  package static func all(in model: LPModel, columns: Range<Int>, rows: Range<Int>) -> [GivenColumn] {
    var entries = [Int](repeating: 0, count: model.rowCount)
    for row in model.rowIndices { entries[Int(row)] += 1 }
    return columns.compactMap { column in
      guard model.objective[column] == 0, model.columnLower[column] == -.infinity,
        model.columnUpper[column] == .infinity
      else { return nil }
      for index in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        let row = Int(model.rowIndices[index])
        guard rows.contains(row), entries[row] == 1, model.rowLower[row] == model.rowUpper[row],
          model.values[index] != 0
        else { continue }
        return GivenColumn(row: row, column: column - columns.lowerBound, coefficient: model.values[index])
      }
      return nil
    }
  }
}
