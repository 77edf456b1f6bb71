/// Ends training when the lower bound has changed little over a window of iterations.
package struct BoundStalling: ConvergenceCondition, CaseStoppingCondition {
  /// Lower bounds in the window, ≥ 1.
  package var iterations: Int
  /// Relative change below which the bound counts as stalled, ≥ 0.
  package var tolerance: Double

  package var reason: StopReason { .boundStalling }

  package var slowRise: Double? { tolerance / Double(max(1, iterations - 1)) }

  package func holds(_ evidence: StoppingEvidence, memory _: inout [Double]) -> Bool {
    evidence.movement(over: iterations - 1).map { $0 < tolerance } ?? false
  }

  static let type = "bound_stalling"
  static let fields: [Field] = [
    .required("iterations", .whole(1), "Window of lower bounds looked at"),
    .required("tolerance", .nonNegative, "Relative change below which the bound counts as stalled"),
  ]

  package init(iterations: Int, tolerance: Double) {
    self.iterations = iterations
    self.tolerance = tolerance
  }

  init(_ node: Node) { self.init(iterations: node["iterations"].int, tolerance: node["tolerance"].number) }
}

extension StopReason {
  package static let boundStalling = StopReason(rawValue: BoundStalling.type)
}

extension StoppingRule {
  package static func boundStalling(iterations: Int, tolerance: Double) -> Self {
    Self(BoundStalling(iterations: iterations, tolerance: tolerance))
  }
}
