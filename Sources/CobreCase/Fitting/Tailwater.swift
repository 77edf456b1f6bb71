/// The water level below a plant as a function of its outflow.
package enum Tailwater: Sendable, Equatable {
  /// Level in m as a polynomial of the outflow in m³/s, ascending powers.
  case polynomial([Double])
  case curve(LinearCurve)
  /// The mean of two families, the second one with the given weight.
  case families(TailraceFamily, TailraceFamily, weight: Double)

  /// Level in m.
  package func level(at outflow: Double) -> Double {
    switch self {
    case .polynomial(let coefficients): coefficients.reversed().reduce(0) { $0 * outflow + $1 }
    case .curve(let curve): curve.value(at: outflow)
    case .families(let lower, let upper, let weight):
      weight == 0
        ? lower.level(at: outflow) : (1 - weight) * lower.level(at: outflow) + weight * upper.level(at: outflow)
    }
  }

  /// Slope of the level in m per m³/s.
  package func slope(at outflow: Double) -> Double {
    switch self {
    case .polynomial(let coefficients):
      coefficients.indices.dropFirst().reversed().reduce(0) { $0 * outflow + Double($1) * coefficients[$1] }
    case .curve(let curve): curve.slope(at: outflow)
    case .families(let lower, let upper, let weight):
      (1 - weight) * lower.slope(at: outflow) + weight * upper.slope(at: outflow)
    }
  }

  /// The curve of a plant, or nil if it has none or its points are not a curve.
  package init?(_ tailrace: Tailrace) {
    switch tailrace {
    case .polynomial(let coefficients): self = .polynomial(coefficients)
    case .piecewise(let points):
      guard !points.isEmpty, zip(points, points.dropFirst()).allSatisfy({ $0.outflow < $1.outflow }) else {
        return nil
      }
      self = .curve(LinearCurve(points.map { ($0.outflow, $0.height) }))
    }
  }

  /// The curve interpolated between the two families whose downstream levels enclose the given level.
  ///
  /// - Parameters:
  ///   - families: in any order, valid (`TailraceFamily.problems` is empty). Beyond all levels the nearest family
  ///     applies. Without families the result is nil.
  ///   - downstream: level of the reservoir below in m. nil takes the lowest family.
  package init?(_ families: [TailraceFamily], downstream: Double?) {
    let sorted = families.sorted { ($0.level ?? -.infinity, $0.id) < ($1.level ?? -.infinity, $1.id) }
    guard let first = sorted.first, let last = sorted.last else { return nil }
    guard let downstream, let low = first.level, let high = last.level, downstream > low else {
      self = .families(first, first, weight: 0)
      return
    }
    guard downstream < high else {
      self = .families(last, last, weight: 0)
      return
    }
    let index = sorted.lastIndex { ($0.level ?? low) <= downstream } ?? 0
    guard index + 1 < sorted.count, let below = sorted[index].level, let above = sorted[index + 1].level else {
      self = .families(sorted[index], sorted[index], weight: 0)
      return
    }
    self = .families(sorted[index], sorted[index + 1], weight: (downstream - below) / (above - below))
  }
}
