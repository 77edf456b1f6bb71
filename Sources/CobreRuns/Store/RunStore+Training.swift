package import CobreEngine
internal import Foundation
internal import GRDB

extension RunStore {
  /// Writes one iteration, its cuts and its checkpoint in one transaction: afterwards either all of it is stored or
  /// none.
  ///
  /// An iteration that is stored already, from an attempt that ended before its successor, is replaced.
  package func recordIteration(
    _ report: IterationReport, cuts: [CutBatch], stateDimension: Int, states: [[Double]] = [],
    checkpoint: [UInt8]?, at now: Double
  ) throws {
    try write { database in
      // The statements of an iteration are the same each time, and compiling them would take longer than running them.
      let convergence = try database.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO convergence (iteration, lower_bound, upper_bound, upper_bound_half_width, gap,
            elapsed_seconds, forward_seconds, backward_seconds, communication_seconds, solves, recorded_at,
            deterministic_upper_bound, retries, wait_seconds)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """)
      try convergence.execute(
        arguments: [
          report.iteration, storable(report.lowerBound), storable(report.upperBound),
          storable(report.upperBoundHalfWidth), storable(report.gap),
          storable(report.elapsedSeconds) ?? 0, storable(report.forwardSeconds) ?? 0,
          storable(report.backwardSeconds) ?? 0, storable(report.communicationSeconds) ?? 0, report.solves, now,
          report.deterministicUpperBound.flatMap { storable($0) }, report.retries, report.ranks.first?.waitSeconds ?? 0,
        ])
      var digest = IterationDigest()
      try Self.write(
        cuts, stateDimension: stateDimension, iteration: report.iteration, to: database, digest: &digest)
      let visited = try database.cachedStatement(
        sql: "INSERT OR REPLACE INTO trial_states (pool, iteration, contents) VALUES (?, ?, ?)")
      for (pool, values) in states.enumerated() where !values.isEmpty {
        let contents = DoubleBlob.encode(values)
        digest.addStates(pool: pool, contents)
        try visited.execute(arguments: [pool, report.iteration, contents])
      }
      try Self.write(digest, report, to: database)
      let progress = try database.cachedStatement(
        sql: """
          UPDATE rank SET solves = solves + ?, state = 'running', updated_at = ?, threads = ?,
            communication_seconds = communication_seconds + ?, wait_seconds = wait_seconds + ?,
            memory = MAX(COALESCE(memory, 0), ?), peak_memory = ? WHERE rank = ?
          """)
      for (rank, work) in report.ranks.enumerated() {
        try progress.execute(
          arguments: [
            work.solves, now, work.threads, work.communicationSeconds, work.waitSeconds, work.memoryBytes,
            work.peakMemoryBytes, rank,
          ])
      }
      if let checkpoint {
        try Self.write(checkpoint, iteration: report.iteration, at: now, to: database)
      }
    }
  }

  static let convergenceColumns = """
    SELECT iteration, lower_bound, upper_bound, upper_bound_half_width, gap, elapsed_seconds, forward_seconds,
      backward_seconds, communication_seconds, solves, deterministic_upper_bound, retries, wait_seconds, recorded_at,
      figures
    FROM convergence LEFT JOIN iteration_checksum USING (iteration)
    """

  /// The iterations after `iteration`, in order.
  ///
  /// If there are more than `points`, this many are chosen evenly, including the first and the last.
  ///
  /// The cost depends on the number chosen, not on the number stored: a run may have a million iterations.
  package func convergence(since iteration: Int, points: Int = .max) throws -> [ConvergenceRow] {
    try read { database in
      // Iterations follow each other without gaps.
      let ends = try Row.fetchOne(
        database,
        sql: """
          SELECT (SELECT min(iteration) FROM convergence WHERE iteration > :since),
            (SELECT max(iteration) FROM convergence WHERE iteration > :since)
          """,
        arguments: ["since": iteration])
      guard let ends, let first: Int = try ends.value(0), let last: Int = try ends.value(1) else { return [] }
      try Self.checkIterations(first, last)
      guard last - first >= points, points > 1 else {
        let sql = Self.convergenceColumns + " WHERE iteration > ? ORDER BY iteration"
        let rows = try Row.fetchCursor(database, sql: sql, arguments: [iteration])
        var found: [ConvergenceRow] = []
        while let row = try rows.next().map(Self.convergenceRow) {
          // Pages of a damaged file may lead to each other without end.
          guard row.iteration > found.last?.iteration ?? iteration else {
            throw RunError(.storage, "\(path) is damaged: iteration \(row.iteration) comes again in its convergence.")
          }
          found.append(row)
        }
        return found
      }
      return try (0..<points).compactMap { index in
        try Self.convergenceRow(first + index * (last - first) / (points - 1), database)
      }
    }
  }

  /// One iteration.
  ///
  /// `nil` if it has not been completed.
  package func convergence(at iteration: Int) throws -> ConvergenceRow? {
    try read { try Self.convergenceRow(iteration, $0) }
  }

  private static func convergenceRow(_ iteration: Int, _ database: Database) throws -> ConvergenceRow? {
    let statement = try database.cachedStatement(sql: convergenceColumns + " WHERE iteration = ?")
    return try Row.fetchOne(statement, arguments: [iteration]).map(convergenceRow)
  }

  static func convergenceRow(_ row: Row) throws -> ConvergenceRow {
    let read = try ConvergenceRow(
      iteration: row.value(0), lowerBound: row.value(1), upperBound: row.value(2),
      upperBoundHalfWidth: row.value(3), gap: row.value(4),
      elapsedSeconds: row.value(5), forwardSeconds: row.value(6), backwardSeconds: row.value(7),
      communicationSeconds: row.value(8),
      solves: row.value(9), deterministicUpperBound: row.value("deterministic_upper_bound"),
      retries: row.value("retries"),
      waitSeconds: row.value("wait_seconds"))
    try checkFigures(read, row.value("figures"))
    return read
  }
}

/// The value if it is a number that JSON can represent.
func storable(_ value: Double) -> Double? { value.isFinite ? value : nil }
