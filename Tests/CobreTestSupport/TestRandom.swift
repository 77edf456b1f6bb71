/// A small repeatable source of random numbers for tests (SplitMix64, Steele, Lea and Flood 2014).
///
/// Test systems must be the same on every machine and in every run, and must not depend on the engine's own
/// generator, which is itself under test.
package struct TestRandom: Sendable {
  private var state: UInt64

  /// Starts a sequence from a seed and a label.
  ///
  /// Each part of a system draws from a sequence with a label of its own, so that a new feature does not change the
  /// numbers of the others.
  package init(seed: UInt64, label: String = "") {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
    for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    state = hash
    _ = next()
  }

  /// Draws 64 random bits.
  package mutating func next() -> UInt64 {
    state = state &+ 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Draws uniformly from [0, 1).
  package mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

  /// Draws an integer of the closed range.
  package mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  /// Draws from [low, high), rounded to `digits` decimals so that case files stay readable.
  package mutating func number(_ low: Double, _ high: Double, digits: Int = 2) -> Double {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return ((low + (high - low) * unit()) * scale).rounded() / scale
  }

  /// Is true with the given probability.
  package mutating func chance(_ probability: Double) -> Bool { unit() < probability }

  /// Returns the elements in a random order (Fisher and Yates).
  package mutating func shuffled<T>(_ elements: [T]) -> [T] {
    var result = elements
    guard result.count > 1 else { return result }
    for i in stride(from: result.count - 1, to: 0, by: -1) { result.swapAt(i, integer(0...i)) }
    return result
  }
}
