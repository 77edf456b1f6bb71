internal import CobreCase
internal import CobreEngine
internal import Foundation
internal import GRDB

/// The list of the runs of one directory: order, names and settings, `RUNS_DIR/index.sqlite`.
///
/// It makes names unique between servers that start runs at the same moment. Its content is also in the `run.json` of
/// each run, so a lost or damaged index is built again.
package struct RunsIndex: Sendable {
  private let runsDirectory: String
  private let database: DatabaseQueue

  private var path: String { Self.path(in: runsDirectory) }

  static func path(in runsDirectory: String) -> String { runsDirectory + "/index.sqlite" }

  /// Opens the index of a runs directory, which must exist.
  package init(runsDirectory: String) throws {
    self.runsDirectory = runsDirectory
    let path = Self.path(in: runsDirectory)
    database = try DatabaseFailure.translating(path) {
      do {
        return try Self.open(path, runsDirectory: runsDirectory)
      } catch let error as DatabaseError
        where error.resultCode == .SQLITE_NOTADB || error.resultCode == .SQLITE_CORRUPT
      {
        // Kept for diagnosis. The runs themselves contain all that is needed.
        for suffix in ["", "-wal", "-shm"] { rename(path + suffix, path + ".damaged" + suffix) }
        return try Self.open(path, runsDirectory: runsDirectory)
      }
    }
  }

  /// Columns of each table that are read or written.
  private static let columns: [String: Set<String>] = [
    "run": ["sequence", "run_id", "run_name", "created_at", "active"], "setting": ["name", "value"],
  ]

  private static func open(_ path: String, runsDirectory: String) throws -> DatabaseQueue {
    var configuration = GRDB.Configuration()
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(DatabaseFailure.busyTimeoutSeconds)
    configuration.label = "runs-index"
    RunStore.makePrivate(path)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.read { database in
      do {
        try ForeignDatabase.refuseUnlessPlain(database, tables: Set(columns.keys), title: "The index of the runs")
      } catch let error as RunError {
        throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: error.message)
      }
      try ForeignDatabase.refuseUnlessSound(database)
      guard try Int.fetchOne(database, sql: "PRAGMA user_version") == 1 else { return }
      for (table, names) in columns {
        let found = try database.tableExists(table) ? database.columns(in: table).map(\.name) : []
        guard names.isSubset(of: found) else {
          throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "table \(table) is not as it was made")
        }
      }
    }
    // Checked without a write lock first: almost always there is nothing to do.
    if try queue.read({ try Int.fetchOne($0, sql: "PRAGMA user_version") }) != 1 {
      try queue.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          try create(database, runsDirectory: runsDirectory)
          return .commit
        }
      }
    }
    if try !queue.read({ try hasCases($0) }) {
      try queue.writeWithoutTransaction { database in
        try database.inTransaction(.immediate) {
          try addCases(database, runsDirectory: runsDirectory)
          return .commit
        }
      }
    }
    return queue
  }

  private static func hasCases(_ database: Database) throws -> Bool {
    // Read from the file: columns that GRDB has seen once it keeps, also where another process has added one since.
    try String.fetchOne(database, sql: "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'run'")?
      .contains("case_dir") == true
  }

  /// Adds the directories of the cases to an index of an engine that kept none; engines like that leave them empty.
  private static func addCases(_ database: Database, runsDirectory: String) throws {
    // Another server may have been quicker.
    guard try !hasCases(database) else { return }
    try database.execute(sql: "ALTER TABLE run ADD COLUMN case_dir TEXT")
    for manifest in try manifests(in: runsDirectory) {
      try database.execute(
        sql: "UPDATE run SET case_dir = ? WHERE run_id = ?",
        arguments: [manifest.request.caseDirectory, manifest.runID])
    }
  }

  private static func create(_ database: Database, runsDirectory: String) throws {
    guard try Int.fetchOne(database, sql: "PRAGMA user_version") == 0 else { return }
    try database.execute(
      sql: """
        CREATE TABLE run (
          sequence INTEGER PRIMARY KEY AUTOINCREMENT,
          run_id TEXT NOT NULL UNIQUE,
          run_name TEXT UNIQUE,
          created_at REAL NOT NULL,
          -- 1 until somebody has seen that the run has ended; saves reading at all of them.
          active INTEGER NOT NULL DEFAULT 1);
        CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        PRAGMA user_version = 1;
        """)
    for manifest in try manifests(in: runsDirectory) {
      try database.execute(
        sql: "INSERT OR IGNORE INTO run (run_id, run_name, created_at) VALUES (?, ?, ?)",
        arguments: [manifest.runID, manifest.request.runName, manifest.createdAt])
    }
  }

  /// The readable requests of all runs, oldest first, or none if there is no such directory.
  static func manifests(in runsDirectory: String) throws -> [RunManifest] {
    var entries: [String] = []
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: runsDirectory)
    } catch CocoaError.fileNoSuchFile, CocoaError.fileReadNoSuchFile {
      return []
    } catch {
      throw RunError(.storage, "The runs directory \(runsDirectory) cannot be read: \(error.localizedDescription)")
    }
    // A run without a readable request cannot be distinguished from one that is just being created. One whose directory
    // has another name than its id would not be found under either.
    return
      entries.filter { RunIdentifier.isValid($0) }
      .compactMap { entry in
        let manifest = try? RunManifest.read(from: runsDirectory + "/" + entry + "/run.json")
        return manifest?.runID == entry ? manifest : nil
      }
      .sorted { ($0.createdAt, $0.runID) < ($1.createdAt, $1.runID) }
  }

  /// Whether a run is entered.
  func holds(_ runID: String) throws -> Bool {
    try DatabaseFailure.translating(path) {
      try database.unsafeReentrantWrite {
        try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE run_id = ?)", arguments: [runID]) ?? false
      }
    }
  }

  /// Ids of all runs that are entered, whether or not their files exist.
  func entered() throws -> Set<String> {
    try DatabaseFailure.translating(path) {
      try database.unsafeReentrantWrite { Set(try String.fetchAll($0, sql: "SELECT run_id FROM run")) }
    }
  }

  /// Enters a run that was made elsewhere, as one that has ended, without its name where that belongs to another run.
  func adopt(_ manifest: RunManifest) throws {
    try exclusively { database in
      var name = manifest.request.runName
      if let taken = name, try Self.holder(of: taken, database) != nil { name = nil }
      try database.execute(
        sql: "INSERT OR IGNORE INTO run (run_id, run_name, created_at, active, case_dir) VALUES (?, ?, ?, 0, ?)",
        arguments: [manifest.runID, name, manifest.createdAt, manifest.request.caseDirectory])
    }
  }

  /// Enters a run, unless its name belongs to another one, whose id is returned then.
  ///
  /// `create` makes the run's files while no other process can enter a run. If it throws, nothing is entered.
  package func enter(
    runID: String, name: String?, createdAt: Double, caseDirectory: String? = nil, create: () throws -> Void
  ) throws -> String? {
    try exclusively { database in
      if let name, let holder = try Self.holder(of: name, database) {
        if RunDirectory(runsDirectory: runsDirectory, runID: holder).exists { return holder }
        try database.execute(sql: "DELETE FROM run WHERE run_id = ?", arguments: [holder])
      }
      try database.execute(
        sql: "INSERT INTO run (run_id, run_name, created_at, case_dir) VALUES (?, ?, ?, ?)",
        arguments: [runID, name, createdAt, caseDirectory])
      try create()
      return nil
    }
  }

  /// The run with that name, if its files exist.
  package func run(named name: String) throws -> String? {
    try DatabaseFailure.translating(path) { try database.read { try Self.holder(of: name, $0) } }
      .flatMap { RunDirectory(runsDirectory: runsDirectory, runID: $0).exists ? $0 : nil }
  }

  /// Ids of the runs whose files exist, newest first.
  package func runs() throws -> [String] {
    try DatabaseFailure.translating(path) {
      try database.unsafeReentrantWrite {
        try String.fetchAll($0, sql: "SELECT run_id FROM run ORDER BY sequence DESC")
      }
    }.filter { RunDirectory(runsDirectory: runsDirectory, runID: $0).exists }
  }

  /// Ids of the newest runs of a case, and of those that may not have ended yet, newest first; reads no run.
  ///
  /// - Parameters:
  ///   - caseDirectory: as the requests of the runs have it, resolved.
  ///   - limit: of runs that have ended.
  /// - Returns: their ids.
  /// - Throws: `RunError` where the index cannot be read.
  package func runs(ofCase caseDirectory: String, limit: Int) throws -> [String] {
    try DatabaseFailure.translating(path) {
      try database.unsafeReentrantWrite {
        try String.fetchAll(
          $0,
          sql: """
            SELECT run_id FROM run WHERE case_dir = ?1 AND (active = 1 OR sequence IN (
              SELECT sequence FROM run WHERE case_dir = ?1 ORDER BY sequence DESC LIMIT ?2))
            ORDER BY sequence DESC LIMIT 100
            """, arguments: [caseDirectory, limit])
      }
    }.filter { RunDirectory(runsDirectory: runsDirectory, runID: $0).exists }
  }

  /// Ids of the runs that may not have ended yet, oldest first.
  package func activeRuns() throws -> [String] {
    try DatabaseFailure.translating(path) {
      try database.unsafeReentrantWrite {
        try String.fetchAll($0, sql: "SELECT run_id FROM run WHERE active = 1 ORDER BY sequence")
      }
    }.filter { RunDirectory(runsDirectory: runsDirectory, runID: $0).exists }
  }

  /// Records that a run has ended, or that it continues.
  package func setActive(_ runID: String, _ isActive: Bool) throws {
    try exclusively {
      try $0.execute(sql: "UPDATE run SET active = ? WHERE run_id = ?", arguments: [isActive, runID])
    }
  }

  package func remove(runID: String) throws {
    try exclusively { try $0.execute(sql: "DELETE FROM run WHERE run_id = ?", arguments: [runID]) }
  }

  package func setting(_ name: String) throws -> String? {
    try DatabaseFailure.translating(path) {
      try database.unsafeReentrantWrite {
        try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name])
      }
    }
  }

  package func setSetting(_ name: String, to value: String) throws {
    try exclusively {
      try $0.execute(
        sql: "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        arguments: [name, value])
    }
  }

  /// Runs `body` while no other process changes the list.
  ///
  /// `body` may change it through this object.
  package func locked<T>(_ body: () throws -> T) throws -> T {
    try exclusively { _ in try body() }
  }

  private static func holder(of name: String, _ database: Database) throws -> String? {
    try String.fetchOne(database, sql: "SELECT run_id FROM run WHERE run_name = ?", arguments: [name])
  }

  /// One transaction that holds the write lock from its beginning.
  ///
  /// Joins the one that is open on this thread.
  private func exclusively<T>(_ body: (Database) throws -> T) throws -> T {
    try DatabaseFailure.translating(path) {
      try database.unsafeReentrantWrite { database in
        if database.isInsideTransaction { return try body(database) }
        var result: T?
        try database.inTransaction(.immediate) {
          result = try body(database)
          return .commit
        }
        guard let result else { throw RunError(.storage, "The index of the runs could not be changed.") }
        return result
      }
    }
  }
}
