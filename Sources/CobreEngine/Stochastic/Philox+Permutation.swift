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
      func swap(_ i: Int, _ uniform: Double) {
        let j = min(Int(uniform * Double(i + 1)), i)
        (elements[i], elements[j]) = (elements[j], elements[i])
      }
      var i = count - 1
      // Four numbers at a time keep the multipliers of the processor busy.
      while i >= 4 {
        let uniforms = fourUniforms(
          entity: entity, from: firstSample &+ UInt32(truncatingIfNeeded: i), stage: stage, iteration: iteration)
        swap(i, uniforms[0])
        swap(i - 1, uniforms[1])
        swap(i - 2, uniforms[2])
        swap(i - 3, uniforms[3])
        i -= 4
      }
      while i > 0 {
        swap(
          i,
          uniform(
            entity: entity, sample: firstSample &+ UInt32(truncatingIfNeeded: i), stage: stage, iteration: iteration))
        i -= 1
      }
    }
  }

  /// `uniform` at four samples that count down from `sample`, the same to the last bit.
  @inline(__always)
  private func fourUniforms(
    entity: UInt32, from sample: UInt32, stage: UInt32, iteration: UInt32
  ) -> SIMD4<Double> {
    typealias Words = SIMD4<UInt64>
    let low = Words(repeating: 0xFFFF_FFFF)
    let half = Words(repeating: 32)
    // Words of 32 bits in lanes of 64, whose upper halves hold what the products leave there.
    var c0 = Words(repeating: UInt64(entity))
    var c1 = Words(UInt64(sample), UInt64(sample &- 1), UInt64(sample &- 2), UInt64(sample &- 3))
    var c2 = Words(repeating: UInt64(stage))
    var c3 = Words(repeating: UInt64(iteration))
    var (k0, k1) = keys
    for round in 0..<10 {
      if round > 0 {
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      let p0 = (c0 & low) &* Words(repeating: 0xD251_1F53)
      let p1 = (c2 & low) &* Words(repeating: 0xCD9E_8D57)
      c0 = (p1 &>> half) ^ c1 ^ Words(repeating: UInt64(k0))
      c2 = (p0 &>> half) ^ c3 ^ Words(repeating: UInt64(k1))
      c1 = p1
      c3 = p0
    }
    let bits = ((c1 &<< half) | (c0 & low)) &>> Words(repeating: 12)
    // 52 bits fit a signed number, which converts faster than an unsigned one.
    let numbers = SIMD4<Double>(
      Double(Int64(truncatingIfNeeded: bits[0])), Double(Int64(truncatingIfNeeded: bits[1])),
      Double(Int64(truncatingIfNeeded: bits[2])), Double(Int64(truncatingIfNeeded: bits[3])))
    return (numbers + 0.5) * 0x1p-52
  }
}
