/// What a stopping rule says, of one kind; each kind is a file of this folder.
///
/// A kind is either a `TrainingLimit`, judged by the iteration count and the clock alone, or a `ConvergenceCondition`, judged
/// after each iteration by what training found. A kind that `stopping_rules` of `config.json` may name is a
/// `CaseStoppingCondition` besides, and a line of `StoppingRule.caseKinds`.
package protocol StoppingCondition: Sendable, Equatable {
  /// What is reported when training ends by this rule.
  var reason: StopReason { get }
}

extension StoppingCondition {
  func isEqual(to other: any StoppingCondition) -> Bool { other as? Self == self }
}

/// A condition that can be judged at any time, also before the first iteration of a resumed training.
package protocol TrainingLimit: StoppingCondition {
  /// Whether training ends at the latest now.
  ///
  /// - Parameters:
  ///   - iteration: iterations completed.
  ///   - elapsedSeconds: time that training has taken so far, in s, by the clock of rank 0.
  /// - Returns: whether the limit is reached.
  func isReached(iteration: Int, elapsedSeconds: Double) -> Bool
}

/// A condition on what training has found.
package protocol ConvergenceCondition: StoppingCondition {
  /// Name under which checkpoints keep the memory of the rule; nil where it has none.
  var memoryName: String? { get }
  /// Trajectories that one judgement simulates at most; 0 where it simulates none.
  var replications: Int { get }

  /// Judges the iteration that has just ended; every rank calls it after every iteration, with the same evidence.
  ///
  /// - Parameters:
  ///   - evidence: what training has found so far.
  ///   - memory: what this rule left at the iteration before, empty at first; the same on every rank.
  /// - Returns: whether training may end.
  /// - Throws: what a simulation throws.
  func holds(_ evidence: StoppingEvidence, memory: inout [Double]) throws -> Bool
}

extension ConvergenceCondition {
  package var memoryName: String? { nil }
  package var replications: Int { 0 }
}

/// A kind that a case may ask for.
protocol CaseStoppingCondition: StoppingCondition {
  /// The value of `type` that names the kind.
  static var type: String { get }
  /// The other keys of such a rule.
  static var fields: [Field] { get }

  /// The rule that an object of `stopping_rules` asks for, whose fields have been checked.
  init(_ node: Node)
}
