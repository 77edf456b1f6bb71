/// What one rank did in an iteration, and the memory it occupies.
package struct RankWork: Sendable, Codable, Equatable {
  /// Linear programs solved, rounds that only added cuts included.
  package var solves: Int
  /// Solves that needed more than a plain first attempt.
  package var retries: Int
  /// Threads that share its units.
  package var threads: Int
  /// Seconds in collectives since the report before.
  package var communicationSeconds: Double
  /// The part of them before the last rank had arrived.
  ///
  /// The rest is transfer.
  package var waitSeconds: Double
  /// Proportional set size in bytes, where pages that several ranks share count in part.
  ///
  /// 0 if it is not known.
  package var memoryBytes: Int64
  /// Largest resident set so far in bytes, shared pages in full.
  package var peakMemoryBytes: Int64

  package init(
    solves: Int, retries: Int = 0, threads: Int = 1, communicationSeconds: Double = 0, waitSeconds: Double = 0,
    memoryBytes: Int64 = 0, peakMemoryBytes: Int64 = 0
  ) {
    self.solves = solves
    self.retries = retries
    self.threads = threads
    self.communicationSeconds = communicationSeconds
    self.waitSeconds = waitSeconds
    self.memoryBytes = memoryBytes
    self.peakMemoryBytes = peakMemoryBytes
  }
}
