/// What a table must look like.
///
/// One definition serves the reader and the published column lists.
package struct TableShape: Sendable {
  /// Path of the file relative to the case directory.
  package var path: String
  package var summary: String
  package var columns: [ColumnShape]
  /// Whether several rows may share a key as long as each gives other columns.
  package var splitsRows = false

  /// Whether the file is Parquet.
  ///
  /// Else CSV.
  package var isParquet: Bool { path.hasSuffix(".parquet") }

  /// Names of the key columns.
  package var key: [String] { columns.filter(\.isKey).map(\.name) }

  package func column(_ name: String) -> ColumnShape? { columns.first { $0.name == name } }
}

extension TableShape {
  /// A table of our own format.
  init(file: CaseFileName, summary: String, columns: [ColumnShape]) {
    self.init(path: file.path, summary: summary, columns: columns)
  }
}

/// A column of a table.
package struct ColumnShape: Sendable {
  package enum Kind: String, Sendable {
    case int
    case num
    case date
  }

  package var name: String
  package var kind: Kind
  /// Whether the column is part of the unique key.
  package var isKey: Bool
  /// Whether fields may be empty and, unless `isRequired`, the column may be missing.
  package var isNullable: Bool
  /// Whether the column must be there although its fields may be empty.
  package var isRequired = false
  package var range = NumberRange.any
  package var reference: Reference?
  package var unit: String?
  package var summary: String

  /// Key column that names an element.
  static func key(_ name: String, _ target: Reference.Target, _ code: Int, _ summary: String) -> ColumnShape {
    ColumnShape(
      name: name, kind: .int, isKey: true, isNullable: false, reference: Reference(target: target, code: code),
      summary: summary)
  }

  /// Key column that counts.
  static func index(_ name: String, from minimum: Double = 0, isNullable: Bool = false, _ summary: String)
    -> ColumnShape
  {
    ColumnShape(
      name: name, kind: .int, isKey: true, isNullable: isNullable, range: NumberRange(minimum: minimum),
      summary: summary)
  }

  /// Number in every row.
  static func number(_ name: String, _ range: NumberRange = .any, unit: String?, _ summary: String) -> ColumnShape {
    ColumnShape(name: name, kind: .num, isKey: false, isNullable: false, range: range, unit: unit, summary: summary)
  }

  /// Number that may be left out.
  static func optional(_ name: String, _ range: NumberRange = .any, unit: String?, _ summary: String) -> ColumnShape {
    ColumnShape(name: name, kind: .num, isKey: false, isNullable: true, range: range, unit: unit, summary: summary)
  }
}
