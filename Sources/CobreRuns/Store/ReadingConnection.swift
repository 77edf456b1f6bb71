internal import CobreEngine
internal import GRDBSQLite

/// A connection to a run's database that can only read, and gives up when it has exceeded its limits.
///
/// It is separate from the store's own connection because the library behind that one needs the authoriser itself.
final class ReadingConnection {
  private let connection: OpaquePointer
  private let watch: StatementWatch

  /// - Parameters:
  ///   - path: the database.
  ///   - limits: of time and memory, from now on.
  ///   - isTrusted: whether statements are the engine's own, which need no authoriser.
  ///   - isCancelled: asked from time to time.
  /// - Throws: `RunError` if the file cannot be opened.
  init(path: String, limits: QueryLimits, isTrusted: Bool = false, isCancelled: @escaping () -> Bool) throws {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
    guard sqlite3_open_v2(path, &opened, flags, nil) == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw RunError(.storage, "The run's database \(path) cannot be opened for reading.")
    }
    connection = opened
    watch = StatementWatch(limits: limits, isCancelled: isCancelled)
    sqlite3_busy_timeout(connection, 2000)
    // What a statement sorts or gathers stays in memory, where it counts against the limit.
    sqlite3_exec(connection, "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF", nil, nil, nil)
    let context = Unmanaged.passUnretained(watch).toOpaque()
    sqlite3_progress_handler(
      connection, 2000, { context in StatementWatch.from(context)?.shouldEnd() == true ? 1 : 0 }, context)
    guard !isTrusted else { return }
    for (limit, value) in Self.bounds { sqlite3_limit(connection, limit, value) }
    sqlite3_set_authorizer(
      connection,
      { context, action, first, second, _, _ in
        StatementWatch.from(context)?.allows(action, first, second) == true ? SQLITE_OK : SQLITE_DENY
      }, context)
  }

  deinit { sqlite3_close_v2(connection) }

  /// Limits within SQLite, besides the text of the statement, which is checked before.
  private static let bounds: [(Int32, Int32)] = [
    (SQLITE_LIMIT_LENGTH, 1_000_000), (SQLITE_LIMIT_SQL_LENGTH, 20_000), (SQLITE_LIMIT_COLUMN, 100),
    (SQLITE_LIMIT_EXPR_DEPTH, 100), (SQLITE_LIMIT_COMPOUND_SELECT, 50), (SQLITE_LIMIT_VDBE_OP, 100_000),
    (SQLITE_LIMIT_FUNCTION_ARG, 20), (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
    (SQLITE_LIMIT_VARIABLE_NUMBER, 1), (SQLITE_LIMIT_TRIGGER_DEPTH, 1), (SQLITE_LIMIT_WORKER_THREADS, 0),
  ]

  /// Compiles a single statement that only reads.
  func prepare(_ sql: String) throws -> ReadingStatement {
    var statement: OpaquePointer?
    var rest = 0
    let code = sql.withCString { start in
      var tail: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v2(connection, start, -1, &statement, &tail)
      rest = tail.map { String(cString: $0).withoutLeadingBlanks.utf8.count } ?? 0
      return code
    }
    guard code == SQLITE_OK else { throw failure() }
    guard let statement else {
      throw RunError(.invalidRequest, "`sql` holds no statement. Send one SELECT, such as SELECT * FROM convergence.")
    }
    let prepared = ReadingStatement(connection: self, statement: statement)
    guard rest == 0 else {
      throw RunError(.invalidRequest, "`sql` must be a single statement; there is more after its end.")
    }
    guard sqlite3_stmt_readonly(statement) != 0, sqlite3_stmt_isexplain(statement) == 0,
      sqlite3_column_count(statement) > 0
    else {
      throw RunError(.invalidRequest, "`sql` must be a SELECT; other statements are not carried out.")
    }
    return prepared
  }

  /// Carries out a statement of the engine's own that gives no rows.
  func execute(_ sql: String) throws {
    guard sqlite3_exec(connection, sql, nil, nil, nil) != SQLITE_OK else { return }
    if sqlite3_errcode(connection) == SQLITE_INTERRUPT { throw failure() }
    let message = LogTail.sanitized(String(cString: sqlite3_errmsg(connection)).utf8)
    throw RunError(.storage, "The run's database cannot be copied: \(message).")
  }

  /// The first figure of a statement of the engine itself, 0 if it gives none.
  func integer(_ sql: String) throws -> Int {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// The last failure as a sentence.
  func failure() -> RunError {
    let message = LogTail.sanitized(String(cString: sqlite3_errmsg(connection)).utf8)
    let code = sqlite3_errcode(connection)
    if code != SQLITE_INTERRUPT, let denial = watch.denial { return RunError(.invalidRequest, denial) }
    switch code {
    case SQLITE_INTERRUPT: return RunError(.limit, watch.ending)
    case SQLITE_TOOBIG:
      return RunError(.limit, "The statement, or a value in it, is too large: values end at 1000000 bytes.")
    case SQLITE_NOMEM: return RunError(.limit, "The statement needs too much memory. Select fewer rows.")
    case SQLITE_BUSY, SQLITE_LOCKED:
      return RunError(.storage, "The run's database is locked by another process just now. Try again.")
    case SQLITE_FULL:
      return RunError(.storage, "There is no room left on the disk.")
    default:
      return RunError(
        .invalidRequest,
        "The statement cannot be carried out: \(message). describe_results lists the tables with their columns.")
    }
  }
}

/// Decides what a statement may do, and when it has had enough.
private final class StatementWatch {
  private let limits: QueryLimits
  private let isCancelled: () -> Bool
  private let deadline: ContinuousClock.Instant
  private let memory = sqlite3_memory_used()
  /// What was refused, as a sentence.
  private(set) var denial: String?
  /// Why the statement was ended, as a sentence.
  private(set) var ending = "The statement was ended."

  init(limits: QueryLimits, isCancelled: @escaping () -> Bool) {
    self.limits = limits
    self.isCancelled = isCancelled
    deadline = .now + .seconds(limits.seconds)
  }

  static func from(_ context: UnsafeMutableRawPointer?) -> StatementWatch? {
    context.map { Unmanaged<StatementWatch>.fromOpaque($0).takeUnretainedValue() }
  }

  func shouldEnd() -> Bool {
    if ContinuousClock.now > deadline {
      ending = limits.timeSentence
      return true
    }
    if sqlite3_memory_used() - memory > Int64(limits.memory) {
      ending = "The statement needs more than \(limits.memory >> 20) MB and was ended. Gather or sort fewer rows."
      return true
    }
    if isCancelled() {
      ending = "The call was cancelled."
      return true
    }
    return false
  }

  func allows(_ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?) -> Bool {
    switch action {
    case SQLITE_SELECT, SQLITE_RECURSIVE: return true
    case SQLITE_READ:
      let table = first.map { String(cString: $0) } ?? ""
      // Counting rows names no column, and the table may be one that WITH defines.
      if second.map({ $0.pointee == 0 }) ?? false { return true }
      if ResultTable.names.contains(table) { return true }
      denial =
        "There is no table \(LogTail.sanitized(table.utf8)) to select from. The tables are "
        + ResultTable.all.map(\.name).joined(separator: ", ") + "."
      return false
    case SQLITE_FUNCTION:
      let function = second.map { String(cString: $0) } ?? ""
      if Self.functions.contains(function.lowercased()) { return true }
      denial =
        "The function \(LogTail.sanitized(function.utf8)) may not be used here. Those that may are "
        + Self.functions.sorted().joined(separator: ", ") + "."
      return false
    default:
      denial = "`sql` must be a SELECT over the tables of the run; everything else is refused."
      return false
    }
  }

  /// Functions with small results and without side effects.
  private static let functions: Set<String> = [
    "abs", "avg", "ceil", "coalesce", "count", "cume_dist", "date", "datetime", "dense_rank", "exp", "first_value",
    "floor", "glob", "group_concat", "ifnull", "iif", "instr", "julianday", "lag", "last_value", "lead", "length",
    "like",
    "ln", "log10", "lower", "ltrim", "max", "min", "mod", "nth_value", "ntile", "nullif", "percent_rank", "pow",
    "power",
    "rank", "round", "row_number", "rtrim", "sign", "sqrt", "strftime", "substr", "sum", "time", "total", "trim",
    "typeof", "unixepoch", "upper",
  ]
}

extension String {
  /// Without blanks, line ends and semicolons at its beginning.
  fileprivate var withoutLeadingBlanks: Substring {
    let isBlank: (Character) -> Bool = { $0.isWhitespace || $0 == ";" }
    return drop(while: isBlank)
  }
}
