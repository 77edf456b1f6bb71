internal import Foundation

/// What a call costs, which decides where it runs.
package enum CallEffort: Sendable {
  /// It waits for a run most of the time.
  case waiting
  /// Next to nothing: the state of one run.
  case status
  /// Some milliseconds of reading what a run has written.
  case reading
  /// It keeps a processor busy for as long as it takes, up to seconds.
  case computing
}

/// Where calls run.
///
/// Each kind of call has a pool of its own, so that calls that compute never delay those that ask for a status or wait:
/// as many threads as there are processors, at least two; more for calls that wait.
package struct CallPools: Sendable {
  private let waiting: CallPool
  private let status: CallPool
  private let reading: CallPool
  private let computing: CallPool

  /// - Parameters:
  ///   - waiting: for calls that wait for runs. Has more threads than there may be waiting calls.
  ///   - busyThreads: calls of each other kind that run at once. The default is the number of processors, at least two.
  package init(waiting: CallPool = CallPool(), busyThreads: Int? = nil) {
    self.waiting = waiting
    let busyThreads = busyThreads ?? max(2, ProcessInfo.processInfo.activeProcessorCount)
    status = CallPool(maximumThreads: busyThreads)
    reading = CallPool(maximumThreads: busyThreads)
    computing = CallPool(maximumThreads: busyThreads)
  }

  package subscript(_ effort: CallEffort) -> CallPool {
    switch effort {
    case .waiting: waiting
    case .status: status
    case .reading: reading
    case .computing: computing
    }
  }
}
