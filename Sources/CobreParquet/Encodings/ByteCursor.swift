/// Reads forward through bytes that another object keeps alive, never past `end`.
///
/// Unpacking bits loads whole words, so up to `slack` bytes after `end` must be readable. Their content does not
/// matter.
struct ByteCursor {
  static let slack = 16

  let base: UnsafeRawPointer
  private(set) var position: Int
  let end: Int

  init(base: UnsafeRawPointer, position: Int = 0, end: Int) {
    self.base = base
    self.position = position
    self.end = end
  }

  var remaining: Int { end - position }
  var current: UnsafeRawPointer { base + position }

  private static func ended() -> ParquetError { ParquetError(.damaged, "the data end too early.") }

  mutating func byte() throws(ParquetError) -> UInt8 {
    guard position < end else { throw Self.ended() }
    defer { position += 1 }
    return base.load(fromByteOffset: position, as: UInt8.self)
  }

  /// Steps over `count` bytes and returns where they begin.
  @discardableResult
  mutating func take(_ count: Int) throws(ParquetError) -> UnsafeRawPointer {
    guard count >= 0, count <= remaining else { throw Self.ended() }
    defer { position += count }
    return base + position
  }

  /// A cursor over the next `count` bytes, which this one steps over.
  mutating func part(_ count: Int) throws(ParquetError) -> ByteCursor {
    let start = position
    try take(count)
    return ByteCursor(base: base, position: start, end: start + count)
  }

  mutating func littleUInt32() throws(ParquetError) -> UInt32 {
    UInt32(littleEndian: try take(4).loadUnaligned(as: UInt32.self))
  }

  /// An unsigned integer in groups of seven bits, lowest first (ULEB128).
  mutating func varint() throws(ParquetError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = UInt64(try byte())
      guard shift < 63 || next <= 1 else { throw ParquetError(.damaged, "an integer has more than 64 bits.") }
      value |= (next & 0x7F) << shift
      if next & 0x80 == 0 { return value }
      shift += 7
    }
  }

  /// A signed integer whose sign is the lowest bit (zigzag).
  mutating func zigzag() throws(ParquetError) -> Int64 {
    let raw = try varint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }
}
