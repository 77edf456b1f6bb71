/// Where one column of one row group is in the file (`ColumnMetaData` in parquet.thrift).
struct ColumnChunk {
  var physicalType: Int32 = -1
  var codec = ParquetCodec.uncompressed
  var valueCount = 0
  /// Bytes of the file, from the first page header to the end of the last page.
  var start = 0
  var size = 0
  /// What prevents this chunk from being read, such as encryption.
  var obstacle: String?
}

struct RowGroup {
  var rowCount = 0
  /// One for each leaf of the schema.
  var chunks: [ColumnChunk] = []
}

/// One leaf of the schema tree with the column of the table that it belongs to.
struct Leaf {
  let field: Int
  let physicalType: ParquetPhysicalType
}

/// The metadata at the end of a file (`FileMetaData` in parquet.thrift).
struct Footer {
  var fields: [ParquetField] = []
  /// Leaves in the order of the chunks.
  ///
  /// A flat column has exactly one.
  var leaves: [Leaf] = []
  var rowCount = 0
  var rowGroups: [RowGroup] = []
  var createdBy: String?
  /// Where the metadata begin in the file: all pages are before it.
  var start = 0

  /// Bytes around the metadata: the mark at the front, length and mark at the end.
  static let mark: [UInt8] = Array("PAR1".utf8)

  var schema: ParquetSchema {
    var codecs: [ParquetCodec] = []
    for chunk in rowGroups.lazy.flatMap(\.chunks) where !codecs.contains(chunk.codec) { codecs.append(chunk.codec) }
    return ParquetSchema(
      fields: fields, rowCount: rowCount, rowGroupCount: rowGroups.count, codecs: codecs, createdBy: createdBy)
  }

  init() {}

  init(of file: UnsafeBufferPointer<UInt8>, limits: ParquetLimits) throws(ParquetError) {
    guard file.count <= limits.fileBytes else {
      throw ParquetError(.limit, "the file has \(file.count) bytes; \(limits.fileBytes) are allowed.")
    }
    guard let base = UnsafeRawPointer(file.baseAddress), file.count >= 12, file.starts(with: Self.mark) else {
      throw ParquetError(.notParquet, "this is no Parquet file: it does not begin with PAR1.")
    }
    let ending = Array(file[(file.count - 4)...])
    if ending == Array("PARE".utf8) { throw ParquetError(.unsupported, "the footer is encrypted.", part: "footer") }
    guard ending == Self.mark else {
      throw ParquetError(.notParquet, "the file does not end with PAR1; its end may be missing.")
    }
    var tail = ByteCursor(base: base, position: file.count - 8, end: file.count)
    let length = Int(try tail.littleUInt32())
    guard length <= limits.footerBytes else {
      throw ParquetError(.limit, "it has \(length) bytes; \(limits.footerBytes) are allowed.", part: "footer")
    }
    // Eight bytes are less than any metadata, so much may be read behind the last page.
    guard length >= 8, length <= file.count - 12 else {
      throw ParquetError(.damaged, "its length of \(length) bytes does not fit into the file.", part: "footer")
    }
    let begin = file.count - 8 - length
    do throws(ParquetError) {
      var thrift = ThriftReader(ByteCursor(base: base, position: begin, end: file.count - 8))
      try decode(&thrift, limits: limits)
      start = begin
      try check(limits: limits)
    } catch { throw error.at(part: "footer") }
  }

  private mutating func decode(_ thrift: inout ThriftReader, limits: ParquetLimits) throws(ParquetError) {
    var elements: [SchemaElement] = []
    var last = 0
    while let field = try thrift.field(after: &last) {
      switch field.id {
      case 2:
        let count = try thrift.structureCount(field)
        // Nested columns have several elements.
        guard count <= 16 * limits.columns else {
          throw ParquetError(.limit, "the schema has \(count) elements; \(limits.columns) columns are allowed.")
        }
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try SchemaElement(&thrift)) }
      case 3: rowCount = try thrift.size(field)
      case 4:
        let count = try thrift.structureCount(field)
        for _ in 0..<count { rowGroups.append(try RowGroup(&thrift)) }
      case 6: createdBy = try thrift.string(field)
      case 8: throw ParquetError(.unsupported, "the file is encrypted.")
      default: try thrift.skip(field.kind)
      }
    }
    var tree = SchemaTree(elements)
    (fields, leaves) = try tree.columns(atMost: limits.columns)
  }

  /// Sizes that contradict each other or the file.
  private func check(limits: ParquetLimits) throws(ParquetError) {
    guard rowCount <= limits.rows else {
      throw ParquetError(.limit, "the table has \(rowCount) rows; \(limits.rows) are allowed.")
    }
    var sum = 0
    for (number, group) in rowGroups.enumerated() {
      guard group.chunks.count == leaves.count else {
        throw ParquetError(
          .damaged, "row group \(number) has \(group.chunks.count) columns, the schema \(leaves.count).")
      }
      guard group.rowCount <= rowCount - sum else {
        throw ParquetError(.damaged, "the row groups have more rows than the table, which has \(rowCount).")
      }
      sum += group.rowCount
    }
    guard sum == rowCount else {
      throw ParquetError(.damaged, "the row groups have \(sum) rows together, the table \(rowCount).")
    }
  }
}

extension RowGroup {
  fileprivate init(_ thrift: inout ThriftReader) throws(ParquetError) {
    var last = 0
    while let field = try thrift.field(after: &last) {
      switch field.id {
      case 1:
        let count = try thrift.structureCount(field)
        for _ in 0..<count { chunks.append(try ColumnChunk(&thrift)) }
      case 3: rowCount = try thrift.size(field)
      default: try thrift.skip(field.kind)
      }
    }
  }
}

extension ColumnChunk {
  fileprivate init(_ thrift: inout ThriftReader) throws(ParquetError) {
    var last = 0
    var hasMetadata = false
    while let field = try thrift.field(after: &last) {
      switch field.id {
      case 1:
        if !(try thrift.string(field)).isEmpty { obstacle = "its data lie in another file" }
      case 3:
        try thrift.structure(field)
        hasMetadata = true
        try decodeMetadata(&thrift)
      case 8:
        obstacle = "it is encrypted"
        try thrift.skip(field.kind)
      default: try thrift.skip(field.kind)
      }
    }
    if !hasMetadata { obstacle = obstacle ?? "it has no metadata" }
  }

  private mutating func decodeMetadata(_ thrift: inout ThriftReader) throws(ParquetError) {
    var dataStart: Int?
    var dictionaryStart: Int?
    var last = 0
    while let field = try thrift.field(after: &last) {
      switch field.id {
      case 1: physicalType = try thrift.int32(field)
      case 4:
        let number = try thrift.int32(field)
        guard let codec = ParquetCodec(rawValue: number) else {
          throw ParquetError(.unsupported, "codec \(number) is unknown.")
        }
        self.codec = codec
      case 5: valueCount = try thrift.size(field)
      case 7: size = try thrift.size(field)
      case 9: dataStart = try thrift.size(field)
      case 11: dictionaryStart = try thrift.size(field)
      default: try thrift.skip(field.kind)
      }
    }
    guard let dataStart else { throw ParquetError(.damaged, "a column has no offset of its data.") }
    // Some writers give 0 if there is no dictionary.
    if let dictionaryStart, dictionaryStart > 0 { start = min(dataStart, dictionaryStart) } else { start = dataStart }
  }
}
