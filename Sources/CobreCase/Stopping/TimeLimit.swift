/// Ends training after some wall time.
package struct TimeLimit: TrainingLimit, CaseStoppingCondition {
  /// In s, > 0.
  package var seconds: Double

  package init(_ seconds: Double) { self.seconds = seconds }

  package var reason: StopReason { .timeLimit }

  package func isReached(iteration _: Int, elapsedSeconds: Double) -> Bool { elapsedSeconds >= seconds }

  static let type = "time_limit"
  static let fields: [Field] = [.required("seconds", .positive, unit: "s", "Wall time")]

  init(_ node: Node) { self.init(node["seconds"].number) }
}

extension StopReason {
  package static let timeLimit = StopReason(rawValue: TimeLimit.type)
}

extension StoppingRule {
  package static func timeLimit(_ seconds: Double) -> Self { Self(TimeLimit(seconds)) }
}
