extension Philox {
  /// A random permutation of 0 … n − 1 (Fisher, Yates; backwards).
  ///
  /// - Parameters:
  ///   - count: number of elements n.
  ///   - entity: first word of the counter.
  ///   - firstSample: added to i in the second word.
  ///   - stage: third word.
  ///   - iteration: fourth word.
  /// - Returns: the permuted numbers.
  package func permutation(
    of count: Int, entity: Int, firstSample: UInt32 = 0, stage: UInt32, iteration: UInt32
  ) -> [UInt32] {
    let entity = UInt32(truncatingIfNeeded: entity)
    return [UInt32](unsafeUninitializedCapacity: max(0, count)) { buffer, initialized in
      initialized = max(0, count)
      guard let elements = buffer.baseAddress else { return }
      for i in 0..<initialized { elements[i] = UInt32(truncatingIfNeeded: i) }
      func swap(_ i: Int, with j: Int) { (elements[i], elements[j]) = (elements[j], elements[i]) }
      var i = count - 1
      let first = FourCounters(entity: entity, stage: stage, iteration: iteration, keys: keys)
      // Four numbers at a time keep the multipliers of the processor busy.
      while i >= 4 {
        let bits = first.bits(from: firstSample &+ UInt32(truncatingIfNeeded: i))
        swap(i, with: Self.place(bits[0], upTo: i))
        swap(i - 1, with: Self.place(bits[1], upTo: i - 1))
        swap(i - 2, with: Self.place(bits[2], upTo: i - 2))
        swap(i - 3, with: Self.place(bits[3], upTo: i - 3))
        i -= 4
      }
      while i > 0 {
        let sample = firstSample &+ UInt32(truncatingIfNeeded: i)
        let uniform = uniform(entity: entity, sample: sample, stage: stage, iteration: iteration)
        swap(i, with: min(Int(uniform * Double(i + 1)), i))
        i -= 1
      }
    }
  }

  /// min(⌊uniform · (i + 1)⌋, i) as binary64 rounds it, from the 52 bits of the uniform number, mostly without
  /// binary64.
  @inline(__always)
  static func place(_ bits: UInt64, upTo i: Int) -> Int {
    // The product is exact below 2⁶⁴. If rounding might reach the next integer, the slow path decides.
    if i < 2048 {
      let product = (2 &* bits &+ 1) &* UInt64(truncatingIfNeeded: i &+ 1)
      if product & (1 << 53 - 1) < 1 << 53 - 1 << 11 { return Int(truncatingIfNeeded: product >> 53) }
    }
    return min(Int((Double(bits) + 0.5) * 0x1p-52 * Double(i + 1)), i)
  }
}

/// The generator at four samples at a time.
///
/// What depends only on the other words of the counter is computed once.
private struct FourCounters {
  private typealias Words = SIMD4<UInt64>

  /// The words after the first round, except for the sample in word 0.
  private let after: (UInt64, UInt64, UInt64, UInt64)
  private let keys: (UInt32, UInt32)

  init(entity: UInt32, stage: UInt32, iteration: UInt32, keys: (UInt32, UInt32)) {
    self.keys = keys
    let p0 = UInt64(entity) &* 0xD251_1F53
    let p1 = UInt64(stage) &* 0xCD9E_8D57
    after = (
      p1 >> 32 ^ UInt64(keys.0), p1 & 0xFFFF_FFFF, p0 >> 32 ^ UInt64(iteration) ^ UInt64(keys.1), p0 & 0xFFFF_FFFF
    )
  }

  /// The 52 bits of `Philox.uniform` at four samples that count down from `sample`.
  @inline(__always)
  func bits(from sample: UInt32) -> SIMD4<UInt64> {
    let low = Words(repeating: 0xFFFF_FFFF)
    let half = Words(repeating: 32)
    // Words of 32 bits in lanes of 64, whose upper halves hold leftovers of the products.
    var c0 =
      Words(UInt64(sample), UInt64(sample &- 1), UInt64(sample &- 2), UInt64(sample &- 3))
      ^ Words(repeating: after.0)
    var c1 = Words(repeating: after.1)
    var c2 = Words(repeating: after.2)
    var c3 = Words(repeating: after.3)
    var (k0, k1) = keys
    for _ in 1..<10 {
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
      let p0 = (c0 & low) &* Words(repeating: 0xD251_1F53)
      let p1 = (c2 & low) &* Words(repeating: 0xCD9E_8D57)
      c0 = (p1 &>> half) ^ c1 ^ Words(repeating: UInt64(k0))
      c2 = (p0 &>> half) ^ c3 ^ Words(repeating: UInt64(k1))
      c1 = p1
      c3 = p0
    }
    return ((c1 &<< half) | (c0 & low)) &>> Words(repeating: 12)
  }
}
