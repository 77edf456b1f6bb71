extension CommunicationError {
  /// What a rank reports of a failure that another rank (or the supervisor, `origin` nil) found.
  ///
  /// A failure that concerns the whole group keeps its code and its message. What one rank did wrong becomes
  /// `abortedByPeer`.
  package static func relayed(
    code: Code, operation: CollectiveCall.Operation, origin: Int?, peer: Int?, message: String, to rank: Int
  ) -> CommunicationError {
    switch code {
    case .mismatchedCall, .peerDied, .peerSilent, .connectFailed, .corruptData, .overflow, .rejected:
      return CommunicationError(code, operation, rank: rank, peer: peer ?? origin, message)
    case .abortedByPeer, .invalidArgument, .system, .configuration:
      let words = origin.map { "Rank \($0) failed: \(message)" } ?? message
      return CommunicationError(.abortedByPeer, operation, rank: rank, peer: origin, words)
    }
  }
}
