/// Ends training when the gap of the bounds has been within a tolerance for some iterations in a row.
///
/// See `BoundGap.isWithin`. This rule is not part of the case format but a run option.
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
  package var judgesGap: Bool { true }
  /// One number: the consecutive iterations within the tolerance so far.
  package var memoryName: String? { "hits" }

  package func holds(_ evidence: StoppingEvidence, memory: inout [Double]) -> Bool {
    let hits = evidence.gap?.isWithin(tolerance) == true ? (memory.first ?? 0) + 1 : 0
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
