internal import Glibc

extension RunService {
  /// Starts runs that wait for their turn, oldest first, as long as fewer run than may.
  ///
  /// Anybody may call it at any time: servers when they start, look at or wait for runs, supervisors when they end.
  package func startQueued() throws {
    guard !isReadOnly, let index = try existingIndex(), try !index.activeRuns().isEmpty else { return }
    try index.locked {
      var waiting: [RunDirectory] = []
      var running = 0
      for runID in try index.activeRuns() {
        let directory = directory(runID)
        guard let record = try? directory.openStore().record() else {
          // It keeps its place: a database that is busy now can be read later, and whoever repairs one wants it to go on.
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

  /// Starts what waits, for those who only look; the reason as a sentence where that cannot be done.
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

  /// Ends a run that was cancelled before anybody had started it; to be called with the index locked.
  func settleIfWaiting(_ directory: RunDirectory) throws {
    let store = try RunStore.open(directory.databasePath)
    let record = try store.record()
    guard record.state == .queued, record.supervisor == nil else { return }
    try store.finish(.cancelled, stopReason: "cancelled", elapsed: 0, at: Clocks.wall())
  }

  /// Starts the supervisor of a run, which goes on without this process; to be called with the index locked.
  private func launch(_ directory: RunDirectory) throws {
    let store = try RunStore.open(directory.databasePath)
    do {
      let pid = try ChildProcess.spawn(
        workerExecutable, ["supervise", directory.path] + limits.supervisorOptions,
        environment: ChildProcess.environment(), log: directory.supervisorLogPath, detached: true)
      // Noted at once, so that a supervisor that dies before its first word is noticed.
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
