internal import CobreEngine
internal import GRDB

/// What the database of a run says about it, before checking whether its processes are alive.
package struct RunRecord: Sendable {
  package var state: RunState
  package var supervisor: ProcessIdentity?
  package var attempt: Int
  package var phase: String?
  package var stopReason: String?
  package var error: String?
  package var startedAt: Double?
  /// Seconds since boot at the start of this attempt.
  package var startedUptime: Double?
  /// Seconds of earlier attempts.
  package var elapsedBefore: Double
  package var endedAt: Double?
  package var elapsed: Double?
  package var last: ConvergenceRow?
  /// When the last iteration or state was written.
  package var updatedAt: Double
  /// How long iterations take and how that grows; nil before the first one.
  package var pace: IterationPace?
  package var ranks: [RankRow]
  package var simulation: SimulationSummary?
  /// Solves that needed more than a plain first attempt, in all iterations.
  package var retries: Int
  package var warnings: [String]
}

extension RunStore {
  /// Reads everything that a snapshot needs in one transaction.
  package func record() throws -> RunRecord {
    try read { database in
      guard let run = try Row.fetchOne(database, sql: "SELECT * FROM run WHERE id = 1") else {
        throw RunError(.storage, "The run's database \(path) lacks its row of facts; it is damaged.")
      }
      let recent = try Row.fetchOne(
        database, sql: Self.convergenceColumns + " ORDER BY iteration DESC LIMIT 1")
      let moved = try Double.fetchOne(database, sql: "SELECT MAX(at) FROM transition") ?? 0
      let written: Double = try recent.map { try $0.value("recorded_at") } ?? 0
      return try RunRecord(
        state: Self.state(database) ?? .queued, supervisor: Self.supervisor(run), attempt: run.value("attempt"),
        phase: run.value("phase"), stopReason: run.value("stop_reason"), error: run.value("error"),
        startedAt: run.value("started_at"),
        startedUptime: run.value("started_uptime"), elapsedBefore: run.value("elapsed_before"),
        endedAt: run.value("ended_at"),
        elapsed: run.value("elapsed"), last: recent.map(Self.convergenceRow), updatedAt: max(moved, written),
        pace: IterationPace(Self.marks(database)), ranks: Self.ranks(database),
        simulation: Self.simulation(database),
        retries: Int.fetchOne(database, sql: "SELECT TOTAL(retries) FROM convergence") ?? 0,
        warnings: String.fetchAll(
          database, sql: "SELECT message FROM event WHERE level = 'warning' GROUP BY message ORDER BY MIN(id) LIMIT 50")
      )
    }
  }

  private static func supervisor(_ run: Row) throws -> ProcessIdentity? {
    guard let pid: Int = try run.value("supervisor_pid"), let start: Int64 = try run.value("supervisor_start") else {
      return nil
    }
    return try ProcessIdentity(
      pid: pid, start: UInt64(bitPattern: start), bootID: run.value("boot_id") ?? "",
      host: run.value("host") ?? "")
  }

  /// Times at the end of iterations.
  private static func marks(_ database: Database) throws -> [IterationPace.Mark] {
    let ends = try Row.fetchOne(database, sql: "SELECT min(iteration), max(iteration) FROM convergence")
    guard let ends, let first: Int = try ends.value(0), let last: Int = try ends.value(1) else { return [] }
    try checkIterations(first, last)
    let statement = try database.cachedStatement(sql: "SELECT elapsed_seconds FROM convergence WHERE iteration = ?")
    return try IterationPace.marks(from: first, through: last).compactMap { iteration in
      try Double.fetchOne(statement, arguments: [iteration]).map {
        IterationPace.Mark(iteration: iteration, elapsedSeconds: $0)
      }
    }
  }

  /// Refuses numbers of iterations that no engine writes, which arithmetic would not survive.
  static func checkIterations(_ first: Int, _ last: Int) throws {
    guard first < 0 || last < first || last >= 1 << 40 else { return }
    throw RunError(.storage, "The run's database has iterations from \(first) to \(last), which no engine writes.")
  }

  private static func ranks(_ database: Database) throws -> [RankRow] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT rank, pid, host, state, solves, message, threads, communication_seconds, wait_seconds, memory, peak_memory
        FROM rank ORDER BY rank
        """
    ).map {
      try RankRow(
        rank: $0.value(0), pid: $0.value(1), host: $0.value(2), state: $0.value(3), solves: $0.value(4),
        message: $0.value(5), threads: $0.value(6),
        communicationSeconds: $0.value(7), waitSeconds: $0.value(8), memoryBytes: $0.value(9),
        peakMemoryBytes: $0.value(10))
    }
  }

  private static func simulation(_ database: Database) throws -> SimulationSummary? {
    try Row.fetchOne(
      database, sql: "SELECT scenarios, mean_cost, standard_deviation, half_width FROM simulation WHERE id = 1"
    ).map {
      try SimulationSummary(
        scenarios: $0.value(0), meanCost: $0.value(1), standardDeviation: $0.value(2), halfWidth: $0.value(3))
    }
  }
}
