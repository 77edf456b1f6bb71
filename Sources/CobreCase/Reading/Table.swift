/// A table read into typed columns.
struct Table {
  let shape: TableShape
  private(set) var rowCount: Int
  /// Columns by position in `shape.columns`.
  ///
  /// Empty arrays represent columns that the file leaves out.
  private var integers: [[Int]]
  private var numbers: [[Double]]

  /// Marks an empty field in integer and date columns.
  static let none = Int.min

  init(shape: TableShape, rowCount: Int, integers: [[Int]], numbers: [[Double]]) {
    self.shape = shape
    self.rowCount = rowCount
    self.integers = integers
    self.numbers = numbers
  }

  /// Path of the file relative to the case directory.
  var file: String { shape.path }

  /// Position of a column by name.
  func position(_ name: String) -> Int? { shape.columns.firstIndex { $0.name == name } }

  /// Values of an integer or date column, with `none` for empty fields.
  ///
  /// The array is empty if the file leaves the column out.
  func integers(_ name: String) -> [Int] { position(name).map { integers[$0] } ?? [] }

  /// Values of a number column, NaN if empty, empty if the file leaves it out.
  func numbers(_ name: String) -> [Double] { position(name).map { numbers[$0] } ?? [] }

  /// Position of a row, for findings: the header of a CSV file is row 1, and so is the first row of a Parquet file.
  func place(_ row: Int, _ column: String? = nil) -> String {
    let number = row + (shape.isParquet ? 1 : 2)
    return column.map { "row \(number), column \($0)" } ?? "row \(number)"
  }
}

/// One number column with empty fields as nil.
struct NumberColumn {
  private let values: [Double]

  init(_ table: Table, _ name: String) { values = table.numbers(name) }

  /// The value of a row, or nil if the field is empty or the column missing.
  subscript(row: Int) -> Double? {
    guard row < values.count, !values[row].isNaN else { return nil }
    return values[row]
  }
}
