/// The state of a run.
package enum RunState: String, Codable, Sendable, CaseIterable {
  /// Written down, waiting for a supervisor.
  case queued
  /// A supervisor is alive and starts the ranks.
  case starting
  /// The ranks compute.
  case running
  /// Asked to stop.
  ///
  /// Ends with the iteration that is being computed.
  case cancelling
  case cancelled
  case succeeded
  case failed
  /// The supervisor is gone and no process will finish this run.
  ///
  /// It can be resumed.
  case interrupted

  /// Whether the run will not change by itself any more.
  package var isFinal: Bool {
    switch self {
    case .queued, .starting, .running, .cancelling: false
    case .cancelled, .succeeded, .failed, .interrupted: true
    }
  }
}
