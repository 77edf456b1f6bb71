internal import CobreEngine
internal import CobrePlatformShim
internal import Glibc
internal import Logging

/// Supervises one run from start to end: starts the ranks, passes on stop requests, notices deaths and records how the
/// run ended.
///
/// It is the only work of its process and takes no part in the computation.
package final class Supervisor {
  let directory: RunDirectory
  private let program: String
  let limits: RunLimits
  private let signals: SignalInbox
  let log = Logger(label: "cobre.supervisor")
  var children: [pid_t: RankLauncher.Child] = [:]
  var ends: [RankEnd] = []

  /// How a child ended, in order of death.
  struct RankEnd {
    let child: RankLauncher.Child
    let end: ChildProcess.End
    /// The supervisor itself had sent it a signal to end.
    let wasKilled: Bool
  }

  /// What the loop knows about the end that is coming.
  struct Ending {
    var cancelRequested = false
    /// When the ranks that are left are to be killed, in seconds of uptime.
    var killAt: Double?
    var killed = false
    /// The run has had its wall time.
    var isOverdue = false
  }

  /// How long ranks may take to notice by themselves that another one failed, in seconds.
  private static let failureGrace = 2.0
  /// How long a launcher may take to end after one of its ranks has reported a failure, in seconds.
  ///
  /// It waits for daemons on hosts that may have vanished.
  private static let launcherGrace = 10.0
  /// How long the iteration that is being computed may take to its end when the wall time is over, in seconds.
  private static let overtime = 5.0
  /// Room on the disk that is enough for writing down the end of a run.
  private static let ballastBytes = 256 << 10
  /// Ends of ranks, with their times, that are not in the database yet.
  private var untold: [(row: RankRow, time: Double)] = []
  /// When the wall time of the run is over, in seconds of uptime.
  private var wallEnd = Double.infinity
  /// How long the previous supervisor may take to leave, in seconds.
  private static let takeoverSeconds = 10.0
  /// How long the last ranks may take to leave after the first has done so, in seconds.
  private static let farewellGrace = 30.0

  /// - Parameters:
  ///   - directory: the run's directory, with `run.json` in it.
  ///   - program: path of this program.
  ///   - limits: what is granted to this run, and how many may compute when this one has ended and starts the next.
  ///
  /// Create it before any thread is started.
  package init(directory: RunDirectory, program: String, limits: RunLimits) {
    self.directory = directory
    self.program = program
    self.limits = limits
    signals = SignalInbox([SIGCHLD, SIGTERM, SIGINT])
    ProcessSetup.adopt()
    signal(SIGHUP, SIG_IGN)
  }

  /// Runs to the end, and returns the exit code: 0 if the run ended as it should, 1 if it failed.
  package func run() throws -> Int32 {
    let lock = try takeLock()
    defer { startNext() }
    // Released first: the next run may be this one, if it is resumed as soon as it has ended.
    defer { close(lock) }
    return try look(after: lock)
  }

  /// Starts the next run of the queue, since this one no longer occupies a slot.
  private func startNext() {
    let parts = directory.path.split(separator: "/")
    guard let runID = parts.last.map({ String($0) }), RunIdentifier.isValid(runID) else { return }
    let runsDirectory = "/" + parts.dropLast().joined(separator: "/")
    let service = RunService(
      runsDirectory: runsDirectory, workerExecutable: program, limits: limits)
    do {
      try service.startQueued()
    } catch {
      log.warning("The next run could not be started: \(sentence(for: error))")
    }
  }

  private func look(after lock: Int32) throws -> Int32 {
    _ = cobre_platform_become_subreaper()
    let manifest = try RunManifest.read(from: directory.manifestPath)
    let store = try RunStore.open(directory.databasePath)
    guard try !store.record().state.isFinal else {
      throw RunError(.wrongState, "The run has ended already.")
    }
    let identity = ProcessTable.current()
    let began = Clocks.uptime()
    try store.beginAttempt(supervisor: identity, at: Clocks.wall(), uptime: began)
    if let seconds = limits.secondsPerRun { wallEnd = try began + seconds - store.record().elapsedBefore }
    if directory.isCancelRequested {
      try store.finish(.cancelled, stopReason: "cancelled", elapsed: 0, at: Clocks.wall())
      return 0
    }
    try store.transition(to: .starting, at: Clocks.wall())

    noting { try AtomicFile.write([UInt8](repeating: 0, count: Self.ballastBytes), to: directory.reservedFilePath) }
    defer { unlink(directory.reservedFilePath) }
    let launcher = RankLauncher(
      directory: directory, manifest: manifest, supervisor: identity, program: program,
      rankMemoryBytes: limits.rankMemoryBytes)
    RankPriority.lowerSession(for: manifest)
    var restarts = 0
    while true {
      let (ending, failure) = computeOnce(launcher, store, lock)
      guard failure == nil, !ending.cancelRequested, !ending.isOverdue, restarts < manifest.settings.restarts,
        let reason = try reasonToRestart(store)
      else {
        let code = try settle(store, began: began, ending, failure: failure)
        noting { try store.emptyLog() }
        return code
      }
      restarts += 1
      let sentence = "\(reason) The ranks are started again (\(restarts) of \(manifest.settings.restarts))."
      log.warning("\(sentence)")
      try store.addEvent(level: "warning", message: sentence, at: Clocks.wall())
      try store.beginRestart(at: Clocks.wall())
    }
  }

  /// Starts the ranks and waits for their end.
  ///
  /// The failure concerns starting them.
  private func computeOnce(_ launcher: RankLauncher, _ store: RunStore, _ lock: Int32) -> (Ending, failure: String?) {
    ends = []
    for rank in 0..<launcher.manifest.workers {
      unlink(directory.failurePath(rank))
      unlink(directory.statusPath(rank))
    }
    var failure: String?
    do {
      try launcher.launch { child in
        children[child.pid] = child
        guard let rank = child.rank else { return }
        let row = RankRow(
          rank: rank, pid: Int(child.pid), host: launcher.supervisor.host, state: "starting", solves: 0, message: nil,
          threads: launcher.manifest.settings.threads)
        try store.recordRank(row, start: ProcessTable.start(of: Int(child.pid)), at: Clocks.wall())
      }
      log.info("Started \(launcher.manifest.workers) ranks over \(launcher.manifest.backend).")
    } catch {
      failure = sentence(for: error)
    }
    let ending = watch(store, lock: lock, killNow: failure != nil)
    launcher.release()
    removeLeftovers()
    return (ending, failure)
  }

  /// Makes sure that a run has only one supervisor.
  ///
  /// Waits for the previous supervisor, which may have recorded its end or have been killed, and still not be gone: a
  /// process keeps its locks until the last of its threads has ended.
  private func takeLock() throws -> Int32 {
    let descriptor = open(directory.lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else {
      throw RunError(.storage, "Cannot write \(directory.lockPath): \(String(cString: strerror(errno))).")
    }
    let deadline = Clocks.uptime() + Self.takeoverSeconds
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, Clocks.uptime() < deadline else {
        let reason = errno == EWOULDBLOCK ? "it has a supervisor already" : String(cString: strerror(errno))
        close(descriptor)
        throw RunError(.wrongState, "The run cannot be looked after: \(reason).")
      }
      usleep(20_000)
    }
    futimens(descriptor, nil)
    return descriptor
  }

  /// Waits until no child is left.
  private func watch(_ store: RunStore, lock: Int32, killNow: Bool) -> Ending {
    var ending = Ending()
    if killNow { ending.killAt = Clocks.uptime() }
    var signOfLife = Clocks.uptime()
    var looked = signOfLife
    while !children.isEmpty {
      let signal = signals.next(milliseconds: 100)
      if signal == SIGTERM || signal == SIGINT {
        if ending.cancelRequested { ending.killAt = Clocks.uptime() }
        do {
          try directory.requestCancel()
        } catch {
          // No rank would ever see the stop request, so there is nothing to wait for.
          log.error("\(sentence(for: error)) The ranks are stopped at once.")
          ending.killAt = Clocks.uptime()
          ending.cancelRequested = true
        }
      }
      reap(&ending)
      if !ending.cancelRequested && directory.isCancelRequested { beginCancel(store, &ending) }
      let now = Clocks.uptime()
      if now >= wallEnd && !ending.isOverdue {
        ending.isOverdue = true
        // Training stops in an orderly way at the end of its iteration, if that is near. Nothing else does.
        var phase: String?
        noting { phase = try store.record().phase }
        if phase == "training" { noting { try directory.requestCancel() } }
        ending.killAt = min(ending.killAt ?? .infinity, now + (phase == "training" ? Self.overtime : 0))
      }
      if let killAt = ending.killAt, now >= killAt {
        killAll(after: now - killAt)
        ending.killed = true
      }
      if now - looked > 1 {
        looked = now
        // Without its directory a run cannot report anything, and its results are lost.
        if !directory.exists && ending.killAt == nil {
          log.error("The run directory \(directory.path) has vanished; the run ends.")
          ending.killAt = now
        }
        if ending.killAt == nil, children.values.contains(where: { $0.rank == nil }), hasFailedRank {
          ending.killAt = now + Self.launcherGrace
        }
      }
      if now - signOfLife > 5 {
        // For readers on other hosts, which cannot see this process.
        futimens(lock, nil)
        signOfLife = now
      }
    }
    for (row, time) in untold { noting { try store.recordRank(row, start: nil, at: time) } }
    untold = []
    return ending
  }

  /// Whether a rank has written down that it failed.
  private var hasFailedRank: Bool {
    let workers = (try? RunManifest.read(from: directory.manifestPath))?.workers ?? 0
    return (0..<workers).contains { access(directory.failurePath($0), F_OK) == 0 }
  }

  /// Takes note of the children that have ended.
  private func reap(_ ending: inout Ending) {
    var status: Int32 = 0
    while true {
      let pid = waitpid(-1, &status, WNOHANG)
      if pid < 0 && errno == EINTR { continue }
      guard pid > 0 else { return }
      // Orphans of a launcher are reaped too, but say nothing about the run.
      guard let child = children.removeValue(forKey: pid) else { continue }
      let end = ChildProcess.End(status: status)
      ends.append(RankEnd(child: child, end: end, wasKilled: ending.killed))
      let grace = end == .exited(0) ? Self.farewellGrace : Self.failureGrace
      let killAt = Clocks.uptime() + grace
      ending.killAt = min(ending.killAt ?? killAt, killAt)
      note(child, end)
    }
  }

  /// Remembers how a rank ended until the others have gone too.
  ///
  /// A rank that was stopped while it wrote keeps the database locked, and waiting for it would keep it alive.
  private func note(_ child: RankLauncher.Child, _ end: ChildProcess.End) {
    guard let rank = child.rank else { return }
    let good = end == .exited(0)
    let message = good ? nil : RankFailure.read(from: directory.failurePath(rank))?.message ?? "It \(end.sentence)."
    let row = RankRow(
      rank: rank, pid: Int(child.pid), host: ProcessTable.host(), state: good ? "finished" : "failed", solves: 0,
      message: message)
    untold.append((row, Clocks.wall()))
  }

  /// Training stops by itself at the end of the iteration.
  ///
  /// Everything else is stopped here.
  private func beginCancel(_ store: RunStore, _ ending: inout Ending) {
    ending.cancelRequested = true
    var phase: String?
    noting {
      phase = try store.record().phase
      try store.transition(to: .cancelling, from: [.starting, .running], at: Clocks.wall())
    }
    if phase != "training" { ending.killAt = min(ending.killAt ?? .infinity, Clocks.uptime() + 0.5) }
  }

  /// Does something that may fail without harm to the run.
  ///
  /// A failure is logged.
  func noting(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      log.warning("\(sentence(for: error))")
    }
  }

  /// Ends all children.
  ///
  /// A launcher is asked first, so that it takes its own children with it.
  private func killAll(after seconds: Double) {
    for child in children.values {
      kill(child.pid, child.rank == nil && seconds < 2 ? SIGTERM : SIGKILL)
    }
  }

  /// Takes away what ranks that were killed could not take away themselves.
  private func removeLeftovers() {
    unlink(directory.tokenPath)
  }
}
