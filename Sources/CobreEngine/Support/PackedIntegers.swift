/// Integers as bytes, few if neighbours are similar: the differences of neighbours, signs last (zigzag), seven bits a
/// byte from the lowest on (LEB128).
enum PackedIntegers {
  /// - Parameter values: any numbers.
  /// - Returns: at most ten bytes for each.
  static func pack(_ values: some Collection<Int64>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 10 * values.count) { bytes, end in
      var last: Int64 = 0
      for value in values {
        let difference = value &- last
        last = value
        var rest = UInt64(bitPattern: (difference << 1) ^ (difference >> 63))
        while rest >= 0x80 {
          bytes[end] = UInt8(truncatingIfNeeded: rest) | 0x80
          end += 1
          rest >>= 7
        }
        bytes[end] = UInt8(truncatingIfNeeded: rest)
        end += 1
      }
    }
  }

  /// - Parameters:
  ///   - bytes: as `pack` made them.
  ///   - count: of how many numbers.
  /// - Returns: those numbers, or nil for any other bytes.
  static func unpack(_ bytes: ArraySlice<UInt8>, count: Int) -> [Int64]? {
    // A number takes a byte at least.
    guard count >= 0, count <= bytes.count else { return nil }
    var values: [Int64] = []
    values.reserveCapacity(count)
    var last: Int64 = 0
    var rest: UInt64 = 0
    var shift: UInt64 = 0
    for byte in bytes {
      guard shift < 63 || byte <= 1 else { return nil }
      rest |= UInt64(byte & 0x7f) << shift
      shift += 7
      guard byte < 0x80 else { continue }
      last &+= Int64(bitPattern: rest >> 1) ^ -Int64(bitPattern: rest & 1)
      values.append(last)
      rest = 0
      shift = 0
    }
    return values.count == count && shift == 0 ? values : nil
  }
}
