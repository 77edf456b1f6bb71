internal import Glibc

/// Tables of the ziggurat for the standard normal density with 256 layers (Marsaglia, Tsang 2000; Doornik 2005).
///
/// Both follow from the start of the tail and from the area of a layer. The published area has 12 digits and is used as
/// published: more digits would change draws by 1e-11.
struct ZigguratTables: Sendable {
  static let shared = ZigguratTables()

  /// Where the tail begins.
  static let tail = 3.6541528853610088
  private static let area = 0.00492867323399

  /// Right ends of the layers, 257 values from the lowest layer, the last one 0.
  let ends: [Double]
  /// The density exp(−x²/2) at the ends, rounded to 18 decimals as in the published table.
  let densities: [Double]

  private init() {
    func density(_ x: Double) -> Double { exp(-x * x / 2) }
    var ends = [Self.area / density(Self.tail), Self.tail]
    while ends.count < 256 {
      let previous = ends[ends.count - 1]
      ends.append((-2 * log(Self.area / previous + density(previous))).squareRoot())
    }
    ends.append(0)
    self.ends = ends
    densities = ends.map { Self.rounded(density($0)) }
  }

  /// The number in (0, 1] nearest to a value with 18 decimals.
  private static func rounded(_ value: Double) -> Double {
    guard value < 1 else { return 1 }
    // value = significand · 2^−shift exactly, so the product with 10¹⁸ is exact in 128 bits.
    let shift = 52 - Int(value.exponent)
    let product = UInt128(value.significandBitPattern | 1 << 52) * 1_000_000_000_000_000_000
    let units = UInt64(truncatingIfNeeded: (product + (UInt128(1) << (shift - 1))) >> shift)
    let digits = String(units)
    return Double("0." + String(repeating: "0", count: max(0, 18 - digits.count)) + digits) ?? value
  }
}

extension PCG64 {
  /// A standard normal number by the ziggurat.
  mutating func normal(_ tables: borrowing ZigguratTables = .shared) -> Double {
    while true {
      let bits = next()
      let layer = Int(truncatingIfNeeded: bits & 255)
      let u = Double(bits >> 12) * 0x1p-51 - 1
      let x = u * tables.ends[layer]
      if abs(x) < tables.ends[layer + 1] { return x }
      if layer == 0 { return tail(isNegative: u < 0) }
      let height = tables.densities[layer + 1] + (tables.densities[layer] - tables.densities[layer + 1]) * fraction53()
      if height < exp(-x * x / 2) { return x }
    }
  }

  /// A number beyond the last layer (Marsaglia 1964).
  private mutating func tail(isNegative: Bool) -> Double {
    while true {
      let excess = log(openFraction()) / ZigguratTables.tail
      let limit = log(openFraction())
      guard -2 * limit >= excess * excess else { continue }
      return isNegative ? excess - ZigguratTables.tail : ZigguratTables.tail - excess
    }
  }
}
