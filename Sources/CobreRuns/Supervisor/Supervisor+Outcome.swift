internal import CobreCase
internal import CobreEngine
internal import Glibc
internal import Logging

extension Supervisor {
  /// Writes down how the run ended, and returns the exit code.
  func settle(
    _ store: RunStore, began: Double, _ ending: Ending, failure: String?
  ) throws -> Int32 {
    let elapsed = Clocks.uptime() - began
    let now = Clocks.wall()
    let record = try store.record()
    if failure == nil, isDone(record) {
      noteLateDeaths(store)
      try store.settleRanks(in: ["starting", "running"], to: "finished", at: now)
      let cancelled = record.stopReason == StopReason.cancelled.rawValue
      if cancelled, ending.isOverdue { try noteServerLimit(store) }
      try patiently { try store.finish(cancelled ? .cancelled : .succeeded, elapsed: elapsed, at: now) }
      return 0
    }
    if failure == nil, ending.cancelRequested, rootCause == nil, !(ending.isOverdue && ending.killed) {
      if ending.isOverdue { try noteServerLimit(store) }
      try store.settleRanks(in: ["starting", "running", "failed"], to: "finished", at: now)
      try patiently { try store.finish(.cancelled, stopReason: "cancelled", elapsed: elapsed, at: now) }
      return 0
    }
    noting { try store.settleRanks(in: ["starting", "running"], to: "lost", at: now) }
    let iteration = record.last?.iteration ?? 0
    let sentence =
      failure ?? (ending.isOverdue && rootCause == nil ? lateness(iteration) : nil)
      ?? explanation(after: iteration, store)
    log.error("The run failed: \(sentence)")
    try patiently { try store.finish(.failed, error: sentence, elapsed: elapsed, at: now) }
    return 1
  }

  /// Records that the server's limit ended the run, and not its user.
  private func noteServerLimit(_ store: RunStore) throws {
    try patiently { try store.setStopReason(StopReason.serverWallLimit.rawValue) }
    // The wish was the supervisor's own.
    unlink(directory.cancelPath)
  }

  /// A rank that dies after all results are written does not invalidate them.
  ///
  /// It is logged as a warning.
  private func noteLateDeaths(_ store: RunStore) {
    guard let cause = rootCause else { return }
    let who = cause.child.rank.map { "Rank \($0) (process \(cause.child.pid))" } ?? "mpiexec"
    let message = "\(who) \(cause.end.sentence) after all results had been written."
    log.warning("\(message)")
    noting { try store.addEvent(level: "warning", message: message, at: Clocks.wall()) }
  }

  /// The final state of a run is worth waiting for: a full disk or a locked database may become usable again.
  private func patiently(_ body: () throws -> Void) throws {
    // A read-only file system stays so for longer than a reasonable wait.
    let deadline = Clocks.uptime() + (directory.isFileSystemReadOnly ? 2 : 30)
    while true {
      do {
        return try body()
      } catch {
        guard directory.exists, Clocks.uptime() < deadline else { throw error }
        // On a full disk this makes the room that is needed.
        unlink(directory.reservedFilePath)
        log.warning("The end of the run cannot be written yet: \(sentence(for: error))")
        sleep(1)
      }
    }
  }

  /// Why the ranks should be started again: a rank died, which the same work may not cause again.
  ///
  /// A failure that a rank explained itself would recur with the same bits. A death or a lost connection need not.
  func reasonToRestart(_ store: RunStore) throws -> String? {
    let record = try store.record()
    guard !isDone(record), let cause = rootCause else { return nil }
    let ranks = try cause.child.rank.map { [$0] } ?? Array(0..<RunManifest.read(from: directory.manifestPath).workers)
    guard ranks.allSatisfy({ [nil, .communication].contains(kind(of: cause.end, $0)) }) else { return nil }
    return explanation(after: record.last?.iteration ?? 0, store)
  }

  /// Whether everything succeeded, or rank 0 had recorded the end of the work before a rank failed while leaving.
  private func isDone(_ record: RunRecord) -> Bool {
    record.phase == "done" || !ends.isEmpty && ends.allSatisfy { $0.end == .exited(0) }
  }

  /// The end that explains the others: a sudden death comes before an error, a rank's own error before one about peers.
  private var rootCause: RankEnd? {
    let suspects = ends.filter { $0.end != .exited(0) && !$0.wasKilled }
    return suspects.min { weight($0) < weight($1) }
  }

  private func weight(_ end: RankEnd) -> Int {
    if case .killed = end.end { return 0 }
    guard let rank = end.child.rank else { return 3 }
    guard let kind = kind(of: end.end, rank) else { return 1 }
    return kind == .communication ? 4 : 2
  }

  /// What kind of failure a rank reported, in its file or, where that could not be written, by its exit code.
  private func kind(of end: ChildProcess.End, _ rank: Int) -> RankFailure.Kind? {
    if let failure = RankFailure.read(from: directory.failurePath(rank)) { return failure.kind }
    if case .exited(let code) = end { return RankFailure.Kind(exitCode: code) }
    return nil
  }

  private static func place(_ iteration: Int) -> String {
    iteration == 0
      ? "before the first iteration was complete" : "after iteration \(iteration), whose results are kept"
  }

