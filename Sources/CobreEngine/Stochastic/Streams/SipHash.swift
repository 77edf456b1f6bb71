/// SipHash-1-3 with both key words zero (Aumasson, Bernstein 2012; one round a word, three at the end).
///
/// Turns the keys of a draw (seed, stage, opening, …) into the seed of a generator, so that a draw depends on its keys
/// alone. Fields are written in little-endian byte order without padding.
struct SipHash {
  private var v0: UInt64 = 0x736f_6d65_7073_6575
  private var v1: UInt64 = 0x646f_7261_6e64_6f6d
  private var v2: UInt64 = 0x6c79_6765_6e65_7261
  private var v3: UInt64 = 0x7465_6462_7974_6573
  /// Bytes that do not fill a word yet, lowest first.
  private var pending: UInt64 = 0
  private var count = 0

  /// Appends one byte.
  mutating func append(_ byte: UInt8) {
    pending |= UInt64(byte) << UInt64(8 * (count % 8))
    count += 1
    if count % 8 == 0 {
      absorb(pending)
      pending = 0
    }
  }

  /// Appends the bytes of a number, lowest first.
  mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
    for byte in 0..<(value.bitWidth / 8) { append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }

  /// The hash of everything appended.
  var value: UInt64 {
    var state = self
    state.absorb(pending | UInt64(truncatingIfNeeded: count) << 56)
    state.v2 ^= 0xff
    for _ in 0..<3 { state.round() }
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
  }

  private mutating func absorb(_ word: UInt64) {
    v3 ^= word
    round()
    v0 ^= word
  }

  private mutating func round() {
    v0 &+= v1
    v1 = v1.rotatedLeft(13) ^ v0
    v0 = v0.rotatedLeft(32)
    v2 &+= v3
    v3 = v3.rotatedLeft(16) ^ v2
    v0 &+= v3
    v3 = v3.rotatedLeft(21) ^ v0
    v2 &+= v1
    v1 = v1.rotatedLeft(17) ^ v2
    v2 = v2.rotatedLeft(32)
  }
}

extension UInt64 {
  /// The bits rotated to the left.
  func rotatedLeft(_ bits: UInt64) -> UInt64 { self &<< bits | self &>> (64 &- bits) }
  /// The bits rotated to the right.
  func rotatedRight(_ bits: UInt64) -> UInt64 { self &>> bits | self &<< (64 &- bits) }
}
