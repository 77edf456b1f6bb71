package import CobreBase
internal import CobreEngine
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
  ///   - seconds: after which the process is killed, unless it changes something at that moment.
  ///   - maximumAnswer: bytes of the answer that are read.
  ///   - late: the error if it is killed.
  ///   - remedy: what to do if the process fails, as a sentence.
  ///   - clean: called with what a killed process has left (see `Served.leave`).
  ///   - isCancelled: asked every few milliseconds; ends the process.
  /// - Returns: the answer.
  /// - Throws: `RunError`.
  package func ask(
    _ request: JSONValue, seconds: Double, maximumAnswer: Int, late: String, remedy: String,
    clean: (Leftover) -> Void = { _ in }, isCancelled: () -> Bool
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
    let outcome = Self.wait(for: pid, until: end, paper, isCancelled)
    if outcome == .late || outcome == .cancelled,
      let note = try? JSONParser.parse(paper.contents(limit: 1 << 16)), let left = Leftover(note)
    {
      clean(left)
    }
    switch outcome {
    case .late: throw RunError(.limit, late)
    case .cancelled: throw RunError(.limit, "The call was cancelled.")
    case .changing:
      throw RunError(
        .limit,
        late + " It had begun to change files by then, and goes on with that: look what came of it before you "
          + "repeat it.")
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

  private enum Outcome: Equatable {
    case ended(ChildProcess.End)
    case late
    case cancelled
    /// It is left to end by itself.
    case changing
  }

  /// Time in which a change that has begun usually ends.
  private static let changeSeconds = 0.15

  /// Waits for the process, which is gone afterwards unless it changes something.
  private static func wait(
    for pid: pid_t, until end: ContinuousClock.Instant, _ paper: borrowing MemoryFile, _ isCancelled: () -> Bool
  ) -> Outcome {
    var status: Int32 = 0
    var looks = 0
    var patience: ContinuousClock.Instant?
    while true {
      let reaped = waitpid(pid, &status, WNOHANG)
      if reaped == pid { return .ended(ChildProcess.End(status: status)) }
      let isLost = reaped < 0 && errno != EINTR
      let isLate = ContinuousClock.now >= end
      if let patience, ContinuousClock.now >= patience {
        ChildProcess.reapInBackground(pid)
        return .changing
      }
      if patience == nil, isLate || isLost || isCancelled() {
        guard isLost || paper.lock() else {
          // Half a change helps no one, so it is not killed.
          patience = ContinuousClock.now + .seconds(changeSeconds)
          continue
        }
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

    /// Ends this process after a time, for the case that no server watches any more.
    ///
    /// Unlike the bounds of `restrict`, this one is not handed on to processes that it starts.
    package func restrict(wallSeconds seconds: Double) { alarm(UInt32(min(max(seconds, 0), 1e6)) + 5) }

    /// Seconds after which a change that has begun meets nothing but a fault: many times what a large export takes.
    private static let changeLimit: UInt32 = 900

    /// From here on the process is not killed, since it changes what others see.
    ///
    /// It ends by itself where that never does; files survive it.
    ///
    /// - Throws: `RunError` where it is being killed already.
    package func beginChange() throws {
      guard paper.lockForChange() else { throw RunError(.limit, "The call was ended before it changed anything.") }
      alarm(Self.changeLimit)
      _ = cobre_platform_set_parent_death_signal(0)
    }

    /// Notes what has to be taken away if this process is killed; the note is replaced by the next one and by the
    /// answer.
    package func leave(_ leftover: Leftover) { try? paper.replace(by: leftover.json.serialized()) }

    /// Leaves the answer.
    ///
    /// - Returns: the exit code of the process.
    package func reply(_ answer: JSONValue) -> Int32 {
      do { try paper.replace(by: answer.serialized()) } catch { return 74 }
      return 0
    }
  }
}
