/// What a service grants to the runs of its directory.
package struct RunLimits: Sendable, Equatable {
  /// Runs that compute at the same time, at least 1.
  ///
  /// Further ones are queued.
  package var runsAtOnce: Int
  /// Rank processes of one run, at least 1.
  package var workers: Int
  /// Wall time of one run in seconds, whatever was requested.
  ///
  /// Waiting in the queue does not count. `nil` for no limit.
  package var secondsPerRun: Double?
  /// Bytes of memory that one rank may use, not counting what it shares with others.
  ///
  /// `nil` for no limit.
  package var rankMemoryBytes: Int?
  /// Ended runs that are kept, newest first.
  ///
  /// `nil` for all.
  package var keptRuns: Int?
  /// Bytes that all runs together may occupy before the oldest ended runs are removed.
  ///
  /// `nil` for no limit.
  package var diskBytes: Int?

  package init(
    runsAtOnce: Int = 8, workers: Int = 256, secondsPerRun: Double? = nil, rankMemoryBytes: Int? = nil,
    keptRuns: Int? = nil, diskBytes: Int? = nil
  ) {
    self.runsAtOnce = max(1, runsAtOnce)
    self.workers = max(1, workers)
    self.secondsPerRun = secondsPerRun
    self.rankMemoryBytes = rankMemoryBytes
    self.keptRuns = keptRuns
    self.diskBytes = diskBytes
  }
}

extension RunLimits {
  /// The options by which a supervisor learns what concerns it.
  var supervisorOptions: [String] {
    var options = ["--runs-at-once", String(runsAtOnce)]
    if let rankMemoryBytes { options += ["--rank-memory", String(rankMemoryBytes)] }
    if let secondsPerRun { options += ["--wall-seconds", String(secondsPerRun)] }
    return options
  }
}
