/// How the values of several ranks are combined into one.
package enum Reduction: Sendable, CaseIterable {
  case sum
  case minimum
  case maximum

  /// Combines two values.
  ///
  /// `sum` rounds once, `minimum` and `maximum` follow IEEE 754-2019.
  ///
  /// Edge cases of minimum and maximum: NaN with anything is NaN (the quiet NaN, whatever the payloads were), and −0 is
  /// below +0.
  @inline(__always)
  package func combine(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .sum:
      return a + b
    case .minimum:
      if a < b { return a }
      if b < a { return b }
      if a.isNaN || b.isNaN { return .nan }
      return a.sign == .minus ? a : b
    case .maximum:
      if a > b { return a }
      if b > a { return b }
      if a.isNaN || b.isNaN { return .nan }
      return a.sign == .minus ? b : a
    }
  }

  /// Combines vectors that are stored one after the other, in their order.
  ///
  /// - Parameters:
  ///   - ranks: vectors, at least one.
  ///   - count: elements of each.
  ///   - vectors: the elements.
  ///   - result: room for `count` elements elsewhere.
  package func combine(
    ranks: Int, count: Int, _ vectors: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>
  ) {
    result.update(from: vectors, count: count)
    for peer in 1..<ranks {
      let other = vectors + peer * count
      switch self {
      // Its own loop, so that the compiler uses vector instructions.
      case .sum: for element in 0..<count { result[element] = result[element] + other[element] }
      case .minimum, .maximum:
        for element in 0..<count { result[element] = combine(result[element], other[element]) }
      }
    }
  }

  /// Combines two integers, nil if a sum leaves 64 bits.
  @inline(__always)
  package func combine(_ a: Int64, _ b: Int64) -> Int64? {
    switch self {
    case .sum:
      let (sum, overflow) = a.addingReportingOverflow(b)
      return overflow ? nil : sum
    case .minimum: return min(a, b)
    case .maximum: return max(a, b)
    }
  }
}
