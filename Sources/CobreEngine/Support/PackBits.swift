/// Run-length coding of bytes as of the PackBits scheme: a count byte n, then for n < 128 the next n + 1 bytes as they
/// are, for n > 128 one byte that is repeated 257 − n times.
package enum PackBits {
  package static func pack(_ bytes: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = []
    packed.reserveCapacity(bytes.count / 2)
    var position = 0
    // Start of the bytes that are to be written as they are.
    var literal = 0
    func writeLiterals(upTo end: Int) {
      while literal < end {
        let count = min(128, end - literal)
        packed.append(UInt8(count - 1))
        packed.append(contentsOf: bytes[literal..<(literal + count)])
        literal += count
      }
    }
    while position < bytes.count {
      var end = position + 1
      while end < bytes.count, end - position < 128, bytes[end] == bytes[position] { end += 1 }
      // Two equal bytes among others are not worth a run of their own.
      if end - position >= 3 {
        writeLiterals(upTo: position)
        packed.append(UInt8(257 - (end - position)))
        packed.append(bytes[position])
        literal = end
      }
      position = end
    }
    writeLiterals(upTo: bytes.count)
    return packed
  }

  /// The bytes that were packed, at most 64 times as many, or nil if they are incomplete.
  package static func unpack(_ packed: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    var position = 0
    while position < packed.count {
      let count = Int(packed[position])
      position += 1
      if count < 128 {
        guard packed.count - position > count else { return nil }
        bytes.append(contentsOf: packed[position...(position + count)])
        position += count + 1
      } else if count > 128 {
        guard position < packed.count else { return nil }
        bytes.append(contentsOf: repeatElement(packed[position], count: 257 - count))
        position += 1
      }
    }
    return bytes
  }
}
