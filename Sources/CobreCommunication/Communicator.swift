/// The group of processes that compute one run, seen from one of them.
///
/// A process has one communicator, and all its calls come from one thread. Every rank makes the same calls in the same
/// order. Any error breaks the group (see ``CommunicationError``). Every call returns or fails in bounded time.
package protocol Communicator: AnyObject {
  /// This process's number, 0 to size − 1.
  var rank: Int { get }
  /// Number of processes in the group.
  var size: Int { get }
  /// The transport.
  var backend: Backend { get }

  /// Gives every rank the contributions of all ranks, in rank order.
  ///
  /// - Parameters:
  ///   - bytes: this rank's contribution, `counts[rank]` bytes. May be that part of `receive` itself.
  ///   - counts: bytes contributed by each rank, the same on all ranks.
  ///   - receive: room for the sum of the counts. Unspecified after an error.
  ///   - call: what is compared between the ranks.
  /// - Throws: ``CommunicationError``.
  func allgatherv(
    bytes: UnsafeRawBufferPointer, counts: [Int], into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall
  ) throws

  /// Gives every rank the bytes of the root.
  ///
  /// A rank that has finished its part may return early. If the others called a different operation, it gets the
  /// mismatch error on its next call.
  ///
  /// - Parameters:
  ///   - bytes: read on the root, overwritten elsewhere. The same number on all ranks.
  ///   - root: the rank that sends, the same on all ranks.
  ///   - call: what is compared between the ranks.
  /// - Throws: ``CommunicationError``.
  func broadcast(bytes: UnsafeMutableRawBufferPointer, root: Int, as call: CollectiveCall) throws

  /// Returns when every rank has called it.
  func barrier() throws

  /// True if rank 0 combines the contributions of a reduction and hands out the result.
  ///
  /// This pays where all payload goes through rank 0 anyway: the others then need not receive what they need not
  /// combine.
  var reducesAtRoot: Bool { get }
  /// Bytes of a rank's vector that a reduction gathers at a time, the same on all ranks: measured.
  var reductionBytes: Int { get }

  /// Gives rank 0 the contributions of all ranks, in rank order.
  ///
  /// Only allowed if ``reducesAtRoot`` is true.
  ///
  /// The others may return before the calls have been compared. They get a mismatch error on their next call.
  ///
  /// - Parameters:
  ///   - bytes: this rank's contribution, the same number of bytes on all ranks.
  ///   - receive: on rank 0 room for all of them, elsewhere empty.
  ///   - call: what is compared between the ranks.
  /// - Throws: ``CommunicationError``.
  func gather(bytes: UnsafeRawBufferPointer, into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall)
    throws

  /// Breaks the group on purpose: every other rank's current or next call throws
  /// ``CommunicationError/Code/abortedByPeer``.
  ///
  /// For a rank that fails outside of a collective. Never blocks for long and never throws.
  func abort(_ message: String)

  /// Leaves the group in an orderly way.
  ///
  /// No call may follow.
  ///
  /// Returns when this rank's part is done, in bounded time. The other ranks need not have finished.
  func finalize() throws
}

extension Communicator {
  package var reducesAtRoot: Bool { false }
  package var reductionBytes: Int { 256 << 10 }

  package func gather(
    bytes: UnsafeRawBufferPointer, into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall
  ) throws {
    preconditionFailure("Only a communicator that reduces at its root gathers there.")
  }

  package func allgatherv(
    bytes: UnsafeRawBufferPointer, counts: [Int], into receive: UnsafeMutableRawBufferPointer
  ) throws {
    try allgatherv(bytes: bytes, counts: counts, into: receive, as: CollectiveCall(.allgatherv))
  }

  package func broadcast(bytes: UnsafeMutableRawBufferPointer, root: Int) throws {
    try broadcast(bytes: bytes, root: root, as: CollectiveCall(.broadcast))
  }

  /// The error for the first argument that makes no sense on this rank, nil if all do.
  package func argumentError(
    sending: Int, counts: [Int], receiving: Int, operation: CollectiveCall.Operation
  ) -> CommunicationError? {
    func error(_ message: String) -> CommunicationError {
      CommunicationError(.invalidArgument, operation, rank: rank, message)
    }
    guard counts.count == size else {
      return error("\(counts.count) counts were given for \(size) ranks; give one count per rank.")
    }
    var total = 0
    for (peer, count) in counts.enumerated() {
      let (sum, overflow) = total.addingReportingOverflow(count)
      guard count >= 0, !overflow else {
        return error("The count of rank \(peer) is \(count) bytes; counts must not be negative nor overflow.")
      }
      total = sum
    }
    guard sending == counts[rank] else {
      return error("\(sending) bytes are sent where the counts promise \(counts[rank]) for rank \(rank).")
    }
    guard receiving == total else {
      return error("The receive buffer holds \(receiving) bytes where the counts add up to \(total).")
    }
    return nil
  }

  /// The error for a root outside the group, nil if it is inside.
  package func argumentError(root: Int) -> CommunicationError? {
    guard root >= 0, root < size else {
      return CommunicationError(
        .invalidArgument, .broadcast, rank: rank, "Root \(root) is outside of the ranks 0 to \(size - 1).")
    }
    return nil
  }
}
