/// How tables are written.
package struct ParquetWriterOptions: Sendable {
  /// `zstd` or `uncompressed`.
  package var codec = ParquetCodec.zstd
  /// Level of zstd.
  package var level = 3
  /// The most rows of a row group, which is encoded as a whole.
  package var rowsPerGroup = 100_000
  /// The program that the file names as its writer.
  package var createdBy = "Cobre"

  package init() {}
}

/// Writes flat tables that pyarrow, polars, DuckDB and parquet-rs read.
///
/// Rows are appended piece by piece. Every call returns the bytes that follow those returned before, so a table of any
/// length needs the memory of one row group.
package struct ParquetWriter: Sendable {
  private let fields: [ParquetField]
  private let options: ParquetWriterOptions
  private var footer: FooterWriter
  private var pending: [ParquetColumn]
  /// Bytes returned so far.
  private var position = 0

  package init(
    fields: [ParquetField], options: ParquetWriterOptions = ParquetWriterOptions()
  ) throws(ParquetError) {
    self.fields = fields
    self.options = options
    footer = FooterWriter(fields: fields, createdBy: options.createdBy)
    pending = try fields.map { (field) throws(ParquetError) in try field.emptyColumn() }
    guard !fields.isEmpty else { throw ParquetError(.table, "a table needs a column.") }
    guard Set(fields.map(\.name)).count == fields.count else {
      throw ParquetError(.table, "two columns have the same name.")
    }
    guard options.codec == .zstd || options.codec == .uncompressed, options.rowsPerGroup > 0,
      options.rowsPerGroup <= 1 << 30
    else {
      throw ParquetError(.table, "tables are written with ZSTD or UNCOMPRESSED, in row groups of 1 to 2³⁰ rows.")
    }
  }

  /// Takes rows.
  ///
  /// The columns must be those of the table in their order.
  package mutating func append(_ columns: [ParquetColumn]) throws(ParquetError) -> [UInt8] {
    guard columns.map(\.field) == fields else {
      throw ParquetError(.table, "the columns of these rows are not those of the table.")
    }
    let count = columns[0].rowCount
    for column in columns { try column.check(rowCount: count) }
    for index in pending.indices { pending[index].append(columns[index]) }
    var bytes: [UInt8] = []
    var start = 0
    while pending[0].rowCount - start >= options.rowsPerGroup {
      try write(start..<start + options.rowsPerGroup, to: &bytes)
      start += options.rowsPerGroup
    }
    if start > 0 {
      for index in pending.indices { pending[index].removeFirst(start) }
    }
    return bytes
  }

  /// Writes what is left and the footer.
  ///
  /// Nothing may follow.
  package mutating func finish() throws(ParquetError) -> [UInt8] {
    var bytes: [UInt8] = []
    let rest = pending[0].rowCount
    if rest > 0 { try write(0..<rest, to: &bytes) }
    for index in pending.indices { pending[index].removeFirst(rest) }
    mark(&bytes)
    return bytes + footer.bytes()
  }

  private mutating func mark(_ bytes: inout [UInt8]) {
    if position > 0 { return }
    bytes += Footer.mark
    position = Footer.mark.count
  }

  private mutating func write(_ rows: Range<Int>, to bytes: inout [UInt8]) throws(ParquetError) {
    mark(&bytes)
    let start = position
    var chunks: [WrittenChunk] = []
    for column in pending {
      let chunk = try ChunkWriter.chunk(of: column, rows: rows, options: options)
      bytes += chunk.bytes
      position += chunk.bytes.count
      chunks.append(chunk)
    }
    footer.append(chunks, start: start, rowCount: rows.count)
  }

  /// A whole table as the bytes of a file.
  package static func bytes(
    of table: ParquetTable, options: ParquetWriterOptions = ParquetWriterOptions()
  ) throws(ParquetError) -> [UInt8] {
    guard table.columns.allSatisfy({ $0.rowCount == table.rowCount }) else {
      throw ParquetError(.table, "the columns have not all \(table.rowCount) rows.")
    }
    var writer = try ParquetWriter(fields: table.columns.map(\.field), options: options)
    return try writer.append(table.columns) + (try writer.finish())
  }

  /// Writes a whole table to a file, which others see complete or not at all.
  package static func write(
    _ table: ParquetTable, to path: String, options: ParquetWriterOptions = ParquetWriterOptions()
  ) throws(ParquetError) {
    try FileBytes.write(try bytes(of: table, options: options), to: path)
  }
}
