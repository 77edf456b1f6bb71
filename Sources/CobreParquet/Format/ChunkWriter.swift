/// One column of one row group as it is in the file, with what the footer says of it.
struct WrittenChunk {
  var field: ParquetField
  var bytes: [UInt8] = []
  var rowCount = 0
  /// Bytes in the file, which outlive `bytes`.
  var size = 0
  /// Bytes before compression, headers included.
  var rawSize = 0
  var encodings: [Encoding] = [.rle]
  var codec = ParquetCodec.zstd
  /// Where the data page begins, counted from the first byte of the chunk.
  ///
  /// What is before is the dictionary.
  var dataStart = 0
  var nullCount = 0
  /// Least and greatest value in plain encoding, where they are known and have an order.
  var least: [UInt8]?
  var greatest: [UInt8]?
}

/// Encodes one column of one row group: a dictionary if it pays, and one data page of the first version.
struct ChunkWriter {
  private let options: ParquetWriterOptions
  private var chunk: WrittenChunk
  /// Levels in front of the values of the data page.
  private var page: [UInt8] = []

  /// Encodes `rows` of a column that has been checked.
  static func chunk(
    of column: ParquetColumn, rows: Range<Int>, options: ParquetWriterOptions
  ) throws(ParquetError) -> WrittenChunk {
    var writer = Self(options: options, chunk: WrittenChunk(field: column.field))
    writer.chunk.rowCount = rows.count
    writer.chunk.codec = options.codec
    do throws(ParquetError) {
      try writer.write(column, rows)
    } catch { throw error.at(column: column.name) }
    return writer.chunk
  }

  private init(options: ParquetWriterOptions, chunk: WrittenChunk) {
    self.options = options
    self.chunk = chunk
  }

  private mutating func write(_ column: ParquetColumn, _ rows: Range<Int>) throws(ParquetError) {
    let present = present(column, rows)
    chunk.nullCount = rows.count - present.count
    switch column.values {
    case .bool(let values):
      var bits = [UInt8](repeating: 0, count: (present.count + 7) / 8)
      for (index, row) in present.enumerated() where values[row] { bits[index / 8] |= 1 << UInt8(index % 8) }
      try finish(bits, .plain)
    case .int32(let values): try fixed(present.map { values[$0] }) { UInt32(bitPattern: $0) }
    case .int64(let values): try fixed(present.map { values[$0] }) { UInt64(bitPattern: $0) }
    case .uint32(let values): try fixed(present.map { values[$0] }) { $0 }
    case .uint64(let values): try fixed(present.map { values[$0] }) { $0 }
    case .float(let values): try real(present.map { values[$0] }) { $0.bitPattern }
    case .double(let values): try real(present.map { values[$0] }) { $0.bitPattern }
    case .text(let values): try text(values, present)
    }
  }

  /// The rows that have a value.
  ///
  /// Writes the levels of all rows where the column may lack some.
  private mutating func present(_ column: ParquetColumn, _ rows: Range<Int>) -> [Int] {
    guard column.field.isNullable else { return Array(rows) }
    var levels = [UInt32](repeating: 1, count: rows.count)
    var present = Array(rows)
    if let validity = column.validity {
      present = rows.filter { validity[$0] }
      for (index, row) in rows.enumerated() where !validity[row] { levels[index] = 0 }
    }
    var encoded: [UInt8] = []
    HybridEncoder.append(levels, width: 1, to: &encoded)
    page.appendLittle(UInt32(encoded.count))
    page += encoded
    return present
  }

  /// Reals have no order if one is not a number, and zeros of both signs are equal (parquet.thrift, `ColumnOrder`).
  private mutating func real<Value: BinaryFloatingPoint, Bits: FixedWidthInteger & UnsignedInteger>(
    _ values: [Value], _ bits: (Value) -> Bits
  ) throws(ParquetError) {
    if !values.contains(where: \.isNaN), let least = values.min(), let greatest = values.max() {
      chunk.least = Self.little(bits(least == 0 ? -0.0 : least))
      chunk.greatest = Self.little(bits(greatest == 0 ? 0.0 : greatest))
    }
    try encode(values.map(bits))
  }

