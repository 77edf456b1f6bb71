/// How a solve that failed is tried again.
package struct RetryRules: Sendable, Equatable {
  /// Further attempts at most; a library has no more than `RetryLadder.height`.
  package var attempts = RetryLadder.height
  /// Time for the attempts at one program in s, after which no further one begins.
  package var seconds = 30.0
  /// For tests.
  package var fault: SolveFault?

  package init() {}
}

/// Failures that tests ask for: of every so-manyth solve the first attempts count as failed, whatever they found.
package struct SolveFault: Sendable, Equatable {
  /// From the environment alone, so that no request can ask for it: `COBRE_SOLVE_FAULT=EVERY:ATTEMPTS`, such as `7:3`.
  package static let variable = "COBRE_SOLVE_FAULT"

  let every: Int
  let attempts: Int

  /// Nil for anything that is no fault.
  package init?(_ text: String) {
    let fields = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard fields.count == 2, let every = fields[0], let attempts = fields[1], min(every, attempts) > 0 else {
      return nil
    }
    self.every = every
    self.attempts = attempts
  }
}

/// Climbs the attempts of a library when its plain one fails, in an order that is fixed, so that a retried solve gives the
/// same bits wherever it happens.
package struct RetryLadder: Sendable {
  /// Attempts of each library beside the plain one.
  package static let height = 5

  package var rules = RetryRules()
  /// Solves that needed more than the plain attempt.
  package private(set) var retries = 0
  private var solves = 0

  package init() {}

  /// Solves once, and again by one rung after the other until one succeeds.
  ///
  /// - Parameters:
  ///   - library: its name, for messages.
  ///   - plain: the first attempt. Attempts give 0 for an optimum; otherwise 100 for infeasible, 200 for unbounded or more
  ///     for anything else, plus the library's own status below 100.
  ///   - rung: a further attempt, by its position.
  /// - Throws: `LPError` with what the last attempt said.
  package mutating func solve(
    _ library: StaticString, plain: () -> Int32, rung: (Int) -> Int32
  ) throws(LPError) {
    solves &+= 1
    var failures = 0
    if let fault = rules.fault, solves % fault.every == 0 { failures = fault.attempts }
    var last = plain()
    if last == 0, failures == 0 { return }
    retries += 1
    let began = ContinuousClock.now
    for position in 0..<max(0, min(rules.attempts, Self.height)) {
      if position > 0, (ContinuousClock.now - began).seconds > rules.seconds { break }
      last = rung(position)
      if last == 0, position + 1 >= failures { return }
    }
    switch last / 100 {
    case 1: throw LPError(.infeasible, detail: "\(library) status \(last)")
    case 2: throw LPError(.unbounded, detail: "\(library) status \(last)")
    default: throw LPError(.notSolved, detail: "\(library) status \(last)")
    }
  }
}
