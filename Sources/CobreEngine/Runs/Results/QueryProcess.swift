internal import CobrePlatformShim
internal import Glibc

/// Executes a query in its own process, which is killed if it does not end in time.
///
/// Inside SQLite a time limit applies only between instructions: compiling, sorting, and single functions over long
/// texts cannot be interrupted. A process can be ended at any point, and does not delay other queries.
package enum QueryProcess {
  /// Name of the worker's command that serves one query.
  package static let command = "query"

  /// Time beyond the limit of a statement until its process is killed, in s: the process should get to say by itself which
  /// limit the statement ran into.
  private static let graceSeconds = 0.1
  /// Memory of the process besides what it shares with others, in bytes.
  ///
  /// It is larger than SQLite's own limit.
  private static let dataBytes: UInt64 = 768 << 20
  /// Largest answer that is read, in bytes: larger than `QueryLimits.bytes`, to leave room for the names of columns.
  private static let maximumAnswer = 16 << 20
  /// The descriptor by which the process gets the query, and leaves its answer.
  private static let exchange: Int32 = 3

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
      "server": .int(Int64(getpid())), "sql": .string(sql), "database": .string(database),
      "rows": .int(Int64(limits.rows)),
      "bytes": .int(Int64(limits.bytes)), "seconds": .double(limits.seconds), "memory": .int(Int64(limits.memory)),
    ]
    let paper = try MemoryFile("cobre-query")
    let log = try MemoryFile("cobre-query-log")
    try paper.replace(by: request.serialized())
    let end = ContinuousClock.now + .seconds(limits.seconds + graceSeconds)
    let pid = try ChildProcess.spawn(
      worker, [command], environment: ChildProcess.environment(), log: log.path, detached: true,
      passing: paper.descriptor)
    switch wait(for: pid, until: end, isCancelled) {
    case .late: throw RunError(.limit, limits.timeSentence)
    case .cancelled: throw RunError(.limit, "The call was cancelled.")
    case .ended(.exited(0)): return try answer(paper.contents(limit: maximumAnswer))
    case .ended(let how):
      let words = LogTail.sanitized(log.contents(limit: 300))
      throw RunError(
        .limit, "The process of the query \(how.sentence)\(words.isEmpty ? "" : " and said: \(words)"). Select less.")
    }
  }

  private enum Outcome {
    case ended(ChildProcess.End)
    case late
    case cancelled
  }

  /// Waits for the process, which is gone afterwards in any case.
  private static func wait(for pid: pid_t, until end: ContinuousClock.Instant, _ isCancelled: () -> Bool) -> Outcome {
    var status: Int32 = 0
    var looks = 0
    while true {
      let reaped = waitpid(pid, &status, WNOHANG)
      if reaped == pid { return .ended(ChildProcess.End(status: status)) }
      let isLate = ContinuousClock.now >= end
      if isLate || isCancelled() || (reaped < 0 && errno != EINTR) {
        kill(-pid, SIGKILL)
        kill(pid, SIGKILL)
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return isLate ? .late : .cancelled
      }
      looks += 1
      usleep(looks < 50 ? 1000 : 5000)
    }
  }

  private static func answer(_ bytes: [UInt8]) throws -> QueryResult {
    guard let answer = try? JSONParser.parse(bytes) else {
      throw RunError(.storage, "The process of the query gave no answer that can be read.")
    }
    if let message = answer["error"]?.string {
      throw RunError(RunError.Code(rawValue: answer["code"]?.string ?? ""), message)
    }
    return QueryResult(
      columns: answer["columns"]?.array?.compactMap(\.string) ?? [],
      rows: answer["rows"]?.array?.compactMap(\.array) ?? [], omission: answer["omission"]?.string)
  }

  // MARK: The process itself

  /// Serves the query that the server has left under descriptor 3.
  ///
  /// The answer is left there too.
  ///
  /// - Returns: the exit code.
  package static func serve() -> Int32 {
    // If the server is killed, this process ends too.
    _ = cobre_platform_set_parent_death_signal(SIGKILL)
    let paper = MemoryFile(inherited: exchange)
    guard let request = try? JSONParser.parse(paper.contents(limit: maximumAnswer)),
      // It may have been killed before the signal was asked for.
      request["server"]?.int == Int(getppid()), let sql = request["sql"]?.string,
      let database = request["database"]?.string
    else { return 64 }
    var limits = QueryLimits()
    limits.rows = request["rows"]?.int ?? limits.rows
    limits.bytes = request["bytes"]?.int ?? limits.bytes
    limits.seconds = request["seconds"]?.number ?? limits.seconds
    limits.memory = request["memory"]?.int ?? limits.memory
    restrict(seconds: limits.seconds)
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
    do { try paper.replace(by: answer.serialized()) } catch { return 74 }
    return 0
  }

  /// Bounds by the kernel, for the case that no server watches any more.
  private static func restrict(seconds: Double) {
    var processor = rlimit()
    processor.rlim_cur = rlim_t(min(max(seconds, 0), 3600)) + 2
    processor.rlim_max = processor.rlim_cur
    setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &processor)
    var data = rlimit()
    data.rlim_cur = rlim_t(dataBytes)
    data.rlim_max = data.rlim_cur
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &data)
    var core = rlimit()
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
  }
}

/// An anonymous file in memory, which two processes share.
private struct MemoryFile: ~Copyable {
  let descriptor: Int32

  init(_ name: String) throws {
    let made = cobre_memory_file(name)
    guard made >= 0 else { throw RunError(.launch, "There is no memory for the query: \(SystemError.text(-made)).") }
    descriptor = made
  }

  init(inherited descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// A path by which it can be opened.
  var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// Its content, up to a limit.
  func contents(limit: Int) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return [] }
    let size = min(Int(status.st_size), limit)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + count }, size - count, off_t(count))
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else { return }
        count += got
      }
    }
  }

  func replace(by bytes: [UInt8]) throws {
    var done = 0
    var isWritten = ftruncate(descriptor, 0) == 0
    while isWritten, done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(done))
      }
      if count < 0 && errno == EINTR { continue }
      isWritten = count > 0
      done += max(count, 0)
    }
    guard isWritten else { throw RunError(.launch, "There is no memory for the query: \(SystemError.text(errno)).") }
  }
}
