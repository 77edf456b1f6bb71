/// How the values of a column are stored (Parquet format, `Type` in parquet.thrift).
package enum ParquetPhysicalType: Int32, Sendable, CaseIterable {
  case boolean = 0
  case int32 = 1
  case int64 = 2
  case int96 = 3
  case float = 4
  case double = 5
  case byteArray = 6
  case fixedLengthByteArray = 7

  /// The name in the specification.
  package var name: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .int32: "INT32"
    case .int64: "INT64"
    case .int96: "INT96"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .byteArray: "BYTE_ARRAY"
    case .fixedLengthByteArray: "FIXED_LEN_BYTE_ARRAY"
    }
  }
}

/// What the stored values mean (Parquet format, LogicalTypes.md).
package enum ParquetLogicalType: Hashable, Sendable {
  case string
  case enumeration
  case json
  /// Days since 1970-01-01.
  case date
  case integer(bits: Int, isSigned: Bool)
  case time(unit: ParquetTimeUnit, isUTC: Bool)
  case timestamp(unit: ParquetTimeUnit, isUTC: Bool)
  case decimal(precision: Int, scale: Int)
  /// A column that holds nulls alone.
  case null
  /// Anything else, by its name in the specification.
  case other(String)

  /// The name in the specification, with parameters.
  package var name: String {
    switch self {
    case .string: "STRING"
    case .enumeration: "ENUM"
    case .json: "JSON"
    case .date: "DATE"
    case .integer(let bits, let isSigned): "\(isSigned ? "INT" : "UINT")_\(bits)"
    case .time(let unit, let isUTC): "TIME(\(unit.rawValue)\(isUTC ? ", UTC" : ""))"
    case .timestamp(let unit, let isUTC): "TIMESTAMP(\(unit.rawValue)\(isUTC ? ", UTC" : ""))"
    case .decimal(let precision, let scale): "DECIMAL(\(precision), \(scale))"
    case .null: "NULL"
    case .other(let name): name
    }
  }

  var isText: Bool { self == .string || self == .enumeration || self == .json }
}

package enum ParquetTimeUnit: String, Sendable {
  case milliseconds = "ms"
  case microseconds = "us"
  case nanoseconds = "ns"
}

/// How pages are compressed (Parquet format, Compression.md).
package enum ParquetCodec: Int32, Sendable, CaseIterable {
  case uncompressed = 0
  case snappy = 1
  case gzip = 2
  case lzo = 3
  case brotli = 4
  case lz4 = 5
  case zstd = 6
  case lz4Raw = 7

  /// The name in the specification.
  package var name: String {
    switch self {
    case .uncompressed: "UNCOMPRESSED"
    case .snappy: "SNAPPY"
    case .gzip: "GZIP"
    case .lzo: "LZO"
    case .brotli: "BROTLI"
    case .lz4: "LZ4"
    case .zstd: "ZSTD"
    case .lz4Raw: "LZ4_RAW"
    }
  }
}

/// One column of the table as the file declares it.
package struct ParquetField: Hashable, Sendable {
  package let name: String
  /// nil for a nested column (a list, map or struct), which is not read.
  package let physicalType: ParquetPhysicalType?
  package let logicalType: ParquetLogicalType?
  /// Whether rows may lack a value.
  ///
  /// A file may declare this even for a column without nulls.
  package let isNullable: Bool

  package init(
    name: String, physicalType: ParquetPhysicalType?, logicalType: ParquetLogicalType? = nil, isNullable: Bool
  ) {
    self.name = name
    self.physicalType = physicalType
    self.logicalType = logicalType
    self.isNullable = isNullable
  }

  /// The type in the words of the specification, such as `INT32`, `INT32 (DATE)` or `nested`.
  package var typeName: String {
    guard let physicalType else { return "nested" }
    return logicalType.map { "\(physicalType.name) (\($0.name))" } ?? physicalType.name
  }
}

/// What the footer says of a table: columns in the order of the file, rows, and how it is stored.
package struct ParquetSchema: Equatable, Sendable {
  package let fields: [ParquetField]
  package let rowCount: Int
  package let rowGroupCount: Int
  /// The codecs in use, each once, in the order in which they are met.
  package let codecs: [ParquetCodec]
  /// The program that wrote the file, if it says so.
  package let createdBy: String?

  package subscript(name: String) -> ParquetField? { fields.first { $0.name == name } }
}
