internal import CobreCase
internal import CobreEngine
internal import GRDB
internal import Glibc

/// The database of one run: SQLite in WAL mode, so that any number of readers see complete transactions while it grows.
///
/// Rank 0 writes while it trains, the supervisor writes the states. Both in short transactions that wait for each
/// other. All failures are `RunError`.
package final class RunStore: Sendable {
  package let path: String
  let database: DatabaseQueue
  /// What a transaction may cost, where that is bounded.
  private let budget: ReadingBudget?

  private init(path: String, database: DatabaseQueue, budget: ReadingBudget? = nil) {
    self.path = path
    self.database = database
    self.budget = budget
  }

  /// Opens for writing.
  ///
  /// Creates the database, or brings an older one to the current schema.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - version: schema to stop at. Tests make older databases with it.
  /// - Returns: the store.
  /// - Throws: `RunError`.
  package static func open(_ path: String, upTo version: Int = .max) throws -> RunStore {
    var configuration = GRDB.Configuration()
    configuration.journalMode = .wal
    // A value refers to a quantity that the same transaction has written. Looking each one up takes a quarter of the
    // time of storing it, and there are many millions.
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(DatabaseFailure.busyTimeoutSeconds)
    configuration.label = "run"
    makePrivate(path)
    let budget = ReadingBudget.watching(&configuration, forWriting: true)
    return try DatabaseFailure.translating(path) {
      let store = RunStore(
        path: path, database: try DatabaseQueue(path: path, configuration: configuration), budget: budget)
      budget?.begin()
      try store.database.write { try RunSchema.migrate($0, upTo: version) }
      return store
    }
  }

  /// Creates a missing file that only its owner can access.
  ///
  /// SQLite gives its other files the same mode.
  ///
  /// An existing file is not touched: closing it would release the locks that this process holds on it.
  static func makePrivate(_ path: String) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Opens only for reading.
  ///
  /// A database of an older schema is brought to the current one first.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - untouched: nothing is written at all: an older schema is refused, and no files are created next to a database
  ///     that no other process has open.
  /// - Returns: the store.
  /// - Throws: `RunError`.
  package static func openForReading(_ path: String, untouched: Bool = false) throws -> RunStore {
    guard access(path, F_OK) == 0 else {
      throw RunError(.storage, "The run's database \(path) is missing.")
    }
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(DatabaseFailure.busyTimeoutSeconds)
    configuration.label = "run-reader"
    let budget = ReadingBudget.watching(&configuration)
    return try DatabaseFailure.translating(path) {
      let store = RunStore(path: path, database: try reader(path, untouched: untouched, configuration), budget: budget)
      let isPresent = try store.read { try RunSchema.check($0) }
      if !isPresent {
        guard !untouched else {
          throw RunError(
            .storage, "\(path) was written by an older engine. A server without --read-only brings it up to date.")
        }
        _ = try open(path)
      }
      return store
    }
  }

  /// A connection for reading.
  ///
  /// If no other process has the database open, it needs no extra files.
  private static func reader(
    _ path: String, untouched: Bool, _ configuration: GRDB.Configuration
  ) throws -> DatabaseQueue {
    if untouched && isAtRest(path) { return try DatabaseQueue(path: immutableName(path), configuration: configuration) }
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      _ = try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
      return queue
    } catch let error as DatabaseError {
      // On a disk that is full or read-only the lock files cannot be created, although there is no writer to exclude.
      let hardships: [ResultCode] = [.SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_FULL]
      guard hardships.contains(error.resultCode.primaryResultCode), isAtRest(path) else { throw error }
      return try DatabaseQueue(path: immutableName(path), configuration: configuration)
    }
  }

  /// Whether everything written is in the database file itself.
  private static func isAtRest(_ path: String) -> Bool {
    var status = stat()
    return stat(path + "-wal", &status) != 0 || status.st_size == 0
  }

  /// The name by which SQLite opens an unchanging file without creating lock files next to it.
  private static func immutableName(_ path: String) -> String {
    var escaped = ""
    for byte in path.utf8 {
      let scalar = Unicode.Scalar(byte)
      if scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789/.-_".unicodeScalars.contains(scalar)) {
        escaped.unicodeScalars.append(scalar)
      } else {
        escaped += (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
      }
    }
    return "file:\(escaped)?immutable=1"
  }

  /// Runs one transaction.
  func write<T>(_ body: (Database) throws -> T) throws -> T {
    try DatabaseFailure.translating(path) {
      try database.write { connection in
        budget?.begin()
        return try body(connection)
      }
    }
  }

  /// Reads one consistent state.
  func read<T>(_ body: (Database) throws -> T) throws -> T {
    try DatabaseFailure.translating(path) {
      try database.read { connection in
        budget?.begin()
        return try body(connection)
      }
    }
  }

  /// Moves the content of the log into the database and empties the log, which the next process would have to read.
  ///
  /// Used at the end of a run. It waits for current readers, but not for long, since nothing depends on it.
  package func emptyLog() throws {
    try DatabaseFailure.translating(path) {
      try database.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA busy_timeout = 500")
        // A reader that stays is not an error: SQLite reports it in a row, which is ignored.
        _ = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        try database.execute(sql: "PRAGMA busy_timeout = \(Int(1000 * DatabaseFailure.busyTimeoutSeconds))")
      }
    }
  }

  /// A number that changes whenever another connection has committed.
  ///
  /// Costs no more than a read of shared memory.
  package func dataVersion() throws -> Int {
    try read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
  }
}
