/// Encodes integers as runs of equal and of bit-packed ones (Parquet format, Encodings.md, "Run Length Encoding /
/// Bit-Packing Hybrid").
enum HybridEncoder {
  /// Appends integers of `width` bits, 1 to 32.
  static func append(_ values: [UInt32], width: Int, to bytes: inout [UInt8]) {
    var packedStart = 0
    var index = 0
    while index < values.count {
      var end = index + 1
      while end < values.count && values[end] == values[index] { end += 1 }
      // Packed integers come in groups of eight. The next run gives the values that fill the last group.
      let lent = (8 - (index - packedStart) % 8) % 8
      if end - index - lent >= 8 {
        pack(values[packedStart..<index + lent], width: width, to: &bytes)
        bytes.appendVarint(UInt64(end - index - lent) << 1)
        for byte in 0..<((width + 7) / 8) { bytes.append(UInt8(truncatingIfNeeded: values[index] >> UInt32(8 * byte))) }
        packedStart = end
      }
      index = end
    }
    pack(values[packedStart...], width: width, to: &bytes)
  }

  private static func pack(_ values: ArraySlice<UInt32>, width: Int, to bytes: inout [UInt8]) {
    if values.isEmpty { return }
    let groups = (values.count + 7) / 8
    bytes.appendVarint(UInt64(groups) << 1 | 1)
    let end = bytes.count + groups * width
    var word: UInt64 = 0
    var bits = 0
    for value in values {
      word |= UInt64(value) << UInt64(bits)
      bits += width
      while bits >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
        bits -= 8
      }
    }
    if bits > 0 { bytes.append(UInt8(truncatingIfNeeded: word)) }
    while bytes.count < end { bytes.append(0) }
  }

  /// Bits that hold every integer up to `highest`, at least one.
  static func width(of highest: Int) -> Int { max(1, Int.bitWidth - highest.leadingZeroBitCount) }
}
