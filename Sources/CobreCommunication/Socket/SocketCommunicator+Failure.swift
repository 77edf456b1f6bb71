internal import CobrePlatformShim
internal import Glibc

/// Failure and farewell.
extension SocketCommunicator {
  /// Why a collective ends early, and who knows already.
  struct Stop: Error {
    var error: CommunicationError
    /// The message of another rank, passed on unchanged.
    var relay: [UInt8]?
    var source: Int?
  }

  /// Breaks the group for all ranks, after a failure outside of an exchange.
  func fail(_ error: CommunicationError) -> CommunicationError {
    lock.lock()
    defer { lock.unlock() }
    return announce(Stop(error: error))
  }

  /// Remembers the failure and informs the others within half a second.
  func announce(_ stop: Stop) -> CommunicationError {
    failure = stop.error
    let words = stop.relay ?? FailureText.encode(stop.error)
    words.withUnsafeBytes { words in
      var frame = SocketFrame(kind: .failure)
      frame.length = UInt32(words.count)
      frame.describe(words.baseAddress, isProved: isProved)
      for link in links where link.peer != stop.source && link.state == .open {
        link.enqueue(frame, payload: words.baseAddress)
      }
      flushAll(within: 500_000_000)
      // The queues still point into memory of this call.
      for link in links { link.stopSending() }
    }
    return stop.error
  }

  private func flushAll(within limit: Int64) {
    let end = cobre_monotonic_nanoseconds() + limit
    while true {
      for link in links { link.flush() }
      guard links.contains(where: { $0.isSending }), cobre_monotonic_nanoseconds() < end else { return }
      wait(milliseconds: 10)
    }
  }

  func leave() {
    guard !hasLeft else { return }
    hasLeft = true
    heartbeat.stop()
    lock.lock()
    defer { lock.unlock() }
    if failure == nil {
      failure = CommunicationError(
        .abortedByPeer, .barrier, rank: rank, peer: rank, "This rank has left the group; no call may follow.")
      for link in links where link.state == .open { link.enqueue(SocketFrame(kind: .leave), payload: nil) }
      flushAll(within: 1_000_000_000)
    }
    for link in links { shutdown(link.descriptor, Int32(SHUT_WR)) }
    // Closing with unread bytes resets the connection and may cost the peer the last message. So everything sent must
    // have arrived, and everything received must be read.
    let end = cobre_monotonic_nanoseconds() + 1_000_000_000
    for link in links {
      link.discardIncoming()
      while link.state == .open, cobre_unsent_bytes(link.descriptor) > 0, cobre_monotonic_nanoseconds() < end {
        usleep(500)
        link.discardIncoming()
      }
    }
    for link in links { link.shut() }
  }
}
