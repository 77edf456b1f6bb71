/// Decodes differences of successive integers (Parquet format, Encodings.md, "Delta Encoding", DELTA_BINARY_PACKED).
struct DeltaDecoder {
  /// Where the integers end.
  ///
  /// Known after all of them have been read.
  private(set) var cursor: ByteCursor
  /// How many integers there are.
  let count: Int
  private let valuesPerMiniblock: Int
  private let miniblocks: Int
  private var previous: UInt64
  private var isFirst = true
  private var left: Int

  init(_ source: ByteCursor) throws(ParquetError) {
    cursor = source
    let block = try cursor.varint()
    let parts = try cursor.varint()
    let total = try cursor.varint()
    previous = UInt64(bitPattern: try cursor.zigzag())
    guard block > 0, block <= 1 << 24, block % 128 == 0, parts > 0, parts <= block / 32, block % parts == 0,
      block / parts % 32 == 0
    else {
      throw ParquetError(.damaged, "a delta block of \(block) values in \(parts) parts is not allowed.")
    }
    guard total <= UInt64(Int32.max) else { throw ParquetError(.damaged, "\(total) delta values are too many.") }
    miniblocks = Int(parts)
    valuesPerMiniblock = Int(block / parts)
    count = Int(total)
    left = count
  }

  /// Writes all integers, `count` of them.
  mutating func readAll<Value: FixedWidthInteger & UnsignedInteger>(
    into target: UnsafeMutablePointer<Value>
  ) throws(ParquetError) {
    guard count > 0 else { return }
    target[0] = Value(truncatingIfNeeded: previous)
    var done = 1
    while done < count {
      let least = UInt64(bitPattern: try cursor.zigzag())
      let widths = try cursor.take(miniblocks)
      for part in 0..<miniblocks {
        // Parts behind the last value are not written. Their widths are of no consequence.
        if done == count { break }
        let width = Int(widths.load(fromByteOffset: part, as: UInt8.self))
        guard width <= 64 else { throw ParquetError(.damaged, "a delta of \(width) bits is too wide.") }
        let wanted = min(valuesPerMiniblock, count - done)
        let bytes = min(valuesPerMiniblock * width / 8, cursor.remaining)
        guard bytes * 8 >= wanted * width else { throw ParquetError(.damaged, "the data end too early.") }
        let packed = try cursor.take(bytes)
        add(packed, width: width, least: least, into: target + done, count: wanted)
        done += wanted
      }
    }
  }

  private mutating func add<Value: FixedWidthInteger & UnsignedInteger>(
    _ packed: UnsafeRawPointer, width: Int, least: UInt64, into target: UnsafeMutablePointer<Value>, count: Int
  ) {
    var value = previous
    let mask = width == 64 ? UInt64.max : UInt64(1) << UInt64(width) - 1
    var bit = 0
    for index in 0..<count {
      let (byte, shift) = (bit >> 3, UInt64(bit & 7))
      var delta = UInt64(littleEndian: packed.loadUnaligned(fromByteOffset: byte, as: UInt64.self)) >> shift
      if Int(shift) + width > 64 {
        delta |= UInt64(packed.load(fromByteOffset: byte + 8, as: UInt8.self)) << (64 - shift)
      }
      value = value &+ least &+ (delta & mask)
      target[index] = Value(truncatingIfNeeded: value)
      bit += width
    }
    previous = value
  }
}
