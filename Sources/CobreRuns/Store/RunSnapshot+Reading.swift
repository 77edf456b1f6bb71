internal import CobreEngine

extension RunSnapshot {
  /// How long after the last sign of a supervisor on another host its run counts as given up, in seconds.
  private static let foreignSilence = 120.0

  /// The run in a directory as it stands; throws `RunError` where there is none.
  package static func read(in directory: RunDirectory) throws -> RunSnapshot {
    guard directory.exists else { throw directory.absence() }
    return try read(directory)
  }

  /// Reads everything from the run's directory and looks whether its supervisor lives.
  static func read(_ directory: RunDirectory, logLines: Int = 20) throws -> RunSnapshot {
    let manifest = try RunManifest.read(from: directory.manifestPath)
    do {
      let store = try directory.openStore()
      return try read(directory, manifest: manifest, store: store, logLines: logLines)
    } catch let error as RunError where error.code == .storage {
      return unreadable(directory, manifest, error)
    }
  }

  /// What can still be said of a run whose database cannot be read.
  private static func unreadable(_ directory: RunDirectory, _ manifest: RunManifest, _ error: RunError) -> RunSnapshot {
    RunSnapshot(
      runID: manifest.runID, runName: manifest.request.runName, state: .failed,
      caseDirectory: manifest.request.caseDirectory, backend: manifest.backend,
      backendReason: manifest.backendReason, workers: manifest.workers, threadsPerWorker: manifest.settings.threads,
      solver: (manifest.settings.solver ?? .clp).rawValue,
      iteration: 0,
      iterationLimit: manifest.settings.iterations, elapsedSeconds: 0, ranks: [], error: error.message,
      logTail: LogTail.read(directory.supervisorLogPath, lines: 20), warnings: manifest.warnings,
      createdAt: Timestamp.text(manifest.createdAt), directory: directory.path, engineVersion: manifest.engineVersion,
      policyRun: manifest.settings.policy?.run, continuedRun: manifest.settings.continuation?.run,
      bounds: manifest.bounds)
  }

  static func read(
    _ directory: RunDirectory, manifest: RunManifest, store: RunStore, logLines: Int = 20
  ) throws -> RunSnapshot {
    var record = try store.record()
    let now = Clocks.wall()
    var state = record.state
    if !state.isFinal, let supervisor = record.supervisor, !isAlive(supervisor, directory: directory) {
      // It may have ended in an orderly way between the two reads.
      record = try store.record()
      state = record.state
      if !state.isFinal {
        state = .interrupted
        record.error = interruption(supervisor, directory, last: record.last?.iteration)
        for index in record.ranks.indices where ["starting", "running"].contains(record.ranks[index].state) {
          record.ranks[index].state = "lost"
        }
      }
    } else if (state == .starting || state == .running || state == .queued) && directory.isCancelRequested {
      state = .cancelling
    }

    let elapsed = elapsedSeconds(record, state: state, now: now)
    return RunSnapshot(
      runID: manifest.runID, runName: manifest.request.runName, state: state,
      caseDirectory: manifest.request.caseDirectory, backend: manifest.backend,
      backendReason: manifest.backendReason, workers: manifest.workers, threadsPerWorker: manifest.settings.threads,
      solver: (manifest.settings.solver ?? .clp).rawValue,
      iteration: record.last?.iteration ?? 0,
      iterationLimit: manifest.settings.iterations, lowerBound: record.last?.lowerBound,
      upperBound: record.last?.upperBound, upperBoundHalfWidth: record.last?.upperBoundHalfWidth,
      deterministicUpperBound: record.last?.deterministicUpperBound, retries: record.retries,
      gap: record.last?.gap, elapsedSeconds: elapsed,
      remainingSeconds: remainingSeconds(record, state: state, settings: manifest.settings), ranks: record.ranks,
      stopReason: record.stopReason, error: record.error,
      logTail: state == .failed || state == .interrupted ? logTail(directory, record.ranks, lines: logLines) : [],
      simulation: record.simulation, warnings: manifest.warnings + record.warnings + exceeded(manifest, record),
      createdAt: Timestamp.text(manifest.createdAt), startedAt: record.startedAt.map { Timestamp.text($0) },
      endedAt: record.endedAt.map { Timestamp.text($0) }, directory: directory.path,
      engineVersion: manifest.engineVersion, policyRun: manifest.settings.policy?.run,
      continuedRun: manifest.settings.continuation?.run, bounds: manifest.bounds)
  }

  /// The same snapshot with one more warning, if any.
  func warning(_ sentence: String?) -> RunSnapshot {
    guard let sentence else { return self }
    var snapshot = self
    snapshot.warnings.append(sentence)
    return snapshot
  }

  /// Whether the supervisor lives.
  ///
  /// On another host, whether it has given a sign of life of late.
  static func isAlive(_ supervisor: ProcessIdentity, directory: RunDirectory) -> Bool {
    if let alive = ProcessTable.isAlive(supervisor) { return alive }
    guard let sign = directory.lastSignOfLife else { return false }
    return Clocks.wall() - sign < foreignSilence
  }

  private static func interruption(_ supervisor: ProcessIdentity, _ directory: RunDirectory, last: Int?) -> String {
    let kept =
      last.map { "The \($0) completed iterations are kept in the run directory; resume the run to go on from there." }
      ?? "No iteration was completed."
    let cause = directory.diskProblem ?? "it was killed or the machine went down"
    return "The run's supervisor (process \(supervisor.pid) on \(supervisor.host)) is gone without ending the run; "
      + "\(cause). \(kept)"
  }

  private static func elapsedSeconds(_ record: RunRecord, state: RunState, now: Double) -> Double {
    if let elapsed = record.elapsed { return elapsed }
    guard let startedAt = record.startedAt else { return record.elapsedBefore }
    if state == .interrupted { return max(record.elapsedBefore, record.last?.elapsedSeconds ?? 0) }
    let attempt: Double
    if let uptime = record.startedUptime, record.supervisor?.bootID == ProcessTable.bootID() {
      attempt = Clocks.uptime() - uptime
    } else {
      attempt = now - startedAt
    }
    return record.elapsedBefore + max(0, attempt)
  }

  private static func remainingSeconds(_ record: RunRecord, state: RunState, settings: RunSettings) -> Double? {
    guard state == .running, record.phase != "simulation", let last = record.last else { return nil }
    return settings.remainingSeconds(after: last.iteration, elapsed: last.elapsedSeconds, pace: record.pace)
  }

  /// The end of the supervisor's log, then of the log of the first rank that did not end well.
  private static func logTail(_ directory: RunDirectory, _ ranks: [RankRow], lines: Int) -> [String] {
    var tail = LogTail.read(directory.supervisorLogPath, lines: lines)
    if let rank = ranks.first(where: { $0.state == "failed" })?.rank {
      tail += LogTail.read(directory.rankLogPath(rank), lines: lines)
    }
    return tail
  }
}
