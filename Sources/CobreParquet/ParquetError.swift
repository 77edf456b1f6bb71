/// What is wrong with a table file: where, in which column, what was found and what is allowed.
package struct ParquetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of fault, for callers that treat them differently.
  package enum Kind: Equatable, Sendable {
    /// The bytes are no Parquet file.
    case notParquet
    /// The file contradicts itself or the format.
    case damaged
    /// The file is sound, but uses what this reader does not read.
    case unsupported
    /// Reading would take more than the limits allow.
    case limit
    /// A requested column does not exist, or the name fits several.
    case column
    /// The file system refused.
    case fileSystem
    /// What is to be written is not a table.
    case table
  }

  package let kind: Kind
  /// The column, if the fault is in one.
  package private(set) var column: String?
  /// The part of the file, such as `footer` or `row group 0, page 3`, if it is known.
  package private(set) var part: String?
  /// One sentence without the position.
  package let message: String

  package init(_ kind: Kind, _ message: String, column: String? = nil, part: String? = nil) {
    self.kind = kind
    self.message = message
    self.column = column
    self.part = part
  }

  package var description: String {
    let places = [column.map { "column '\($0)'" }, part].compactMap { $0 }
    return places.isEmpty ? message : "\(places.joined(separator: ", ")): \(message)"
  }

  /// The same fault with its position.
  ///
  /// A part that is known already is inside the given one.
  func at(column: String? = nil, part: String? = nil) -> Self {
    var placed = self
    if placed.column == nil { placed.column = column }
    let parts = [part, placed.part].compactMap { $0 }
    placed.part = parts.isEmpty ? nil : parts.joined(separator: ", ")
    return placed
  }
}
