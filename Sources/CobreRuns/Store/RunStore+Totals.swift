internal import CobreEngine
internal import GRDB

/// What the iterations of a run took in total.
///
/// Times are rank 0's, in seconds.
package struct TrainingTotals: Sendable, Equatable {
  package var iterations = 0
  package var forwardSeconds = 0.0
  /// The lower bound included.
  package var backwardSeconds = 0.0
  package var communicationSeconds = 0.0
  /// Of those, before the last rank had come.
  package var waitSeconds = 0.0
  package var solves = 0
  package var retries = 0
  /// Of the whole training.
  package var elapsedSeconds = 0.0
  /// From the start of the run to the start of its training; or nil if the run was resumed, so that it is not known.
  package var startSeconds: Double?
  /// From the end of training to the end of the simulation; nil without one.
  package var simulationSeconds: Double?

  /// What is neither forward nor backward pass: records and stopping rules.
  package var otherSeconds: Double { max(0, elapsedSeconds - forwardSeconds - backwardSeconds) }

  package init() {}
}

extension RunStore {
  /// What the iterations took in sum, and the time before and after them.
  package func totals() throws -> TrainingTotals {
    try read { database in
      var totals = TrainingTotals()
      let sums = try Row.fetchOne(
        database,
        sql: """
          SELECT COUNT(*), TOTAL(forward_seconds), TOTAL(backward_seconds), TOTAL(communication_seconds),
            TOTAL(wait_seconds), TOTAL(solves), TOTAL(retries), IFNULL(MAX(elapsed_seconds), 0), MAX(recorded_at)
          FROM convergence
          """)
      guard let sums else { return totals }
      totals.iterations = try sums.value(0)
      totals.forwardSeconds = try sums.value(1)
      totals.backwardSeconds = try sums.value(2)
      totals.communicationSeconds = try sums.value(3)
      totals.waitSeconds = try sums.value(4)
      totals.solves = Int(clamping: Int64(exactly: (try sums.value(5) as Double).rounded()) ?? .max)
      totals.retries = Int(clamping: Int64(exactly: (try sums.value(6) as Double).rounded()) ?? .max)
      totals.elapsedSeconds = try sums.value(7)
      let trainingEnd: Double? = try sums.value(8)
      let run = try Row.fetchOne(database, sql: "SELECT attempt, started_at FROM run WHERE id = 1")
      let first = try Row.fetchOne(
        database, sql: "SELECT elapsed_seconds, recorded_at FROM convergence ORDER BY iteration LIMIT 1")
      if let run, let first, try (run.value(0) as Int?) == 1, let started: Double = try run.value(1) {
        totals.startSeconds = try max(0, (first.value(1) as Double) - (first.value(0) as Double) - started)
      }
      if let trainingEnd,
        let end = try Double.fetchOne(database, sql: "SELECT recorded_at FROM simulation WHERE id = 1")
      {
        totals.simulationSeconds = max(0, end - trainingEnd)
      }
      return totals
    }
  }

  /// Number of cuts of each pool that has any, in order of the stages.
  package func cutCounts() throws -> [Int] {
    try read { try Int.fetchAll($0, sql: "SELECT COUNT(*) FROM cut GROUP BY stage ORDER BY stage") }
  }
}
