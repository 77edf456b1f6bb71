/// How values are written in a page (Parquet format, `Encoding` in parquet.thrift).
enum Encoding: Int32 {
  case plain = 0
  case plainDictionary = 2
  case rle = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case rleDictionary = 8
  case byteStreamSplit = 9

  var isDictionary: Bool { self == .plainDictionary || self == .rleDictionary }

  var name: String {
    switch self {
    case .plain: "PLAIN"
    case .plainDictionary: "PLAIN_DICTIONARY"
    case .rle: "RLE"
    case .bitPacked: "BIT_PACKED"
    case .deltaBinaryPacked: "DELTA_BINARY_PACKED"
    case .deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
    case .deltaByteArray: "DELTA_BYTE_ARRAY"
    case .rleDictionary: "RLE_DICTIONARY"
    case .byteStreamSplit: "BYTE_STREAM_SPLIT"
    }
  }
}

/// One page of a column, decompressed.
///
/// Its bytes stay valid until the next page of its kind is taken.
struct Page {
  /// Whether each value is present, as ones and zeros.
  enum Levels {
    case none
    case hybrid(ByteCursor)
    case highestFirst(ByteCursor)
  }

  var isDictionary = false
  /// Values of the page, nulls included.
  var valueCount = 0
  var encoding = Encoding.plain
  var levels = Levels.none
  /// The values that are present.
  var body: ByteCursor
}

/// Takes a column chunk apart into pages (Parquet format, "Data Pages").
struct PageStream {
  private let file: UnsafeRawPointer
  private var cursor: ByteCursor
  private let chunk: ColumnChunk
  private let isNullable: Bool
  private let limits: ParquetLimits
  private let decompressor: Decompressor
  private let pageMemory: ScratchMemory
  private let dictionaryMemory: ScratchMemory
  /// Number of the page that was taken last, from 0.
  private(set) var number = -1

  init(
    file: UnsafeRawPointer, pagesEnd: Int, chunk: ColumnChunk, isNullable: Bool, limits: ParquetLimits,
    memory: ColumnMemory
  ) throws(ParquetError) {
    guard chunk.start >= 4, chunk.size >= 0, chunk.start <= pagesEnd, chunk.size <= pagesEnd - chunk.start else {
      throw ParquetError(
        .damaged, "its pages, bytes \(chunk.start) and \(chunk.size) more, do not lie between file mark and footer.")
    }
    self.file = file
    cursor = ByteCursor(base: file, position: chunk.start, end: chunk.start + chunk.size)
    self.chunk = chunk
    self.isNullable = isNullable
    self.limits = limits
    decompressor = memory.decompressor
    pageMemory = memory.page
    dictionaryMemory = memory.dictionary
  }

  /// The next page.
  ///
  /// The caller knows from the counts when it has enough.
  mutating func next(budget: inout DecodingBudget) throws(ParquetError) -> Page {
    while true {
      number += 1
      guard cursor.remaining > 0 else {
        throw ParquetError(.damaged, "the pages hold fewer values than the footer declares.")
      }
      var thrift = ThriftReader(cursor)
      let header = try PageHeader(&thrift)
      cursor = thrift.cursor
      guard header.size >= 0, header.compressedSize >= 0, header.compressedSize <= cursor.remaining else {
        throw ParquetError(
          .damaged, "a page of \(header.compressedSize) bytes does not fit into the \(cursor.remaining) that are left.")
      }
      guard header.size <= limits.pageBytes else {
        throw ParquetError(.limit, "a page has \(header.size) bytes; \(limits.pageBytes) are allowed.")
      }
      let raw = try cursor.part(header.compressedSize)
      if let checksum = header.checksum {
        let bytes = UnsafeRawBufferPointer(start: raw.current, count: raw.remaining)
        guard Decompressor.checksum(of: bytes) == checksum else {
          throw ParquetError(.damaged, "the checksum of a page does not match its bytes.")
        }
      }
      // Offset indices and Bloom filters are no pages of their own. `INDEX_PAGE` was never used.
      if header.kind == .index { continue }
      try budget.take(header.size)
      return try page(header, raw)
    }
  }

