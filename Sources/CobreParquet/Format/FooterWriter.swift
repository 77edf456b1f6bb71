/// Writes the metadata at the end of a file (`FileMetaData` in parquet.thrift).
struct FooterWriter {
  private struct Group {
    let start: Int
    let rowCount: Int
    let chunks: [WrittenChunk]
  }

  private let fields: [ParquetField]
  private let createdBy: String
  private var groups: [Group] = []
  private var rowCount = 0

  init(fields: [ParquetField], createdBy: String) {
    self.fields = fields
    self.createdBy = createdBy
  }

  /// Adds a row group whose chunks follow each other from `start`.
  mutating func append(_ chunks: [WrittenChunk], start: Int, rowCount: Int) {
    // What has been written need not be kept.
    let notes = chunks.map { chunk in
      var note = chunk
      note.size = chunk.bytes.count
      note.bytes = []
      return note
    }
    groups.append(Group(start: start, rowCount: rowCount, chunks: notes))
    self.rowCount += rowCount
  }

  /// The metadata with their length and the mark behind them.
  func bytes() -> [UInt8] {
    var footer = ThriftWriter()
    footer.int32(1, 2)
    // The root comes first, with the number of its columns (nil represents it here).
    footer.structures(2, [nil] + fields.map(Optional.some)) { element, field in
      if let field {
        Self.write(field, to: &element)
      } else {
        element.binary(4, "schema".utf8)
        element.int32(5, Int32(truncatingIfNeeded: fields.count))
      }
    }
    footer.int64(3, rowCount)
    footer.structures(4, groups) { Self.write($1, to: &$0) }
    footer.binary(6, createdBy.utf8)
    // Without the order of each column its least and greatest values mean nothing.
    footer.structures(7, fields) { order, _ in order.structure(1) { _ in } }
    footer.end()
    var bytes = footer.bytes
    bytes.appendLittle(UInt32(truncatingIfNeeded: bytes.count))
    bytes += Footer.mark
    return bytes
  }

  private static func write(_ field: ParquetField, to element: inout ThriftWriter) {
    if let type = field.physicalType { element.int32(1, type.rawValue) }
    let repetition: SchemaElement.Repetition = field.isNullable ? .optional : .required
    element.int32(3, repetition.rawValue)
    element.binary(4, field.name.utf8)
    guard let logical = field.logicalType else { return }
    if let converted = logical.converted { element.int32(6, converted) }
    element.structure(10) { logical.write(to: &$0) }
  }

  private static func write(_ group: Group, to structure: inout ThriftWriter) {
    var starts: [Int] = []
    var next = group.start
    for chunk in group.chunks {
      starts.append(next)
      next += chunk.size
    }
    structure.structures(1, Array(zip(group.chunks, starts))) { element, pair in
      element.int64(2, 0)
      element.structure(3) { write(pair.0, start: pair.1, to: &$0) }
    }
    structure.int64(2, group.chunks.reduce(0) { $0 + $1.rawSize })
    structure.int64(3, group.rowCount)
    structure.int64(5, group.start)
    structure.int64(6, next - group.start)
  }

  private static func write(_ chunk: WrittenChunk, start: Int, to metadata: inout ThriftWriter) {
    if let type = chunk.field.physicalType { metadata.int32(1, type.rawValue) }
    metadata.int32s(2, chunk.encodings.map(\.rawValue))
    metadata.texts(3, [chunk.field.name])
    metadata.int32(4, chunk.codec.rawValue)
    metadata.int64(5, chunk.rowCount)
    metadata.int64(6, chunk.rawSize)
    metadata.int64(7, chunk.size)
    metadata.int64(9, start + chunk.dataStart)
    if chunk.dataStart > 0 { metadata.int64(11, start) }
    metadata.structure(12) {
      $0.int64(3, chunk.nullCount)
      if let greatest = chunk.greatest { $0.binary(5, greatest) }
      if let least = chunk.least { $0.binary(6, least) }
    }
  }
}

extension ParquetLogicalType {
  /// The older `ConvertedType` of parquet.thrift, if there is an equivalent one.
  fileprivate var converted: Int32? {
    switch self {
    case .string: 0
    case .enumeration: 4
    case .date: 6
    case .integer(let bits, let isSigned): (isSigned ? 15 : 11) + Int32(bits.trailingZeroBitCount - 3)
    case .json: 19
    case .time, .timestamp, .decimal, .null, .other: nil
    }
  }

  /// The member of the union `LogicalType` in parquet.thrift.
  fileprivate func write(to union: inout ThriftWriter) {
    switch self {
    case .string: union.structure(1) { _ in }
    case .enumeration: union.structure(4) { _ in }
    case .date: union.structure(6) { _ in }
    case .json: union.structure(12) { _ in }
    case .null: union.structure(11) { _ in }
    case .integer(let bits, let isSigned):
      union.structure(10) {
        $0.byte(1, Int8(truncatingIfNeeded: bits))
        $0.bool(2, isSigned)
      }
    case .time(let unit, let isUTC): union.structure(7) { Self.write(unit, isUTC, to: &$0) }
    case .timestamp(let unit, let isUTC): union.structure(8) { Self.write(unit, isUTC, to: &$0) }
    case .decimal, .other: break
    }
  }

  private static func write(_ unit: ParquetTimeUnit, _ isUTC: Bool, to structure: inout ThriftWriter) {
    structure.bool(1, isUTC)
    structure.structure(2) {
      switch unit {
      case .milliseconds: $0.structure(1) { _ in }
      case .microseconds: $0.structure(2) { _ in }
      case .nanoseconds: $0.structure(3) { _ in }
      }
    }
  }
}
