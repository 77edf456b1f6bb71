internal import Foundation

/// What a call costs, which decides where it runs.
package enum CallEffort: Sendable {
  /// It waits for a run most of the time.
  case waiting
  /// Next to nothing: the state of one run.
  case glancing
  /// Some milliseconds of reading what a run has written.
  case looking
  /// It keeps a processor busy for as long as it takes, up to seconds.
  case laboring
}

/// Where calls run: those that keep a processor busy take turns, as many at once as there are processors, so that however
/// many there are they hold up neither those that look at a run nor those that wait for one; and a glance at a run stands
/// behind other glances only.
package struct CallPools: Sendable {
  private let waiting: CallPool
  private let glancing: CallPool
  private let looking: CallPool
  private let laboring: CallPool

  /// - Parameters:
  ///   - waiting: for calls that wait for runs; has more threads than calls may wait.
  ///   - busyThreads: calls of each other kind that run at once; by default as many as there are processors, at least two.
  package init(waiting: CallPool = CallPool(), busyThreads: Int? = nil) {
    self.waiting = waiting
    let busyThreads = busyThreads ?? max(2, ProcessInfo.processInfo.activeProcessorCount)
    glancing = CallPool(maximumThreads: busyThreads)
    looking = CallPool(maximumThreads: busyThreads)
    laboring = CallPool(maximumThreads: busyThreads)
  }

  package subscript(_ effort: CallEffort) -> CallPool {
    switch effort {
    case .waiting: waiting
    case .glancing: glancing
    case .looking: looking
    case .laboring: laboring
    }
  }
}
