/// The group of one process: a collective copies or does nothing.
package final class LocalCommunicator: Communicator {
  package let rank = 0
  package let size = 1
  package let backend = Backend.local
  // Once broken, every later call throws this.
  private var failure: CommunicationError?

  package init() {}

  package func allgatherv(
    bytes: UnsafeRawBufferPointer, counts: [Int], into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall
  ) throws {
    if let failure { throw failure }
    if let error = argumentError(
      sending: bytes.count, counts: counts, receiving: receive.count, operation: call.operation)
    {
      throw fail(error)
    }
    receive.copyContribution(bytes, at: 0)
  }

  package func broadcast(bytes: UnsafeMutableRawBufferPointer, root: Int, as call: CollectiveCall) throws {
    if let failure { throw failure }
    if let error = argumentError(root: root) { throw fail(error) }
  }

  package func barrier() throws {
    if let failure { throw failure }
  }

  package func abort(_ message: String) {
    failure = failure ?? CommunicationError(.abortedByPeer, .barrier, rank: 0, peer: 0, message)
  }

  package func finalize() {}

  private func fail(_ error: CommunicationError) -> CommunicationError {
    failure = error
    return error
  }
}
