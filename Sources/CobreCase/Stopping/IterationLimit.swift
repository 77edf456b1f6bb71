/// Ends training after a number of iterations.
package struct IterationLimit: TrainingLimit, CaseStoppingCondition {
  /// Iterations, ≥ 1.
  package var limit: Int

  package init(_ limit: Int) { self.limit = limit }

  package var reason: StopReason { .iterationLimit }

  package func isReached(iteration: Int, elapsedSeconds _: Double) -> Bool { iteration >= limit }

  static let type = "iteration_limit"
  static let fields: [Field] = [.required("limit", .whole(1), "Iterations")]

  init(_ node: Node) { self.init(node["limit"].int) }
}

extension StopReason {
  package static let iterationLimit = StopReason(rawValue: IterationLimit.type)
}

extension StoppingRule {
  package static func iterationLimit(_ limit: Int) -> Self { Self(IterationLimit(limit)) }
}
