/// Why a collective call could not be completed.
///
/// After any of these the group stays broken: every later call on every rank throws too. The rank that made the mistake
/// gets the code of the mistake. The others get the same code if all ranks can see the mistake (`mismatchedCall`),
/// otherwise `abortedByPeer` with the peer's own sentence.
package struct CommunicationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure.
  package enum Code: UInt8, Sendable, CaseIterable {
    /// An argument that is wrong on this rank: number of counts, size of a buffer, root outside the group.
    case invalidArgument = 1
    /// The ranks called different operations, or the same one with other counts, root or element width.
    case mismatchedCall = 2
    /// A process of the group ended.
    case peerDied = 3
    /// A process of the group gave no sign of life within the silence limit.
    case peerSilent = 4
    /// Another rank failed and sent the group its reason.
    case abortedByPeer = 5
    /// The group could not be formed in time.
    case connectFailed = 6
    /// The other side refused this rank: token, version, rank, size or problem differ.
    case rejected = 7
    /// Bytes that are no valid message.
    case corruptData = 8
    /// The operating system or the transport library refused something.
    case system = 9
    /// Environment variables that are missing or make no sense.
    case configuration = 10
    /// A sum of integers that does not fit 64 bits.
    ///
    /// Every rank finds the same.
    case overflow = 11
  }

  package var code: Code
  package var operation: CollectiveCall.Operation
  /// The rank that reports, nil before ranks are known.
  package var rank: Int?
  /// The rank that caused the error, if there is one.
  package var peer: Int?
  /// A sentence that says what happened and what to do.
  package var message: String

  package init(
    _ code: Code, _ operation: CollectiveCall.Operation, rank: Int? = nil, peer: Int? = nil, _ message: String
  ) {
    self.code = code
    self.operation = operation
    self.rank = rank
    self.peer = peer
    self.message = message
  }

  package var description: String {
    let place = rank.map { "rank \($0), " } ?? ""
    return "\(place)\(operation.name): \(message)"
  }
}
