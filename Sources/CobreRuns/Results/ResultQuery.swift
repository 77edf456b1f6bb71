package import CobreBase
internal import CobreEngine
internal import Foundation
internal import GRDBSQLite

/// What one untrusted query may use.
package struct QueryLimits: Sendable, Equatable {
  /// Rows at most.
  package var rows: Int
  /// Bytes of the rows as JSON, at most.
  package var bytes: Int
  /// Wall time at most, in s.
  package var seconds: Double
  /// Memory that SQLite may take beyond what it held before, in bytes.
  package var memory: Int

  package init(rows: Int = 50, bytes: Int = 6000, seconds: Double = 5, memory: Int = 128 << 20) {
    self.rows = rows
    self.bytes = bytes
    self.seconds = seconds
    self.memory = memory
  }

  /// The message for a statement that took too long.
  var timeSentence: String {
    "The statement took longer than \(seconds) s and was ended. Restrict it by WHERE, or join fewer rows."
  }
}

/// Rows of a query.
///
/// Non-finite figures and NULL are null. Bytes are reported by their number.
package struct QueryResult: Sendable, Equatable {
  package var columns: [String]
  package var rows: [[JSONValue]]
  /// Which limit ended the rows before their end, as a sentence, or nil if they are all there.
  package var omission: String?
}

/// Reads the results of a run by untrusted SQL.
///
/// The database is opened only for reading. A statement may only select from the tables of a run, with functions that
/// are known to be harmless, within limits of time, memory and size.
package enum ResultQuery {
  /// Longest statement, in bytes.
  package static let maximumLength = 20_000
  /// Bytes that SQLite may hold in this process while a statement of a stranger is at work.
  private static let heapLimit: Int64 = 256 << 20
  /// One statement at a time, since SQLite counts its memory for the whole process.
  private static let turn = NSLock()
  private static let maximumTurnSeconds = 10.0

  /// Refuses a statement that is not even read.
  static func check(_ sql: String) throws(RunError) {
    let length = sql.utf8.count
    guard length <= maximumLength else {
      throw RunError(.invalidRequest, "`sql` must have at most \(maximumLength) bytes; it has \(length).")
    }
    guard !sql.utf8.contains(0) else { throw RunError(.invalidRequest, "`sql` must not contain a NUL byte.") }
  }

  /// Runs one statement in this process.
  ///
  /// For a process that can be ended from outside, since a time limit applies only between the instructions of SQLite.
  ///
  /// - Parameters:
  ///   - sql: a single SELECT, with or without WITH.
  ///   - database: path of the run's database. Others may write to it meanwhile.
  ///   - limits: what the statement may use.
  ///   - isCancelled: asked from time to time. Ends the statement.
  /// - Returns: columns and rows, up to the limits.
  /// - Throws: `RunError` with a message if the statement is wrong in any way or took too long.
  package static func run(
    _ sql: String, in database: String, limits: QueryLimits = QueryLimits(),
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> QueryResult {
    try check(sql)
    guard turn.lock(before: Date(timeIntervalSinceNow: maximumTurnSeconds)) else {
      throw RunError(.limit, "Other queries are being carried out just now. Try again.")
    }
    defer { turn.unlock() }
    // Compiling is where no limit of time reaches: a chain of tables of WITH, each used twice by the next, grows
    // exponentially. The bound holds for the whole process, so it leaves room for everything else that it does.
    sqlite3_hard_heap_limit64(heapLimit)
    defer { sqlite3_hard_heap_limit64(0) }
    let connection = try ReadingConnection(path: database, limits: limits, isCancelled: isCancelled)
    let statement = try connection.prepare(sql)
    var result = QueryResult(columns: statement.columns, rows: [], omission: nil)
    var bytes = 0
    while try statement.step() {
      if result.rows.count >= limits.rows {
        result.omission = "There are more than \(limits.rows) rows; the rest is left out."
        break
      }
      let row = statement.row()
      bytes += JSONValue.array(row).serialized().count + 1
      if bytes > limits.bytes {
        result.omission =
          "The rows take more than \(limits.bytes) bytes; only the first \(result.rows.count) are here."
        break
      }
      result.rows.append(row)
    }
    return result
  }
}

/// One statement in progress.
///
/// It must not outlive its connection.
final class ReadingStatement {
  private let connection: ReadingConnection
  private let statement: OpaquePointer

  init(connection: ReadingConnection, statement: OpaquePointer) {
    self.connection = connection
    self.statement = statement
  }

  deinit { sqlite3_finalize(statement) }

  var columns: [String] {
    (0..<sqlite3_column_count(statement)).map { column in
      let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
      return LogTail.sanitized(name.utf8)
    }
  }

  /// Moves to the next row.
  ///
  /// Returns false after the last one.
  func step() throws -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw connection.failure()
    }
  }

  /// The values of the present row.
  func row() -> [JSONValue] {
    (0..<sqlite3_column_count(statement)).map { column in
      switch sqlite3_column_type(statement, column) {
      case SQLITE_INTEGER: return .int(sqlite3_column_int64(statement, column))
      case SQLITE_FLOAT:
        let value = sqlite3_column_double(statement, column)
        return value.isFinite ? .double(value) : .null
      case SQLITE_TEXT:
        return .string(LogTail.sanitized(text(column)))
      case SQLITE_BLOB: return .string("(\(sqlite3_column_bytes(statement, column)) bytes)")
      default: return .null
      }
    }
  }

  private func text(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    let start = sqlite3_column_text(statement, column)
    return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
  }

  func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }

  /// nil for NULL.
  func double(_ column: Int32) -> Double? {
    sqlite3_column_type(statement, column) == SQLITE_NULL ? nil : sqlite3_column_double(statement, column)
  }

  func string(_ column: Int32) -> String { String(decoding: text(column), as: UTF8.self) }

  func bytes(_ column: Int32) -> Data {
    guard let start = sqlite3_column_blob(statement, column) else { return Data() }
    return Data(bytes: start, count: Int(sqlite3_column_bytes(statement, column)))
  }

  /// The current row as fields of a table in text: numbers in full, nil if there is nothing.
  func fields() -> [String?] {
    (0..<sqlite3_column_count(statement)).map { column in
      switch sqlite3_column_type(statement, column) {
      case SQLITE_INTEGER: return String(sqlite3_column_int64(statement, column))
      case SQLITE_FLOAT: return CSVText.number(sqlite3_column_double(statement, column))
      case SQLITE_TEXT: return String(decoding: text(column), as: UTF8.self)
      default: return nil
      }
    }
  }
}
