package import CobreBase
package import CobreCase
internal import CobreEngine
internal import Foundation
internal import GRDBSQLite
internal import Glibc

/// Copies what a run has found into files for other programs.
package struct RunExport {
  /// One file that was written.
  package struct File: Sendable, Equatable {
    package var name: String
    package var bytes: Int
    /// Rows of a table, or nil for what is not one.
    package var rows: Int?
  }

  private let store: RunStore
  /// Bytes that may still be written.
  private var left: Int
  private let limit: Int
  private let connection: ReadingConnection

  /// - Parameters:
  ///   - store: the run's database. Others may write to it meanwhile.
  ///   - limit: bytes of all files at most.
  ///   - seconds: time for reading, at most.
  ///   - isCancelled: asked from time to time. Ends the export.
  /// - Throws: `RunError`.
  package init(
    of store: RunStore, limit: Int, seconds: Double, isCancelled: @escaping () -> Bool = { false }
  ) throws {
    self.store = store
    self.limit = limit
    left = limit
    connection = try ReadingConnection(
      path: store.path, limits: QueryLimits(seconds: seconds, memory: 1 << 30), isTrusted: true,
      isCancelled: isCancelled)
  }

  /// Tables by file.
  ///
  /// Statistics and values with the names of their quantities.
  private static let tables: [(file: String, sql: String)] = [
    ("convergence.csv", "SELECT * FROM convergence ORDER BY iteration"),
    ("simulation.csv", "SELECT * FROM simulation"),
    ("simulation_scenarios.csv", "SELECT scenario, cost FROM simulation_scenario ORDER BY scenario"),
    (
      "simulation_statistics.csv",
      """
      SELECT q.entity_kind, q.name AS quantity, q.unit, s.entity, s.stage, s.mean, s.standard_deviation, s.minimum, s.p05,
        s.p25, s.p50, s.p75, s.p95, s.maximum
      FROM simulation_statistics AS s JOIN simulation_quantity AS q ON q.id = s.quantity
      ORDER BY s.quantity, s.entity, s.stage
      """
    ),
    (
      "simulation_values.csv",
      """
      SELECT q.entity_kind, q.name AS quantity, q.unit, v.entity, v.stage, v.scenario, v.block, v.value
      FROM simulation_value AS v JOIN simulation_quantity AS q ON q.id = v.quantity
      ORDER BY v.quantity, v.entity, v.stage, v.scenario, v.block
      """
    ),
    ("events.csv", "SELECT at, level, message FROM event ORDER BY id"),
  ]

  /// Writes every table that has rows as CSV, all of them as they were at one moment.
  ///
  /// - Parameters:
  ///   - directory: receives the files.
  ///   - stateNames: names of the state's components, for the columns of cuts, or nil if they are not known.
  /// - Returns: what was written.
  /// - Throws: `RunError`, `OutputDirectory.Failure`.
  package mutating func writeTables(
    to directory: borrowing StagedDirectory, stateNames: [String]?
  ) throws -> [File] {
    try connection.execute("BEGIN")
    var files: [File] = []
    for table in Self.tables {
      let statement = try connection.prepare(table.sql)
      guard try statement.step() else { continue }
      files.append(
        try write(
          table.file, from: statement, header: statement.columns, to: directory, { $0.fields() }))
    }
    let cuts = try connection.prepare(
      "SELECT stage, position, iteration, coefficients FROM cut ORDER BY stage, position")
    if try cuts.step() {
      let count = DoubleBlob.decode(cuts.bytes(3)).count - 1
      let slopes = stateNames.flatMap { $0.count == count ? $0 : nil } ?? (0..<max(0, count)).map { "slope_\($0)" }
      files.append(
        try write(
          "cuts.csv", from: cuts, header: ["stage", "position", "iteration", "intercept"] + slopes, to: directory
        ) { statement in
          Array(statement.fields().prefix(3)) + DoubleBlob.decode(statement.bytes(3)).map { CSVText.number($0) }
        })
    }
    try connection.execute("COMMIT")
    return files
  }

  /// Writes the results in the layout of Novomodelo's output directory, as Parquet, as they were at one moment.
  ///
  /// - Parameters:
  ///   - directory: receives the files.
  ///   - study: the case that the run was computed on.
  ///   - settings: those of the run.
  /// - Returns: what was written. Figures by scenario are written only if the run has stored them.
  /// - Throws: `RunError`, `OutputDirectory.Failure`.
  package mutating func writeNovomodelo(
    to directory: borrowing StagedDirectory, study: StudyCase, settings: RunSettings
  ) throws -> [File] {
    try connection.execute("BEGIN")
    var left = left
    let limit = limit
    let export = try NovomodeloExport(
      study: study, settings: settings, connection: connection,
      spend: { try Self.spend($0, of: &left, limit) })
    let files = try export.write(to: directory)
    self.left = left
    try connection.execute("COMMIT")
    return files
  }

  /// Writes the rows of a statement that is at its first row.
  private mutating func write(
    _ name: String, from statement: ReadingStatement, header: [String], to directory: borrowing StagedDirectory,
    _ fields: (ReadingStatement) -> [String?]
  ) throws -> File {
    var rows = 0
    var left = left
    let limit = limit
    let bytes = try directory.write(name) { put in
      var text = CSVText.row(header)
      repeat {
        text += CSVText.row(fields(statement))
        rows += 1
        if text.utf8.count > 1 << 16 {
          try Self.spend(text.utf8.count, of: &left, limit)
          try put(Array(text.utf8))
          text = ""
        }
      } while try statement.step()
      try Self.spend(text.utf8.count, of: &left, limit)
      try put(Array(text.utf8))
    }
    self.left = left
    return File(name: name, bytes: bytes, rows: rows)
  }

  /// Counts bytes that are about to be written.
  mutating func spend(_ bytes: Int) throws {
    var left = left
    try Self.spend(bytes, of: &left, limit)
    self.left = left
  }

  private static func spend(_ bytes: Int, of left: inout Int, _ limit: Int) throws {
    left -= bytes
    guard left >= 0 else {
      throw RunError(
        .limit,
        "The export is larger than \(limit >> 20) MB, so nothing was written. Raise max_megabytes, or use query_results for "
          + "a part.")
    }
  }

  /// Writes the whole database, as it is at this moment, as one file without its journal.
  package mutating func writeDatabase(to directory: borrowing StagedDirectory) throws -> File {
    let size = try connection.integer("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    try Self.spend(size, of: &left, limit)
    // Copied within the run's directory first, so that a link cannot lead the library to another location.
    let copy = store.path + ".\(UUID().uuidString).part"
    defer { unlink(copy) }
    try connection.execute("VACUUM INTO '\(copy.replacing("'", with: "''"))'")
    let descriptor = open(copy, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw RunError(.storage, "The copy \(copy) cannot be read.") }
    defer { close(descriptor) }
    let bytes = try directory.write("run.sqlite") { put in
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw RunError(.storage, "The copy \(copy) cannot be read.") }
        if count == 0 { return }
        try put(Array(buffer[..<count]))
      }
    }
    return File(name: "run.sqlite", bytes: bytes, rows: nil)
  }
}
