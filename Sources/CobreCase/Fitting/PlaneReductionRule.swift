internal import Foundation

/// How neighbouring planes of a fit that are nearly the same are merged.
package enum PlaneReductionRule: Sendable, Hashable {
  /// Planes whose normals enclose less than this angle.
  case angle(degrees: Double)
  /// Planes whose mean square difference at random points is below this share, in percent, of the largest output
  /// squared.
  case distance(percent: Double, samples: Int)

  /// Merges similar planes in their order.
  ///
  /// Each plane is merged with the last kept one if both are similar. Their mean takes their position and may be merged
  /// again. The plane through the origin stays.
  ///
  /// - Parameters:
  ///   - planes: in the order of the hull.
  ///   - largestPower: largest output on the grid in MW.
  ///   - box: volumes in hm³, turbined flows and largest spill in m³/s of the fit.
  /// - Returns: the planes that are left.
  func reduce(
    _ planes: [ProductionPlane], largestPower: Double,
    box: (volumes: ClosedRange<Double>, flows: ClosedRange<Double>, spill: Double)
  ) -> [ProductionPlane] {
    var kept: [ProductionPlane] = []
    // The position of the plane through the origin among its neighbours depends on rounding, so it must not separate
    // them.
    var last: Int?
    for plane in planes {
      if isThroughOrigin(plane) {
        kept.append(plane)
      } else if let index = last, isSimilar(kept[index], plane, largestPower, box) {
        kept[index] = mean(kept[index], plane)
      } else {
        last = kept.count
        kept.append(plane)
      }
    }
    return kept
  }

  private func isThroughOrigin(_ plane: ProductionPlane) -> Bool {
    abs(plane.constant) <= 1e-9 && abs(plane.volume) <= 1e-9
  }

  private func mean(_ left: ProductionPlane, _ right: ProductionPlane) -> ProductionPlane {
    ProductionPlane(
      constant: 0.5 * (left.constant + right.constant), volume: 0.5 * (left.volume + right.volume),
      turbined: 0.5 * (left.turbined + right.turbined), spilled: 0.5 * (left.spilled + right.spilled))
  }

  private func isSimilar(
    _ left: ProductionPlane, _ right: ProductionPlane, _ largestPower: Double,
    _ box: (volumes: ClosedRange<Double>, flows: ClosedRange<Double>, spill: Double)
  ) -> Bool {
    switch self {
    case .angle(let degrees):
      let product = left.volume * right.volume + left.turbined * right.turbined + 1
      let lengths = [left, right].map { ($0.volume * $0.volume + $0.turbined * $0.turbined + 1).squareRoot() }
      let cosine = min(1, max(-1, product / (lengths[0] * lengths[1])))
      return acos(cosine) * 180 / .pi < degrees
    case .distance(let percent, _):
      let square = meanSquare(
        ProductionPlane(
          constant: left.constant - right.constant, volume: left.volume - right.volume,
          turbined: left.turbined - right.turbined, spilled: left.spilled - right.spilled), box)
      return square < percent / 100 * largestPower * largestPower
    }
  }

  /// Exact mean square of a plane over the box, which random points would only estimate.
  private func meanSquare(
    _ plane: ProductionPlane, _ box: (volumes: ClosedRange<Double>, flows: ClosedRange<Double>, spill: Double)
  ) -> Double {
    let ranges = [
      (plane.volume, box.volumes.lowerBound, box.volumes.upperBound),
      (plane.turbined, box.flows.lowerBound, box.flows.upperBound), (plane.spilled, 0, box.spill),
    ]
    let mean = ranges.reduce(plane.constant) { $0 + $1.0 * 0.5 * ($1.1 + $1.2) }
    // The variance of a uniform number over a range is its width squared over twelve.
    return ranges.reduce(mean * mean) { $0 + $1.0 * $1.0 * ($1.2 - $1.1) * ($1.2 - $1.1) / 12 }
  }
}
