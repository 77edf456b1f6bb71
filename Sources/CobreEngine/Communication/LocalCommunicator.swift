internal import CobrePlatformShim

/// The group of one process: every collective is a copy or nothing.
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

extension UnsafeMutableRawBufferPointer {
  /// Copies a rank's contribution to its place, which may be where it already is.
  @inline(__always)
  package func copyContribution(_ source: UnsafeRawBufferPointer, at offset: Int) {
    guard source.count > 0, let from = source.baseAddress, let to = baseAddress else { return }
    let target = to + offset
    if UnsafeRawPointer(target) != from { target.copyMemory(from: from, byteCount: source.count) }
  }

  /// The same past the caches, for more than they hold.
  package func streamContribution(_ source: UnsafeRawBufferPointer, at offset: Int) {
    guard source.count > 0, let from = source.baseAddress, let to = baseAddress, !overlaps(source) else {
      return copyContribution(source, at: offset)
    }
    cobre_copy_streaming(to + offset, from, source.count)
  }

  /// True where a byte of `other` is one of these.
  func overlaps(_ other: UnsafeRawBufferPointer) -> Bool {
    guard let start = baseAddress, let from = other.baseAddress else { return false }
    return UnsafeRawPointer(start) < from + other.count && from < UnsafeRawPointer(start + count)
  }
}
