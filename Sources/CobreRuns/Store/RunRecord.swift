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
        database,
        sql: """
          SELECT iteration, lower_bound, upper_bound, upper_bound_half_width, gap, elapsed_seconds, forward_seconds,
            backward_seconds, communication_seconds, solves, recorded_at, deterministic_upper_bound, retries,
            wait_seconds
          FROM convergence ORDER BY iteration DESC LIMIT 1
          """)
      let moved = try Double.fetchOne(database, sql: "SELECT MAX(at) FROM transition") ?? 0
      let written: Double = recent.map { $0["recorded_at"] } ?? 0
      return RunRecord(
        state: try Self.state(database) ?? .queued, supervisor: Self.supervisor(run), attempt: run["attempt"],
        phase: run["phase"], stopReason: run["stop_reason"], error: run["error"], startedAt: run["started_at"],
        startedUptime: run["started_uptime"], elapsedBefore: run["elapsed_before"], endedAt: run["ended_at"],
        elapsed: run["elapsed"], last: recent.map(Self.convergenceRow), updatedAt: max(moved, written),
        pace: try IterationPace(Self.marks(database)), ranks: try Self.ranks(database),
        simulation: try Self.simulation(database),
        retries: try Int.fetchOne(database, sql: "SELECT TOTAL(retries) FROM convergence") ?? 0,
        warnings: try String.fetchAll(
          database, sql: "SELECT message FROM event WHERE level = 'warning' GROUP BY message ORDER BY MIN(id) LIMIT 50")
      )
    }
  }

  private static func supervisor(_ run: Row) -> ProcessIdentity? {
    guard let pid: Int = run["supervisor_pid"], let start: Int64 = run["supervisor_start"] else { return nil }
    return ProcessIdentity(
      pid: pid, start: UInt64(bitPattern: start), bootID: run["boot_id"] ?? "", host: run["host"] ?? "")
  }

  /// Times at the end of iterations.
  private static func marks(_ database: Database) throws -> [IterationPace.Mark] {
    let ends = try Row.fetchOne(database, sql: "SELECT min(iteration), max(iteration) FROM convergence")
    guard let first: Int = ends?[0], let last: Int = ends?[1] else { return [] }
    let statement = try database.cachedStatement(sql: "SELECT elapsed_seconds FROM convergence WHERE iteration = ?")
    return try IterationPace.marks(from: first, through: last).compactMap { iteration in
      try Double.fetchOne(statement, arguments: [iteration]).map {
        IterationPace.Mark(iteration: iteration, elapsedSeconds: $0)
      }
    }
  }

  private static func ranks(_ database: Database) throws -> [RankRow] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT rank, pid, host, state, solves, message, threads, communication_seconds, wait_seconds, memory, peak_memory
        FROM rank ORDER BY rank
        """
    ).map {
      RankRow(
        rank: $0[0], pid: $0[1], host: $0[2], state: $0[3], solves: $0[4], message: $0[5], threads: $0[6],
        communicationSeconds: $0[7], waitSeconds: $0[8], memoryBytes: $0[9], peakMemoryBytes: $0[10])
    }
  }

  private static func simulation(_ database: Database) throws -> SimulationSummary? {
    try Row.fetchOne(
      database, sql: "SELECT scenarios, mean_cost, standard_deviation, half_width FROM simulation WHERE id = 1"
    ).map { SimulationSummary(scenarios: $0[0], meanCost: $0[1], standardDeviation: $0[2], halfWidth: $0[3]) }
  }
}
