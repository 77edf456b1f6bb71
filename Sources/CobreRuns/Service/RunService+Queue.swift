internal import CobreCommunication
internal import CobreEngine
internal import Glibc

extension RunService {
  /// Starts queued runs, oldest first, while fewer run than allowed.
  ///
  /// Any process may call it at any time: servers when they start, read or wait for runs, supervisors when they end.
  package func startQueued() throws {
    guard !isReadOnly, let index = try existingIndex(), try !index.activeRuns().isEmpty else { return }
    try index.locked {
      var waiting: [RunDirectory] = []
      var running = 0
      for runID in try index.activeRuns() {
        let directory = directory(runID)
        guard let record = try? directory.openStore().record() else {
          // It keeps its position: a busy database can be read later, and a repaired one should continue.
          if directory.isSupervised { running += 1 }
          continue
        }
        if record.state.isFinal {
          try index.setActive(runID, false)
        } else if let supervisor = record.supervisor {
          if RunSnapshot.isAlive(supervisor, directory: directory) {
            running += 1
          } else {
            removeLeftovers(of: supervisor)
            try index.setActive(runID, false)
          }
        } else {
          waiting.append(directory)
        }
      }
      for directory in waiting {
        if directory.isCancelRequested {
          try settleIfWaiting(directory)
        } else if running < limits.runsAtOnce {
          try launch(directory)
          running += 1
        }
      }
    }
  }

  /// Starts queued runs, for callers that only read.
  ///
  /// Returns the reason if that is not possible.
  func moveQueue() -> String? {
    do {
      try startQueued()
      return nil
    } catch {
      return "Runs that wait cannot be started: \((error as? RunError)?.message ?? String(describing: error))"
    }
  }

  /// Takes away what a supervisor that was killed could not take away itself.
  func removeLeftovers(of supervisor: ProcessIdentity) {
    guard ProcessTable.isAlive(supervisor) == false else { return }
    SharedMemoryNames.remove(madeBy: supervisor.pid, start: supervisor.start)
  }

  /// Ends a run that was cancelled before anybody had started it, to be called with the index locked.
  func settleIfWaiting(_ directory: RunDirectory) throws {
    let store = try RunStore.open(directory.databasePath)
    let record = try store.record()
    guard record.state == .queued, record.supervisor == nil else { return }
    try store.finish(.cancelled, stopReason: "cancelled", elapsed: 0, at: Clocks.wall())
  }

  /// Starts the supervisor of a run, which continues without this process.
  ///
  /// Call it with the index locked.
  private func launch(_ directory: RunDirectory) throws {
    let store = try RunStore.open(directory.databasePath)
    do {
      let pid = try ChildProcess.spawn(
        workerExecutable, ["supervise", directory.path] + limits.supervisorOptions,
        environment: ChildProcess.environment(), log: directory.supervisorLogPath, detached: true)
      // Recorded at once, so that a supervisor that dies before its first report is noticed.
      let start = ProcessTable.start(of: Int(pid)) ?? 0
      try store.noteLaunch(
        ProcessIdentity(
          pid: Int(pid), start: start, bootID: ProcessTable.bootID(), host: ProcessTable.host()))
      ChildProcess.reapInBackground(pid)
    } catch let error as RunError {
      try store.finish(.failed, error: error.message, elapsed: 0, at: Clocks.wall())
    }
  }
}
