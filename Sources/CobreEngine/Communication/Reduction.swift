/// How the values of several ranks become one.
package enum Reduction: Sendable, CaseIterable {
  case sum
  case minimum
  case maximum

  /// Combines two values; `sum` rounds once, `minimum` and `maximum` follow IEEE 754-2019.
  ///
  /// Edge cases of minimum and maximum: NaN with anything is NaN (the quiet NaN, whatever the payloads were), and −0
  /// lies below +0.
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

  /// Combines two integers, nil where a sum leaves 64 bits.
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
