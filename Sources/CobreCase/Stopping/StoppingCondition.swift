/// A stopping rule of one kind.
///
/// Each kind has a file in this folder.
///
/// A kind is either a `TrainingLimit`, judged by the iteration count and the clock alone, or a `ConvergenceCondition`,
/// judged after each iteration by its results. A kind that `stopping_rules` of `config.json` may name is also a
/// `CaseStoppingCondition` and listed in `StoppingRule.caseKinds`.
package protocol StoppingCondition: Sendable, Equatable {
  /// The reason reported when this rule ends training.
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
  /// Name under which checkpoints store the memory of the rule, or nil if it has none.
  var memoryName: String? { get }
  /// The most trajectories that one judgement simulates, 0 if it simulates none.
  var replications: Int { get }
  /// Whether it is met by a gap, which certifies nothing between heuristic bounds.
  var judgesGap: Bool { get }
  /// Rise of the lower bound for an iteration below which it counts as stalled, relative, or nil if the rule does not
  /// look at that.
  var slowRise: Double? { get }

  /// Judges the iteration that has just ended.
  ///
  /// Every rank calls it after every iteration, with the same evidence.
  ///
  /// - Parameters:
  ///   - evidence: what training has found so far.
  ///   - memory: what this rule left at the iteration before, empty at first. The same on every rank.
  /// - Returns: whether training may end.
  /// - Throws: what a simulation throws.
  func holds(_ evidence: StoppingEvidence, memory: inout [Double]) throws -> Bool
}

extension ConvergenceCondition {
  package var memoryName: String? { nil }
  package var replications: Int { 0 }
  package var judgesGap: Bool { false }
  package var slowRise: Double? { nil }
}

/// A kind that a case may ask for.
protocol CaseStoppingCondition: StoppingCondition {
  /// The value of `type` that names the kind.
  static var type: String { get }
  /// The other keys of such a rule.
  static var fields: [Field] { get }

  /// The rule described by an object of `stopping_rules` whose fields have been checked.
  init(_ node: Node)
}