  private func page(_ header: PageHeader, _ raw: ByteCursor) throws(ParquetError) -> Page {
    guard let encoding = Encoding(rawValue: header.encoding) else {
      throw ParquetError(.unsupported, "encoding \(header.encoding) is unknown.")
    }
    guard header.valueCount >= 0 else { throw ParquetError(.damaged, "a page has \(header.valueCount) values.") }
    var raw = raw
    if header.kind == .dataV2 { return try secondVersion(header, encoding, &raw) }
    let isDictionary = header.kind == .dictionary
    var body = try decompress(raw, to: header.size, memory: isDictionary ? dictionaryMemory : pageMemory)
    var levels = Page.Levels.none
    if isNullable && !isDictionary {
      switch Encoding(rawValue: header.levelEncoding) {
      case .rle:
        let length = Int(try body.littleUInt32())
        levels = .hybrid(try body.part(length))
      case .bitPacked: levels = .highestFirst(try body.part((header.valueCount + 7) / 8))
      default: throw ParquetError(.damaged, "levels in encoding \(header.levelEncoding) are not allowed.")
      }
    }
    return Page(
      isDictionary: isDictionary, valueCount: header.valueCount, encoding: encoding, levels: levels, body: body)
  }

  /// The second version writes levels uncompressed in front of the values.
  private func secondVersion(
    _ header: PageHeader, _ encoding: Encoding, _ raw: inout ByteCursor
  ) throws(ParquetError) -> Page {
    try raw.take(header.repetitionBytes)
    let levels = try raw.part(header.definitionBytes)
    let size = header.size - header.repetitionBytes - header.definitionBytes
    guard size >= 0 else { throw ParquetError(.damaged, "the levels of a page are longer than the page.") }
    let body = header.isCompressed ? try decompress(raw, to: size, memory: pageMemory) : raw
    return Page(
      valueCount: header.valueCount, encoding: encoding, levels: isNullable ? .hybrid(levels) : .none, body: body)
  }

  private func decompress(
    _ raw: ByteCursor, to size: Int, memory: ScratchMemory
  ) throws(ParquetError) -> ByteCursor {
    if chunk.codec == .uncompressed {
      guard raw.remaining == size else {
        throw ParquetError(.damaged, "an uncompressed page has \(raw.remaining) bytes and declares \(size).")
      }
      return raw
    }
    let target = memory.reserve(size)
    if size > 0 {
      try decompressor.decompress(
        UnsafeRawBufferPointer(start: raw.current, count: raw.remaining), codec: chunk.codec,
        into: UnsafeMutableRawBufferPointer(start: target, count: size))
    }
    return ByteCursor(base: target, end: size)
  }
}

/// What precedes a page (`PageHeader` in parquet.thrift).
struct PageHeader {
  enum Kind: Int32 {
    case data = 0
    case index = 1
    case dictionary = 2
    case dataV2 = 3
  }

  var kind = Kind.data
  /// Bytes after decompression, and in the file.
  var size = 0
  var compressedSize = 0
  var checksum: UInt32?
  var valueCount = 0
  var encoding: Int32 = -1
  var levelEncoding: Int32 = -1
  var definitionBytes = 0
  var repetitionBytes = 0
  var isCompressed = true

  init(_ thrift: inout ThriftReader) throws(ParquetError) {
    var last = 0
    var described: [Kind] = []
    while let field = try thrift.field(after: &last) {
      switch field.id {
      case 1:
        let number = try thrift.int32(field)
        guard let kind = Kind(rawValue: number) else { throw ParquetError(.damaged, "page type \(number) is unknown.") }
        self.kind = kind
      case 2: size = Int(try thrift.int32(field))
      case 3: compressedSize = Int(try thrift.int32(field))
      case 4: checksum = UInt32(bitPattern: try thrift.int32(field))
      case 5, 7, 8:
        try thrift.structure(field)
        described.append(field.id == 5 ? .data : field.id == 7 ? .dictionary : .dataV2)
        try details(of: field.id, &thrift)
      default: try thrift.skip(field.kind)
      }
    }
    guard kind == .index || described == [kind] else {
      throw ParquetError(.damaged, "a page header does not describe a page of its type.")
    }
  }

  private mutating func details(of member: Int, _ thrift: inout ThriftReader) throws(ParquetError) {
    var last = 0
    while let field = try thrift.field(after: &last) {
      switch (member, field.id) {
      case (_, 1): valueCount = Int(try thrift.int32(field))
      case (5, 2), (7, 2), (8, 4): encoding = try thrift.int32(field)
      case (5, 3): levelEncoding = try thrift.int32(field)
      case (8, 5): definitionBytes = try thrift.size(field)
      case (8, 6): repetitionBytes = try thrift.size(field)
      case (8, 7): isCompressed = try thrift.bool(field)
      default: try thrift.skip(field.kind)
      }
    }
  }
}
