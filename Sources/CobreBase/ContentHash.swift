/// A fingerprint of bytes that shows whether two inputs are the same.
///
/// It does not protect against forgery.
///
/// FNV-1a with 128 bits (Fowler, Noll and Vo; RFC 9923).
package struct ContentHash: Sendable, Equatable {
  private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
  private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

  package init() {}

  /// Adds bytes and their number, so that moving a byte between neighbouring pieces changes the hash.
  package mutating func combine(_ bytes: some Collection<UInt8>) {
    // A generic loop is not specialised for callers in other modules, so the bytes are read where they lie.
    let isDone: Bool? = bytes.withContiguousStorageIfAvailable {
      add(UnsafeRawBufferPointer($0))
      return true
    }
    if isDone == nil { Array(bytes).withUnsafeBytes { add($0) } }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var hash = state
    for byte in bytes { hash = (hash ^ UInt128(byte)) &* Self.prime }
    withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { count in
      for byte in count { hash = (hash ^ UInt128(byte)) &* Self.prime }
    }
    state = hash
  }

  /// The low half, where a number is wanted.
  package var shortValue: UInt64 { UInt64(truncatingIfNeeded: state) }

  /// 32 hexadecimal digits with the name of the function.
  package var text: String {
    let digits = String(state, radix: 16)
    return "fnv1a128:" + String(repeating: "0", count: 32 - digits.count) + digits
  }
}