  /// Why a run was ended that had computed for too long.
  private func lateness(_ iteration: Int) -> String {
    "The run was stopped, \(Self.place(iteration)): it has computed for \(limits.secondsPerRun ?? 0) seconds, the most "
      + "that this server grants (--max-wall-seconds). Start a server that grants more and resume it, or ask for less."
  }

  private func explanation(after iteration: Int, _ store: RunStore) -> String {
    let place = Self.place(iteration)
    let advice = iteration == 0 ? "Resume the run to try again." : "Resume the run to go on from there."
    guard let cause = rootCause else {
      // The launcher had to be ended because of a rank that had reported its failure.
      if let failure = failures.first(where: { $0.kind != .communication }) ?? failures.first {
        return "Rank \(failure.rank) failed\(moment(of: failure.rank)), \(place): \(failure.message) \(advice)"
      }
      return "The ranks did not end in time and were stopped, \(place). See the logs in \(directory.path)."
    }
    guard let rank = cause.child.rank else { return launcherExplanation(cause, place, advice, store) }
    let who = "Rank \(rank) (process \(cause.child.pid))"
    if case .killed(let signal) = cause.end {
      return "\(who) \(cause.end.sentence)\(moment(of: rank)), \(place). \(Self.hint(signal))\(advice)"
    }
    if let failure = RankFailure.read(from: directory.failurePath(rank)) {
      let end = failure.kind == .communication ? " \(advice)" : ""
      return "\(who) failed\(moment(of: rank)), \(place): \(failure.message)\(end)"
    }
    if kind(of: cause.end, rank) == .storage {
      let reason = directory.diskProblem ?? "the disk may be full or the quota used up"
      return "\(who) could not write the run directory \(directory.path), \(place): \(reason). Resume the run when it "
        + "can be written again."
    }
    return "\(who) \(cause.end.sentence)\(moment(of: rank)), \(place). Its last words are in "
      + "\(directory.rankLogPath(rank))."
  }

  /// What a rank was doing when it ended, with a space before, empty if that is not known.
  private func moment(of rank: Int) -> String {
    RankStatus.read(from: directory.statusPath(rank)).map { " \($0.words)" } ?? ""
  }

  private static func hint(_ signal: Int32) -> String {
    signal == SIGKILL ? "If none was sent on purpose, the host may be out of memory: see the kernel's log. " : ""
  }

  /// What ranks have said of their failures, by rank.
  private var failures: [RankFailure] {
    let workers = (try? RunManifest.read(from: directory.manifestPath))?.workers ?? 0
    return (0..<workers).compactMap { RankFailure.read(from: directory.failurePath($0)) }
  }

  /// What the ranks under an MPI launcher say, or the launcher itself.
  private func launcherExplanation(
    _ cause: RankEnd, _ place: String, _ advice: String, _ store: RunStore
  ) -> String {
    let failures = failures
    if let failure = failures.first(where: { $0.kind != .communication }) {
      return "Rank \(failure.rank) failed\(moment(of: failure.rank)), \(place): \(failure.message)"
    }
    let log = LogTail.read(directory.path + "/mpiexec.log", lines: 200)
    if let (rank, signal) = log.reversed().lazy.compactMap({ Self.death(in: $0) }).first {
      // The launcher's own idea of the process number is often 0.
      let process =
        RankStatus.read(from: directory.statusPath(rank)).map { " (process \($0.pid))" }
        ?? (try? store.record())?.ranks.first { $0.rank == rank }.map { " (process \($0.pid))" } ?? ""
      return "Rank \(rank)\(process) \(ChildProcess.End.killed(signal).sentence)\(moment(of: rank)), \(place). "
        + "\(Self.hint(signal))\(advice)"
    }
    if let failure = failures.first {
      return "Rank \(failure.rank) failed\(moment(of: failure.rank)), \(place): \(failure.message) \(advice)"
    }
    // Launchers frame their texts with dashes. If a host cannot be reached, the remote shell reports it first.
    let words = log.filter { $0.contains(where: \.isLetter) }
    let manifest = try? RunManifest.read(from: directory.manifestPath)
    let last = (manifest?.request.hosts == nil ? words.last : words.first).map { " It said: \($0)" } ?? ""
    return "mpiexec \(cause.end.sentence), \(place).\(last)"
  }

  /// Rank and signal of a line such as "mpiexec noticed that process rank 1 with PID 0 on node n exited on signal 9
  /// (Killed).".
  ///
  /// `nil` for other lines.
  static func death(in line: String) -> (rank: Int, signal: Int32)? {
    guard line.contains("process rank "), line.contains("exited on signal ") else { return nil }
    let words = line.split(separator: " ")
    func number(after word: Substring) -> Int? {
      words.lastIndex(of: word).flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil }
    }
    guard let rank = number(after: "rank"), let signal = number(after: "signal"), (1...64).contains(signal) else {
      return nil
    }
    return (rank, Int32(signal))
  }

  /// Any error as a sentence.
  func sentence(for error: any Error) -> String {
    (error as? RunError)?.message ?? String(describing: error)
  }
}
