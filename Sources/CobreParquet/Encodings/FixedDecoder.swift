/// Decodes values of four or eight bytes as bit patterns, and booleans as bytes, straight into a column.
struct FixedDecoder<Value: FixedWidthInteger & UnsignedInteger>: PageDecoder {
  private let target: UnsafeMutablePointer<Value>
  private let isBoolean: Bool
  /// Differences are written for integers alone.
  private let isInteger: Bool
  private let memory: ColumnMemory
  private var dictionary: UnsafeRawPointer?
  private var dictionaryCount = 0

  /// Writes to `target`, which has room for all rows of the table.
  init(target: UnsafeMutablePointer<Value>, type: ParquetPhysicalType, memory: ColumnMemory) {
    self.target = target
    isBoolean = type == .boolean
    isInteger = type == .int32 || type == .int64
    self.memory = memory
  }

  mutating func forgetDictionary() { dictionary = nil }

  mutating func takeDictionary(_ page: Page) throws(ParquetError) {
    guard dictionary == nil else { throw ParquetError(.damaged, "there are two dictionaries.") }
    guard page.encoding == .plain || page.encoding == .plainDictionary, !isBoolean else {
      throw Self.refuse(page.encoding)
    }
    guard page.valueCount <= page.body.remaining / MemoryLayout<Value>.size else {
      throw ParquetError(.damaged, "a dictionary of \(page.valueCount) values is longer than its page.")
    }
    dictionary = page.body.current
    dictionaryCount = page.valueCount
  }

  mutating func decode(
    _ page: Page, levels: UnsafePointer<UInt8>?, present: Int, firstRow: Int
  ) throws(ParquetError) {
    let start = target + firstRow
    if present > 0 { try decode(page, into: start, count: present) }
    // The values are packed at the front. From the back, each moves to its own row.
    guard let levels else { return }
    var source = present - 1
    for row in stride(from: page.valueCount - 1, through: 0, by: -1) {
      if levels[row] == 1 {
        start[row] = start[source]
        source -= 1
      } else {
        start[row] = 0
      }
    }
  }

  private func decode(_ page: Page, into start: UnsafeMutablePointer<Value>, count: Int) throws(ParquetError) {
    var body = page.body
    switch page.encoding {
    case .plain where isBoolean:
      BitPacking.unpack(from: try body.take((count + 7) / 8), firstBit: 0, width: 1, into: start, count: count)
    case .rle where isBoolean:
      let length = Int(try body.littleUInt32())
      var hybrid = try HybridDecoder(try body.part(length), width: 1)
      try hybrid.read(into: start, count: count)
      for index in 0..<count { start[index] &= 1 }
    case .plain:
      let size = count * MemoryLayout<Value>.size
      UnsafeMutableRawPointer(start).copyMemory(from: try body.take(size), byteCount: size)
    case .plainDictionary where !isBoolean, .rleDictionary where !isBoolean:
      try look(up: &body, into: start, count: count)
    case .deltaBinaryPacked where isInteger:
      var delta = try DeltaDecoder(body)
      guard delta.count == count else {
        throw ParquetError(.damaged, "a page has \(delta.count) values where its levels want \(count).")
      }
      try delta.readAll(into: start)
    case .byteStreamSplit where !isBoolean: try join(&body, into: start, count: count)
    default: throw Self.refuse(page.encoding)
    }
  }

  /// Indices into the dictionary, the first byte being their width (Encodings.md, "Dictionary Encoding").
  private func look(
    up body: inout ByteCursor, into start: UnsafeMutablePointer<Value>, count: Int
  ) throws(ParquetError) {
    guard let dictionary else { throw ParquetError(.damaged, "a page wants a dictionary and there is none.") }
    let width = Int(try body.byte())
    var hybrid = try HybridDecoder(body, width: width)
    let indices = memory.indices.reserve(count, of: UInt32.self)
    try hybrid.read(into: indices, count: count)
    var highest: UInt32 = 0
    for index in 0..<count { highest = max(highest, indices[index]) }
    guard Int(highest) < dictionaryCount else {
      throw ParquetError(.damaged, "entry \(highest) is wanted of a dictionary of \(dictionaryCount).")
    }
    for index in 0..<count {
      start[index] = dictionary.loadUnaligned(
        fromByteOffset: Int(indices[index]) &* MemoryLayout<Value>.size, as: Value.self)
    }
  }

  /// The first bytes of all values, then the second, and so on (Encodings.md, "Byte Stream Split").
  private func join(
    _ body: inout ByteCursor, into start: UnsafeMutablePointer<Value>, count: Int
  ) throws(ParquetError) {
    let width = MemoryLayout<Value>.size
    guard body.remaining == count * width else {
      throw ParquetError(.damaged, "split streams have \(body.remaining) bytes where \(count * width) are due.")
    }
    let bytes = try body.take(count * width)
    for index in 0..<count {
      var value: Value = 0
      for stream in 0..<width {
        let byte = bytes.load(fromByteOffset: stream &* count &+ index, as: UInt8.self)
        value |= Value(truncatingIfNeeded: byte) &<< Value(truncatingIfNeeded: 8 &* stream)
      }
      start[index] = value
    }
  }
}
