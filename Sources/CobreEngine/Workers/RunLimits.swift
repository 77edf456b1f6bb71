/// What a service grants to the runs of its directory.
package struct RunLimits: Sendable, Equatable {
  /// Runs that compute at the same time, at least 1; further ones are queued.
  package var runsAtOnce: Int
  /// Rank processes of one run, at least 1.
  package var workers: Int
  /// Wall time of one run's training in seconds, whatever was asked; `nil` for no limit.
  package var secondsPerRun: Double?
  /// Ended runs that are kept, newest first; `nil` for all.
  package var keptRuns: Int?
  /// Bytes that all runs together may occupy before the oldest ended ones are removed; `nil` for no limit.
  package var diskBytes: Int?

  package init(
    runsAtOnce: Int = 8, workers: Int = 256, secondsPerRun: Double? = nil, keptRuns: Int? = nil, diskBytes: Int? = nil
  ) {
    self.runsAtOnce = max(1, runsAtOnce)
    self.workers = max(1, workers)
    self.secondsPerRun = secondsPerRun
    self.keptRuns = keptRuns
    self.diskBytes = diskBytes
  }
}
