/// Ends training when the lower bound is close to a proven upper bound, by the shares of Novomodelo.
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
  package var judgesGap: Bool { true }

  package func holds(_ evidence: StoppingEvidence, memory _: inout [Double]) -> Bool {
    guard let gap = evidence.gap, gap.isProven, !gap.isContradiction else { return false }
    return gap.distance <= absolute ?? -.infinity
      || gap.distance <= relative.map { $0 * gap.lowerScale } ?? -.infinity
  }
}

extension StoppingRule {
  package static func exactGap(absolute: Double?, relative: Double?) -> Self {
    Self(ExactGap(absolute: absolute, relative: relative))
  }
}
