/// Ends training when the gap of the bounds has been within a tolerance for some iterations in a row.
///
/// The gap is measured to the deterministic upper bound, or to the sampled one if there is none (then of either sign).
/// The half width of a sampled bound must be within the tolerance as well. Otherwise one lucky draw would be enough. A
/// deterministic bound below the lower one contradicts it and does not count as a gap. This rule is not part of the
/// case format but a run option.
package struct TargetGap: ConvergenceCondition {
  /// Share of the upper bound, ≥ 0.
  package var tolerance: Double
  /// Consecutive iterations, ≥ 1.
  package var iterations: Int

  package init(tolerance: Double, iterations: Int) {
    self.tolerance = tolerance
    self.iterations = iterations
  }

  package var reason: StopReason { .targetGap }
  /// One number: the consecutive iterations within the tolerance so far.
  package var memoryName: String? { "hits" }

  package func holds(_ evidence: StoppingEvidence, memory: inout [Double]) -> Bool {
    let isCrossed = evidence.deterministicUpperBound != nil && evidence.gap < -StoppingEvidence.rounding
    let isWithin = evidence.gap <= tolerance && evidence.halfWidth <= tolerance && !isCrossed
    let hits = isWithin ? (memory.first ?? 0) + 1 : 0
    memory = [hits]
    return hits >= Double(iterations)
  }
}

extension StopReason {
  package static let targetGap = StopReason(rawValue: "target_gap")
}

extension StoppingRule {
  package static func targetGap(tolerance: Double, iterations: Int) -> Self {
    Self(TargetGap(tolerance: tolerance, iterations: iterations))
  }
}