  private mutating func fixed<Value: FixedWidthInteger, Bits: FixedWidthInteger & UnsignedInteger>(
    _ values: [Value], _ bits: (Value) -> Bits
  ) throws(ParquetError) {
    chunk.least = values.min().map { Self.little(bits($0)) }
    chunk.greatest = values.max().map { Self.little(bits($0)) }
    try encode(values.map(bits))
  }

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLittle(value)
    return bytes
  }

  private mutating func encode<Bits: FixedWidthInteger & UnsignedInteger>(_ values: [Bits]) throws(ParquetError) {
    let size = MemoryLayout<Bits>.size
    let dictionary = DictionaryBuilder(
      count: values.count, hash: { UInt64(truncatingIfNeeded: values[$0]) }, equal: { values[$0] == values[$1] })
    if let dictionary,
      pays(dictionary, dictionarySize: dictionary.firsts.count * size, plainSize: values.count * size)
    {
      var distinct: [UInt8] = []
      distinct.reserveCapacity(dictionary.firsts.count * size)
      for first in dictionary.firsts { distinct.appendLittle(values[first]) }
      try finish(dictionary, distinct)
      return
    }
    var plain: [UInt8] = []
    plain.reserveCapacity(values.count * size)
    for value in values { plain.appendLittle(value) }
    try finish(plain, .plain)
  }

  private mutating func text(_ values: ParquetText, _ present: [Int]) throws(ParquetError) {
    func range(_ index: Int) -> Range<Int> { values.offsets[present[index]]..<values.offsets[present[index] + 1] }
    func append(_ index: Int, to bytes: inout [UInt8]) {
      bytes.appendLittle(UInt32(truncatingIfNeeded: range(index).count))
      bytes.append(contentsOf: values.bytes[range(index)])
    }
    // FNV-1a (Fowler, Noll and Vo).
    let dictionary = DictionaryBuilder(
      count: present.count,
      hash: { values.bytes[range($0)].reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } },
      equal: { values.bytes[range($0)] == values.bytes[range($1)] })
    let plainSize = present.indices.reduce(0) { $0 + 4 + range($1).count }
    guard plainSize <= Self.largestPage else { throw Self.tooLarge(plainSize) }
    if let dictionary {
      let size = dictionary.firsts.reduce(0) { $0 + 4 + range($1).count }
      if pays(dictionary, dictionarySize: size, plainSize: plainSize) {
        var distinct: [UInt8] = []
        for first in dictionary.firsts { append(first, to: &distinct) }
        try finish(dictionary, distinct)
        return
      }
    }
    var plain: [UInt8] = []
    for index in present.indices { append(index, to: &plain) }
    try finish(plain, .plain)
  }

  /// Page sizes are written in 32 bits.
  ///
  /// Compression may add a little.
  private static let largestPage = Int(Int32.max) - (1 << 24)

  private static func tooLarge(_ size: Int) -> ParquetError {
    ParquetError(.table, "a row group has \(size) bytes of this column; write fewer rows together.")
  }

  private func pays(_ dictionary: DictionaryBuilder, dictionarySize: Int, plainSize: Int) -> Bool {
    if dictionary.firsts.isEmpty { return false }
    let width = HybridEncoder.width(of: dictionary.firsts.count - 1)
    return dictionarySize + dictionary.indices.count * width / 8 < plainSize
  }

  private mutating func finish(_ dictionary: DictionaryBuilder, _ distinct: [UInt8]) throws(ParquetError) {
    try append(distinct, .dictionary) { header in
      header.structure(7) {
        $0.int32(1, Int32(truncatingIfNeeded: dictionary.firsts.count))
        $0.int32(2, Encoding.plain.rawValue)
      }
    }
    chunk.encodings.append(.plain)
    let width = HybridEncoder.width(of: dictionary.firsts.count - 1)
    var encoded = [UInt8(width)]
    HybridEncoder.append(dictionary.indices, width: width, to: &encoded)
    chunk.dataStart = chunk.bytes.count
    try finish(encoded, .rleDictionary)
  }

  private mutating func finish(_ values: [UInt8], _ encoding: Encoding) throws(ParquetError) {
    chunk.encodings.append(encoding)
    let rows = Int32(truncatingIfNeeded: chunk.rowCount)
    try append(page + values, .data) { header in
      header.structure(5) {
        $0.int32(1, rows)
        $0.int32(2, encoding.rawValue)
        $0.int32(3, Encoding.rle.rawValue)
        $0.int32(4, Encoding.rle.rawValue)
      }
    }
  }

  /// Compresses a page and writes it behind its header (`PageHeader` in parquet.thrift).
  private mutating func append(
    _ raw: [UInt8], _ kind: PageHeader.Kind, details: (inout ThriftWriter) -> Void
  ) throws(ParquetError) {
    guard raw.count <= Self.largestPage else { throw Self.tooLarge(raw.count) }
    let body = options.codec == .zstd ? try Compressor.zstd(raw, level: options.level) : raw
    var header = ThriftWriter()
    header.int32(1, kind.rawValue)
    header.int32(2, Int32(truncatingIfNeeded: raw.count))
    header.int32(3, Int32(truncatingIfNeeded: body.count))
    header.int32(4, Int32(bitPattern: body.withUnsafeBytes { Decompressor.checksum(of: $0) }))
    details(&header)
    header.end()
    chunk.bytes += header.bytes
    chunk.bytes += body
    chunk.rawSize += header.bytes.count + raw.count
  }
}
