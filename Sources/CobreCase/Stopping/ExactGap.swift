/// Ends training when the lower bound is close to an exact upper bound.
///
/// An upper bound below the lower one contradicts it and does not count as a gap.
package struct ExactGap: ConvergenceCondition {
  /// In $, or nil if the distance in $ is of no matter.
  package var absolute: Double?
  /// Share of max(1, |lower bound|), or nil if that is of no matter.
  package var relative: Double?

  package init(absolute: Double?, relative: Double?) {
    self.absolute = absolute
    self.relative = relative
  }

  package var reason: StopReason { .targetGap }

  package func holds(_ evidence: StoppingEvidence, memory _: inout [Double]) -> Bool {
    guard let upper = evidence.deterministicUpperBound, let lowerBound = evidence.lowerBounds.last else { return false }
    let distance = upper - lowerBound
    guard distance >= -StoppingEvidence.rounding * max(1, abs(lowerBound)) else { return false }
    return distance <= absolute ?? -.infinity
      || distance <= relative.map { $0 * max(1, abs(lowerBound)) } ?? -.infinity
  }
}

extension StoppingRule {
  package static func exactGap(absolute: Double?, relative: Double?) -> Self {
    Self(ExactGap(absolute: absolute, relative: relative))
  }
}
