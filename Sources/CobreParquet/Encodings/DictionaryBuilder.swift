/// Finds the distinct values of a column, in order of first appearance, if there are few enough to be worth it.
struct DictionaryBuilder {
  /// For each value, the number of its distinct value.
  private(set) var indices: [UInt32] = []
  /// Index of the first appearance of each distinct value.
  private(set) var firsts: [Int] = []

  /// A table with open addressing: number of a distinct value, plus one.
  private var slots: [UInt32]
  private var mask: Int

  /// Finds the distinct values among `count` values, and returns nil if more than half of them are distinct.
  init?(count: Int, hash: (Int) -> UInt64, equal: (Int, Int) -> Bool) {
    slots = [UInt32](repeating: 0, count: 1024)
    mask = slots.count - 1
    indices.reserveCapacity(count)
    for value in 0..<count {
      if 2 * firsts.count >= slots.count { grow(hash) }
      var slot = Self.place(hash(value), mask)
      while slots[slot] != 0, !equal(firsts[Int(slots[slot]) - 1], value) { slot = (slot + 1) & mask }
      if slots[slot] == 0 {
        guard firsts.count < max(1, count / 2) else { return nil }
        firsts.append(value)
        slots[slot] = UInt32(firsts.count)
      }
      indices.append(slots[slot] - 1)
    }
  }

  /// Spreads the bits of a hash (Fibonacci hashing; Knuth, The Art of Computer Programming 3, section 6.4).
  ///
  /// The highest bits of the product depend on all bits of the hash. Whole numbers as doubles differ in their highest
  /// bits alone.
  private static func place(_ hash: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> UInt64(mask.leadingZeroBitCount))
  }

  private mutating func grow(_ hash: (Int) -> UInt64) {
    slots = [UInt32](repeating: 0, count: 2 * slots.count)
    mask = slots.count - 1
    for (number, first) in firsts.enumerated() {
      var slot = Self.place(hash(first), mask)
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(number + 1)
    }
  }
}
