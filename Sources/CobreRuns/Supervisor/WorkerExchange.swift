package import CobreEngine
internal import CobrePlatformShim
internal import Glibc

/// A request to a process of the worker's, and its answer: JSON in an anonymous file that both have open.
///
/// The process can be ended at any point, whatever it is busy with, and a fault in it leaves the caller unharmed.
package struct WorkerExchange {
  /// Name of the program's command.
  let command: String
  /// What is asked, for messages.
  let subject: String
  /// Path of the program, `cobre-worker` or another one that serves such requests.
  let worker: String
  /// Arguments after the command.
  let options: [String]
  /// Whether the process sees the whole environment of this one, since it is the same program.
  let inheritsEnvironment: Bool

  /// - Parameters:
  ///   - command: of the program.
  ///   - subject: what is asked, for messages.
  ///   - worker: path of the program.
  ///   - options: arguments after the command.
  ///   - inheritsEnvironment: whether the process sees the whole environment of this one.
  package init(
    command: String, subject: String, worker: String, options: [String] = [], inheritsEnvironment: Bool = false
  ) {
    self.command = command
    self.subject = subject
    self.worker = worker
    self.options = options
    self.inheritsEnvironment = inheritsEnvironment
  }

  /// The descriptor by which the process gets the request, and leaves its answer.
  private static let descriptor: Int32 = 3

  /// Sends a request and waits for the answer.
  ///
  /// - Parameters:
  ///   - request: an object.
  ///   - seconds: after which the process is killed.
  ///   - maximumAnswer: bytes of the answer that are read.
  ///   - late: the error if it is killed.
  ///   - remedy: what to do if the process fails, as a sentence.
  ///   - isCancelled: asked every few milliseconds; ends the process.
  /// - Returns: the answer.
  /// - Throws: `RunError`.
  package func ask(
    _ request: JSONValue, seconds: Double, maximumAnswer: Int, late: String, remedy: String, isCancelled: () -> Bool
  ) throws -> JSONValue {
    let paper = try MemoryFile("cobre-\(command)")
    let log = try MemoryFile("cobre-\(command)-log")
    let order: JSONValue = ["server": .int(Int64(getpid())), "request": request]
    try paper.replace(by: order.serialized())
    let end = ContinuousClock.now + .seconds(seconds)
    let pid = try ChildProcess.spawn(
      worker, [command] + options,
      environment: inheritsEnvironment ? ChildProcess.currentEnvironment() : ChildProcess.environment(), log: log.path,
      detached: true,
      passing: paper.descriptor)
    switch Self.wait(for: pid, until: end, isCancelled) {
    case .late: throw RunError(.limit, late)
    case .cancelled: throw RunError(.limit, "The call was cancelled.")
    case .ended(.exited(0)):
      guard let answer = try? JSONParser.parse(paper.contents(limit: maximumAnswer)) else {
        throw RunError(.storage, "The process of the \(subject) gave no answer that can be read.")
      }
      return answer
    case .ended(let how):
      let words = LogTail.sanitized(log.contents(limit: 300))
      throw RunError(
        .limit, "The process of the \(subject) \(how.sentence)\(words.isEmpty ? "" : " and said: \(words)"). \(remedy)")
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

  /// The other end: a request that this process was started for.
  package struct Served: ~Copyable {
    package let request: JSONValue
    private let paper: MemoryFile

    /// Reads the request; nil where there is none, or its sender is gone.
    package init?(maximum: Int) {
      // If the server is killed, this process ends too.
      _ = cobre_platform_set_parent_death_signal(SIGKILL)
      let paper = MemoryFile(inherited: WorkerExchange.descriptor)
      guard let order = try? JSONParser.parse(paper.contents(limit: maximum)),
        // It may have been killed before the signal was asked for.
        order["server"]?.int == Int(getppid()), let request = order["request"]
      else { return nil }
      self.request = request
      self.paper = paper
    }

    /// Bounds by the kernel, for the case that no server watches any more.
    ///
    /// - Parameters:
    ///   - seconds: of processor time.
    ///   - data: bytes of memory besides what is shared with others; nil for no bound.
    package func restrict(seconds: Double, data: UInt64?) {
      var processor = rlimit()
      processor.rlim_cur = rlim_t(min(max(seconds, 0), 3600)) + 2
      processor.rlim_max = processor.rlim_cur
      setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &processor)
      if let data {
        var memory = rlimit()
        memory.rlim_cur = rlim_t(data)
        memory.rlim_max = memory.rlim_cur
        setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &memory)
      }
      var core = rlimit()
      setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
    }

    /// Leaves the answer.
    ///
    /// - Returns: the exit code of the process.
    package func reply(_ answer: JSONValue) -> Int32 {
      do { try paper.replace(by: answer.serialized()) } catch { return 74 }
      return 0
    }
  }
}

/// An anonymous file in memory, which two processes share.
///
/// Not private, because other modules end the life of what holds one, and link against its description for that.
package struct MemoryFile: ~Copyable {
  let descriptor: Int32

  init(_ name: String) throws {
    let made = cobre_memory_file(name)
    guard made >= 0 else { throw RunError(.launch, "There is no memory for the call: \(SystemError.text(-made)).") }
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
    guard isWritten else { throw RunError(.launch, "There is no memory for the call: \(SystemError.text(errno)).") }
  }
}
