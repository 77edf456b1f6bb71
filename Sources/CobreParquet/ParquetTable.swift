/// Strings of one column in two flat buffers.
package struct ParquetText: Equatable, Sendable {
  /// Where each string begins in `bytes`, and after the last one its end.
  package internal(set) var offsets: [Int]
  /// All strings one after the other, in valid UTF-8.
  package internal(set) var bytes: [UInt8]

  package init() {
    offsets = [0]
    bytes = []
  }

  package init(_ strings: some Sequence<String>) {
    self.init()
    for string in strings { append(string) }
  }

  package var count: Int { offsets.count - 1 }

  package subscript(row: Int) -> String { String(decoding: bytes[offsets[row]..<offsets[row + 1]], as: UTF8.self) }

  package mutating func append(_ string: String) {
    bytes.append(contentsOf: string.utf8)
    offsets.append(bytes.count)
  }
}

/// The values of one column.
///
/// A row without value holds 0, false or the empty string.
package enum ParquetValues: Equatable, Sendable {
  case bool([Bool])
  /// Signed integers of up to 32 bits, and days of dates.
  case int32([Int32])
  case int64([Int64])
  /// Unsigned integers of up to 32 bits.
  case uint32([UInt32])
  case uint64([UInt64])
  case float([Float])
  case double([Double])
  case text(ParquetText)

  package var count: Int {
    switch self {
    case .bool(let values): values.count
    case .int32(let values): values.count
    case .int64(let values): values.count
    case .uint32(let values): values.count
    case .uint64(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    case .text(let values): values.count
    }
  }
}

/// One column of a table in memory.
package struct ParquetColumn: Equatable, Sendable {
  package let field: ParquetField
  package var values: ParquetValues
  /// Whether each row has a value, or nil if all have one, whatever the file declares.
  package var validity: [Bool]?

  package init(field: ParquetField, values: ParquetValues, validity: [Bool]? = nil) {
    self.field = field
    self.values = values
    self.validity = validity
  }

  package var name: String { field.name }
  package var rowCount: Int { values.count }

  /// Whether a row lacks its value.
  package func isNull(_ row: Int) -> Bool { validity.map { !$0[row] } ?? false }

  /// The first row without a value.
  package var firstNull: Int? { validity?.firstIndex(of: false) }

  // The values, or nil if the column holds another type.
  package var bools: [Bool]? { if case .bool(let values) = values { values } else { nil } }
  package var int32s: [Int32]? { if case .int32(let values) = values { values } else { nil } }
  package var int64s: [Int64]? { if case .int64(let values) = values { values } else { nil } }
  package var uint32s: [UInt32]? { if case .uint32(let values) = values { values } else { nil } }
  package var uint64s: [UInt64]? { if case .uint64(let values) = values { values } else { nil } }
  package var floats: [Float]? { if case .float(let values) = values { values } else { nil } }
  package var doubles: [Double]? { if case .double(let values) = values { values } else { nil } }
  package var text: ParquetText? { if case .text(let values) = values { values } else { nil } }
}

/// A table in memory: columns of equal length.
package struct ParquetTable: Equatable, Sendable {
  package var rowCount: Int
  package var columns: [ParquetColumn]

  package init(rowCount: Int, columns: [ParquetColumn]) {
    self.rowCount = rowCount
    self.columns = columns
  }

  package subscript(name: String) -> ParquetColumn? { columns.first { $0.name == name } }
}
