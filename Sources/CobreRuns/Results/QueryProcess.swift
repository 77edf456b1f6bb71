internal import CobreBase
internal import CobreEngine

/// Executes a query in its own process, which is killed if it does not end in time.
///
/// Inside SQLite a time limit applies only between instructions: compiling, sorting, and single functions over long
/// texts cannot be interrupted. A process can be ended at any point, and does not delay other queries.
package enum QueryProcess {
  /// Name of the worker's command that serves one query.
  package static let command = "query"

  /// Time beyond the limit of a statement until its process is killed, in s: the process should get to say by itself
  /// which limit the statement ran into.
  private static let graceSeconds = 0.1
  /// Memory of the process besides what it shares with others, in bytes.
  ///
  /// It is larger than SQLite's own limit.
  private static let dataBytes: UInt64 = 768 << 20
  /// Largest answer that is read, in bytes: larger than `QueryLimits.bytes`, to leave room for the names of columns.
  private static let maximumAnswer = 16 << 20
  /// Runs one statement (see `ResultQuery`).
  ///
  /// - Parameters:
  ///   - sql: a single SELECT.
  ///   - database: path of the run's database.
  ///   - worker: path of `cobre-worker`.
  ///   - limits: what the statement may use. The process ends within its time and a tenth of a second.
  ///   - isCancelled: asked every few milliseconds. Ends the process.
  /// - Returns: columns and rows, up to the limits.
  /// - Throws: `RunError`.
  package static func run(
    _ sql: String, in database: String, worker: String, limits: QueryLimits,
    isCancelled: () -> Bool = { false }
  ) throws -> QueryResult {
    try ResultQuery.check(sql)
    let request: JSONValue = [
      "sql": .string(sql), "database": .string(database), "rows": .int(Int64(limits.rows)),
      "bytes": .int(Int64(limits.bytes)), "seconds": .double(limits.seconds), "memory": .int(Int64(limits.memory)),
    ]
    return try answer(
      WorkerExchange(command: command, subject: "query", worker: worker).ask(
        request, seconds: limits.seconds + graceSeconds, maximumAnswer: maximumAnswer, late: limits.timeSentence,
        remedy: "Select less.", isCancelled: isCancelled))
  }

  private static func answer(_ answer: JSONValue) throws -> QueryResult {
    if let message = answer["error"]?.string {
      throw RunError(RunError.Code(rawValue: answer["code"]?.string ?? ""), message)
    }
    return QueryResult(
      columns: answer["columns"]?.array?.compactMap(\.string) ?? [],
      rows: answer["rows"]?.array?.compactMap(\.array) ?? [], omission: answer["omission"]?.string)
  }

  // MARK: The process itself

  /// Serves the query that the server has left.
  ///
  /// The answer is left there too.
  ///
  /// - Returns: the exit code.
  package static func serve() -> Int32 {
    guard let exchange = WorkerExchange.Served(maximum: maximumAnswer), let sql = exchange.request["sql"]?.string,
      let database = exchange.request["database"]?.string
    else { return 64 }
    let request = exchange.request
    var limits = QueryLimits()
    limits.rows = request["rows"]?.int ?? limits.rows
    limits.bytes = request["bytes"]?.int ?? limits.bytes
    limits.seconds = request["seconds"]?.number ?? limits.seconds
    limits.memory = request["memory"]?.int ?? limits.memory
    exchange.restrict(seconds: limits.seconds, data: dataBytes)
    let answer: JSONValue
    do {
      let result = try ResultQuery.run(sql, in: database, limits: limits)
      answer = [
        "columns": .array(result.columns.map { .string($0) }), "rows": .array(result.rows.map { .array($0) }),
        "omission": result.omission.map { .string($0) } ?? .null,
      ]
    } catch let error as RunError {
      answer = ["error": .string(error.message), "code": .string(error.code.rawValue)]
    } catch {
      answer = ["error": .string("The statement cannot be carried out: \(error)"), "code": "storage"]
    }
    return exchange.reply(answer)
  }
}
