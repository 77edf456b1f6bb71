/// Decodes runs of equal and of bit-packed integers (Parquet format, Encodings.md, "Run Length Encoding / Bit-Packing
/// Hybrid"): levels, indices into a dictionary, booleans.
struct HybridDecoder {
  private var cursor: ByteCursor
  private let width: Int
  private var repeats = 0
  private var repeated: UInt32 = 0
  private var packed = 0
  private var packedStart: UnsafeRawPointer
  private var packedBit = 0

  /// Integers of `width` bits, 0 to 32.
  init(_ cursor: ByteCursor, width: Int) throws(ParquetError) {
    guard width >= 0, width <= 32 else {
      throw ParquetError(.damaged, "runs of integers have \(width) bits; at most 32 are allowed.")
    }
    self.cursor = cursor
    self.width = width
    packedStart = cursor.current
  }

  /// Writes the next `count` integers.
  mutating func read<Value: FixedWidthInteger & UnsignedInteger>(
    into target: UnsafeMutablePointer<Value>, count: Int
  ) throws(ParquetError) {
    if width == 0 {
      target.update(repeating: 0, count: count)
      return
    }
    var done = 0
    while done < count {
      if repeats > 0 {
        let run = min(repeats, count - done)
        (target + done).update(repeating: Value(truncatingIfNeeded: repeated), count: run)
        repeats -= run
        done += run
      } else if packed > 0 {
        let run = min(packed, count - done)
        BitPacking.unpack(from: packedStart, firstBit: packedBit, width: width, into: target + done, count: run)
        packedBit += run * width
        packed -= run
        done += run
      } else {
        try startRun()
      }
    }
  }

  private mutating func startRun() throws(ParquetError) {
    let head = try cursor.varint()
    guard head <= UInt64(UInt32.max) else { throw ParquetError(.damaged, "a run of integers is too long.") }
    let length = Int(head >> 1)
    guard length > 0 else { throw ParquetError(.damaged, "a run of integers is empty.") }
    if head & 1 == 0 {
      repeated = 0
      for byte in 0..<((width + 7) / 8) { repeated |= UInt32(try cursor.byte()) << UInt32(8 * byte) }
      repeats = length
    } else {
      // The last run of a page may lack bytes that only fill it up to a multiple of eight values.
      let bytes = min(length * width, cursor.remaining)
      packed = min(length * 8, bytes * 8 / width)
      guard packed > 0 else { throw ParquetError(.damaged, "the data end too early.") }
      packedStart = try cursor.take(bytes)
      packedBit = 0
    }
  }
}

enum BitPacking {
  /// Integers of 1 to 32 bits, lowest bit first.
  ///
  /// Reads up to eight bytes behind the last integer (`ByteCursor.slack`).
  static func unpack<Value: FixedWidthInteger & UnsignedInteger>(
    from source: UnsafeRawPointer, firstBit: Int, width: Int, into target: UnsafeMutablePointer<Value>, count: Int
  ) {
    let mask = UInt64(1) << UInt64(width) - 1
    var bit = firstBit
    for index in 0..<count {
      let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
      target[index] = Value(truncatingIfNeeded: (word &>> UInt64(truncatingIfNeeded: bit & 7)) & mask)
      bit &+= width
    }
  }

  /// The deprecated form of levels, one bit each, highest bit first (Encodings.md, "Bit-packed (Deprecated)").
  static func unpackHighestFirst(
    from source: UnsafeRawPointer, into target: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    for index in 0..<count {
      let byte = source.load(fromByteOffset: index / 8, as: UInt8.self)
      target[index] = (byte >> UInt8(7 - index % 8)) & 1
    }
  }
}
