internal import CobreBase

/// How a solve that failed is tried again.
package struct RetryRules: Sendable, Equatable {
  /// The most further attempts.
  ///
  /// A library has at most `RetryLadder.height`.
  package var attempts = RetryLadder.height
  /// Time for the attempts at one LP in s, after which no further attempt begins.
  package var seconds = 30.0
  /// For tests.
  package var fault: SolveFault?

  package init() {}
}

/// Fault injection for tests: in every n-th solve, the first k attempts count as failed.
package struct SolveFault: Sendable, Equatable {
  /// Set in the environment only, so that no request can ask for it: `COBRE_SOLVE_FAULT=EVERY:ATTEMPTS`, such as `7:3`.
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

/// Makes a library's further attempts when the plain one fails.
///
/// The order is fixed, so that a retried solve gives the same bits on every rank.
package struct RetryLadder: Sendable {
  /// Attempts of each library besides the plain one.
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
  ///   - plain: the first attempt. Attempts return 0 for an optimum. Otherwise they return 100 for infeasible, 200 for
  ///     unbounded or more for anything else, plus the library's own status below 100.
  ///   - rung: a further attempt, by its position.
  /// - Throws: `LPError` with the status of the last attempt.
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
