internal import Foundation

/// Round numbers along an axis.
struct AxisScale: Equatable {
  let lower: Double
  let upper: Double
  /// Distance of the marks.
  let step: Double

  /// - Parameters:
  ///   - range: what must be on the axis.
  ///   - marks: the approximate number of marks.
  ///   - isWhole: whether marks are only at integers.
  ///   - isTight: whether the axis ends with the range instead of with a mark.
  init(_ range: ClosedRange<Double>, marks: Int, isWhole: Bool = false, isTight: Bool = false) {
    var (low, high) = (range.lowerBound, range.upperBound)
    if high - low <= 1e-12 * max(abs(low), abs(high)) {
      let margin = isWhole ? 1 : max(abs(low) * 0.05, 0.5)
      (low, high) = (low - margin, high + margin)
    }
    let raw = (high - low) / Double(max(1, marks))
    let power = pow(10, floor(log10(raw)))
    let factor = [1, 2, 2.5, 5, 10].first { $0 * power >= raw * (1 - 1e-9) } ?? 10
    let wanted = factor * power
    step = isWhole ? max(1, wanted.rounded(.up)) : wanted
    lower = isTight ? low : floor(low / step + 1e-9) * step
    upper = isTight ? high : ceil(high / step - 1e-9) * step
  }

  /// The positions of the marks.
  var marks: [Double] {
    let first = ceil(lower / step - 1e-9)
    let last = floor(upper / step + 1e-9)
    guard last >= first, last - first < 1000 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  /// A mark with as many digits as the distance of the marks needs.
  func text(_ mark: Double) -> String {
    let digits = max(0, min(9, Int(-floor(log10(step) + 1e-9))))
    let needsMore = abs(step * pow(10, Double(digits)) - (step * pow(10, Double(digits))).rounded()) > 1e-6
    let text = String(format: "%.\(digits + (needsMore ? 1 : 0))f", mark)
    return text.allSatisfy { "-0.".contains($0) } ? "0" : text
  }
}

/// A power of a thousand that keeps the numbers on an axis short.
struct Magnitude: Equatable {
  let factor: Double
  /// Empty for 1.
  let name: String

  init(largest: Double) {
    let known = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e4, "thousand")]
    let found = known.first { largest >= $0.0 }
    factor = found.map { $0.0 == 1e4 ? 1e3 : $0.0 } ?? 1
    name = found?.1 ?? ""
  }
}
