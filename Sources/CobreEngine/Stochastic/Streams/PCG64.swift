/// The PCG64 generator XSL-RR 128/64 with its own increment (O'Neill 2014).
struct PCG64 {
  private static let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645

  private var state: UInt128
  private let increment: UInt128

  /// Expands a seed of 64 bits by a PCG32 sequence into state and increment.
  init(seed: UInt64) {
    var source = seed
    var words: (UInt128, UInt128) = (0, 0)
    for position in 0..<8 {
      source = source &* 6_364_136_223_846_793_005 &+ 11_634_580_027_462_260_723
      let bits = UInt32(truncatingIfNeeded: ((source >> 18) ^ source) >> 27)
      let rotation = UInt32(truncatingIfNeeded: source >> 59)
      let word = UInt128(bits &>> rotation | bits &<< (32 &- rotation))
      if position < 4 { words.0 |= word << (32 * position) } else { words.1 |= word << (32 * (position - 4)) }
    }
    increment = words.1 | 1
    state = (words.0 &+ increment) &* Self.multiplier &+ increment
  }

  /// The next 64 bits.
  mutating func next() -> UInt64 {
    state = state &* Self.multiplier &+ increment
    let bits = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    return bits.rotatedRight(UInt64(truncatingIfNeeded: state >> 122))
  }

  /// The next 32 bits, the low half of 64.
  mutating func next32() -> UInt32 { UInt32(truncatingIfNeeded: next()) }

  /// A multiple of 2⁻⁵³ in [0, 1).
  mutating func fraction53() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A multiple of 2⁻⁵² in [0, 1).
  mutating func fraction52() -> Double { Double(next() >> 12) * 0x1p-52 }

  /// The middle of an interval of width 2⁻⁵² in (0, 1).
  mutating func openFraction() -> Double { Double(next() >> 12) * 0x1p-52 + 0x1p-53 }

  /// An integer below `count` (Canon's method with one correction; its bias is below 2⁻⁶⁴ · count).
  mutating func index(below count: UInt32) -> UInt32 {
    let product = UInt64(next32()) &* UInt64(count)
    let result = UInt32(truncatingIfNeeded: product >> 32)
    let low = UInt32(truncatingIfNeeded: product)
    // Only here can the digits that follow carry into the result.
    if low > 0 &- count {
      let further = UInt32(truncatingIfNeeded: UInt64(next32()) &* UInt64(count) >> 32)
      return low.addingReportingOverflow(further).overflow ? result &+ 1 : result
    }
    return result
  }

  /// A random order of 0 … count − 1 (Fisher, Yates; backwards).
  mutating func permutation(of count: Int) -> [UInt32] {
    var order = (0..<max(0, count)).map { UInt32(truncatingIfNeeded: $0) }
    var last = count - 1
    while last > 0 {
      order.swapAt(last, Int(index(below: UInt32(truncatingIfNeeded: last + 1))))
      last -= 1
    }
    return order
  }
}
