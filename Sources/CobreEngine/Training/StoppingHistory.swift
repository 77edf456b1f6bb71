package import CobreCase

/// Judges the stopping rules of a training and keeps what they remember from one iteration to the next.
///
/// The same on every rank.
package struct StoppingHistory {
  /// How training ends, as rank 0 decides it.
  package enum Verdict: Equatable {
    case goesOn
    case cancelled
    /// One rule holds, by its position among limits and rules.
    case rule(Int)
    case allRules
  }

  /// Lower bounds by iteration, in $, from the first that is known.
  package private(set) var lowerBounds: [Double] = []
  /// Whether each rule held at the last iteration, empty before the first.
  package private(set) var holds: [Bool] = []
  /// What each rule remembers.
  private var memories: [[Double]]
  private let limits: [any TrainingLimit]
  private let rules: [any ConvergenceCondition]
  private let needsAll: Bool
  private let isLimitApart: Bool
  private let hasHeuristicBounds: Bool

  /// - Parameters:
  ///   - options: rules and limits.
  ///   - hasHeuristicBounds: whether the bounds are heuristic, so that a gap between them certifies nothing.
  package init(options: TrainingOptions, hasHeuristicBounds: Bool = false) {
    self.hasHeuristicBounds = hasHeuristicBounds
    let others = options.otherRules.compactMap { $0.condition as? any TrainingLimit }
    limits =
      [IterationLimit(options.iterationLimit)] + (options.timeLimitSeconds.map { [TimeLimit($0)] } ?? []) + others
    rules = options.otherRules.compactMap { $0.condition as? any ConvergenceCondition }
    memories = .init(repeating: [], count: rules.count)
    needsAll = options.needsAllRules
    isLimitApart = options.isLimitApart
  }

  /// Notes the bound of an iteration and judges every rule but the limits.
  ///
  /// - Parameters:
  ///   - lowerBound: of the iteration that has just ended, in $.
  ///   - evidence: makes the evidence for the rules from the lower bounds so far.
  /// - Throws: what a simulation throws.
  package mutating func judge(_ lowerBound: Double, evidence: ([Double]) -> StoppingEvidence) throws {
    lowerBounds.append(lowerBound)
    guard !rules.isEmpty else { return }
    let evidence = evidence(lowerBounds)
    // All rules are judged, even if one is enough, since each remembers what it has seen.
    holds = try rules.indices.map { try rules[$0].holds(evidence, memory: &memories[$0]) }
  }

  /// Whether training ends: by the first rule that holds (limits come first), or by all of them together.
  package func verdict(iteration: Int, elapsedSeconds: Double) -> Verdict {
    var held = limits.map { $0.isReached(iteration: iteration, elapsedSeconds: elapsedSeconds) }
    held += rules.indices.map { holds.indices.contains($0) && holds[$0] }
    guard needsAll else { return held.firstIndex(of: true).map { .rule($0) } ?? .goesOn }
    if isLimitApart, held.first == true { return .rule(0) }
    let needed = isLimitApart ? held.dropFirst() : held[...]
    guard !needed.isEmpty, needed.allSatisfy({ $0 }) else { return .goesOn }
    return needed.count == 1 ? .rule(needed.startIndex) : .allRules
  }

  /// The reason for a verdict, or nil if training continues.
  package func reason(_ verdict: Verdict) -> StopReason? {
    switch verdict {
    case .goesOn: nil
    case .cancelled: .cancelled
    case .allRules: .allRules
    case .rule(let position):
      limits.indices.contains(position)
        ? limits[position].reason : rules.dropFirst(position - limits.count).first.map { certified($0) }
    }
  }

  /// Sentences on rules that could not be met, for the user.
  package var shortfalls: [String] {
    rules.indices.compactMap { (rules[$0] as? StatisticalGap)?.shortfall(memories[$0]) }
  }

  private func certified(_ rule: any ConvergenceCondition) -> StopReason {
    hasHeuristicBounds && rule.judgesGap ? .heuristicGap : rule.reason
  }
}

extension StoppingHistory.Verdict {
  /// As a number that ranks exchange.
  package var code: Int64 {
    switch self {
    case .goesOn: 0
    case .cancelled: 1
    case .allRules: 2
    case .rule(let position): 3 + Int64(position)
    }
  }

  package init(code: Int64) {
    switch code {
    case ...0: self = .goesOn
    case 1: self = .cancelled
    case 2: self = .allRules
    default: self = .rule(Int(code) - 3)
    }
  }
}

/// What checkpoints keep.
extension StoppingHistory {
  /// The lower bounds, whether each rule holds, and the memory of each under its own name.
  ///
  /// Where several rules share a name, the later ones have a number appended.
  package var section: CheckpointSections.Stopping {
    var section = CheckpointSections.Stopping()
    section.lowerBounds = lowerBounds
    section.holds = holds
    for (name, position) in memoryNames { section.memories[name] = memories[position] }
    return section
  }

  /// Restores what `section` gave.
  ///
  /// A rule whose memory is missing begins without one.
  package mutating func restore(_ section: CheckpointSections.Stopping) {
    lowerBounds = section.lowerBounds
    holds = section.holds
    for (name, position) in memoryNames { memories[position] = section.memories[name] ?? [] }
  }

  private var memoryNames: [(name: String, position: Int)] {
    var used: [String: Int] = [:]
    return rules.enumerated().compactMap { position, rule in
      guard let name = rule.memoryName else { return nil }
      used[name, default: 0] += 1
      let number = used[name, default: 1]
      return (number == 1 ? name : "\(name).\(number)", position)
    }
  }
}
