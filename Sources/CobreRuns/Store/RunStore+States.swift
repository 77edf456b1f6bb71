internal import GRDB

/// A process that cannot be mistaken for a later one with the same number.
package struct ProcessIdentity: Sendable, Equatable {
  package var pid: Int
  /// Start time in clock ticks since boot, as the kernel counts it.
  package var start: UInt64
  /// Names the boot of the host during which the process ran.
  package var bootID: String
  package var host: String

  package init(pid: Int, start: UInt64, bootID: String, host: String) {
    self.pid = pid
    self.start = start
    self.bootID = bootID
    self.host = host
  }
}

extension RunStore {
  /// Moves to `state`, unless the run is in a state that `from` does not list, and returns whether it moved.
  @discardableResult
  package func transition(
    to state: RunState, from allowed: Set<RunState>? = nil, detail: String? = nil, at now: Double
  ) throws -> Bool {
    try write { database in
      let current = try Self.state(database)
      if let allowed, let current, !allowed.contains(current) { return false }
      guard current != state else { return false }
      try database.execute(
        sql: "INSERT INTO transition (at, state, detail) VALUES (?, ?, ?)", arguments: [now, state.rawValue, detail])
      return true
    }
  }

  /// Records the supervisor of the run from now on, and that its clock runs.
  ///
  /// `uptime` is in seconds since boot, which does not depend on changes of the wall clock.
  package func beginAttempt(supervisor: ProcessIdentity, at now: Double, uptime: Double) throws {
    try write { database in
      try database.execute(
        sql: """
          UPDATE run SET supervisor_pid = ?, supervisor_start = ?, boot_id = ?, host = ?, attempt = attempt + 1,
            phase = NULL, error = NULL, stop_reason = CASE stop_reason WHEN 'cancelled' THEN NULL ELSE stop_reason END, started_at = ?, started_uptime = ?,
            elapsed_before = COALESCE(elapsed, elapsed_before), ended_at = NULL, elapsed = NULL
          """,
        arguments: [
          supervisor.pid, Int64(bitPattern: supervisor.start), supervisor.bootID, supervisor.host, now, uptime,
        ])
      try database.execute(sql: "DELETE FROM rank")
    }
  }

  /// Records that the same supervisor starts the ranks again.
  ///
  /// The clock of the run continues.
  package func beginRestart(at now: Double) throws {
    try write { database in
      try database.execute(sql: "UPDATE run SET attempt = attempt + 1, phase = NULL")
      try database.execute(sql: "DELETE FROM rank")
      try database.execute(
        sql: "INSERT INTO transition (at, state) VALUES (?, ?)", arguments: [now, RunState.starting.rawValue])
    }
  }

  /// Puts the run into the queue: it has no supervisor until one is started.
  package func enqueue(at now: Double) throws {
    try write { database in
      // An attempt without a recorded end has taken at least the time that its training recorded, by a clock that never
      // jumps.
      try database.execute(
        sql: """
          UPDATE run SET supervisor_pid = NULL, error = NULL, ended_at = NULL, started_at = NULL, started_uptime = NULL,
            elapsed = NULL, elapsed_before = MAX(COALESCE(elapsed, elapsed_before),
              COALESCE((SELECT MAX(elapsed_seconds) FROM convergence), 0))
          """)
      try database.execute(
        sql: "INSERT INTO transition (at, state) VALUES (?, ?)", arguments: [now, RunState.queued.rawValue])
    }
  }

  /// Notes the supervisor that was just started, unless it has entered itself already.
  package func noteLaunch(_ supervisor: ProcessIdentity) throws {
    try write { database in
      try database.execute(
        sql: """
          UPDATE run SET supervisor_pid = ?, supervisor_start = ?, boot_id = ?, host = ? WHERE supervisor_pid IS NULL
          """,
        arguments: [
          supervisor.pid, Int64(bitPattern: supervisor.start), supervisor.bootID, supervisor.host,
        ])
    }
  }

  /// Ends the run: final state, reason and duration of this attempt in seconds, in one transaction.
  package func finish(
    _ state: RunState, stopReason: String? = nil, error: String? = nil, elapsed: Double, at now: Double
  ) throws {
    try write { database in
      try database.execute(
        sql: """
          UPDATE run SET stop_reason = COALESCE(stop_reason, ?), error = ?, ended_at = ?,
            elapsed = elapsed_before + ?
          """,
        arguments: [stopReason, error, now, elapsed])
      try database.execute(
        sql: "INSERT INTO transition (at, state, detail) VALUES (?, ?, ?)", arguments: [now, state.rawValue, error])
    }
  }

  /// Notes what the ranks are doing: `training` or `simulation`.
  package func setPhase(_ phase: String) throws {
    try write { try $0.execute(sql: "UPDATE run SET phase = ?", arguments: [phase]) }
  }

  package func setStopReason(_ reason: String) throws {
    try write { try $0.execute(sql: "UPDATE run SET stop_reason = ?", arguments: [reason]) }
  }

  package func addEvent(level: String, message: String, at now: Double) throws {
    try write {
      try $0.execute(
        sql: "INSERT INTO event (at, level, message) VALUES (?, ?, ?)", arguments: [now, level, message])
    }
  }

  /// Records a rank, or how it ended.
  ///
  /// `start` is the kernel's start time of the process, to distinguish it from a later process.
  package func recordRank(_ row: RankRow, start: UInt64?, at now: Double) throws {
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO rank (rank, pid, process_start, host, state, solves, message, updated_at, threads)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (rank) DO UPDATE SET pid = excluded.pid,
            process_start = COALESCE(excluded.process_start, process_start), host = excluded.host,
            state = excluded.state, solves = MAX(solves, excluded.solves),
            message = COALESCE(excluded.message, message), updated_at = excluded.updated_at, threads = MAX(threads, excluded.threads)
          """,
        arguments: [
          row.rank, row.pid, start.map { Int64(bitPattern: $0) }, row.host, row.state, row.solves, row.message, now,
          row.threads,
        ])
    }
  }

  /// Sets the state of every rank that is in one of `states`.
  package func settleRanks(in states: [String], to state: String, at now: Double) throws {
    try write { database in
      for old in states {
        try database.execute(
          sql: "UPDATE rank SET state = ?, updated_at = ? WHERE state = ?", arguments: [state, now, old])
      }
    }
  }

  /// The last state that was written.
  ///
  /// `nil` if there is none yet.
  package func state() throws -> RunState? { try read { try Self.state($0) } }

  static func state(_ database: Database) throws -> RunState? {
    try String.fetchOne(database, sql: "SELECT state FROM transition ORDER BY id DESC LIMIT 1")
      .flatMap { RunState(rawValue: $0) }
  }
}
