internal import CobrePlatformShim
internal import Glibc

/// Waiting for the others.
extension SocketCommunicator {
  /// Sleeps until something can be read or sent; gives and watches for signs of life.
  func sleep() throws {
    wait(milliseconds: Int32(min(max(pulseInterval / 1_000_000, 1), 1000)))
    let now = cobre_monotonic_nanoseconds()
    if now >= nextPulse {
      nextPulse = now + pulseInterval
      for link in links where !link.isSending && link.state == .open {
        link.enqueue(SocketFrame(kind: .pulse), payload: nil)
        link.flush()
      }
    }
    for index in links.indices where needs(index) || links[index].isSending {
      let link = links[index]
      guard now - link.lastHeard > options.silenceNanoseconds else { continue }
      // What came while nobody looked counts.
      if try drain(index) { continue }
      guard cobre_monotonic_nanoseconds() - link.lastHeard > options.silenceNanoseconds else { continue }
      throw Stop(
        error: CommunicationError(
          .peerSilent, exchange.call.operation, rank: rank, peer: link.peer,
          "\(link.peerName) has given no sign of life for \(options.silenceLimit) s; it may be stopped, or its host or the "
            + "network is gone. Look at that host, or raise \(CommunicationVariable.silenceLimit)."))
    }
  }

  func wait(milliseconds: Int32) {
    withUnsafeTemporaryAllocation(of: pollfd.self, capacity: links.count) { polls in
      var count = 0
      // Before rank 0 has released the ranks, none of them may go.
      let watchesAll = isHub && size > 2 && !isReleased
      for index in links.indices where links[index].state == .open {
        var events: Int32 = watchesAll ? hangUpEvent : 0
        if needs(index) || isWatched(index) { events |= Int32(POLLIN) }
        if links[index].isSending { events |= Int32(POLLOUT) }
        // Negative descriptors are skipped.
        polls[count] = pollfd(
          fd: events == 0 ? -1 : links[index].descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
        count += 1
      }
      guard poll(polls.baseAddress, nfds_t(count), milliseconds) > 0, watchesAll else { return }
      count = 0
      for index in links.indices where links[index].state == .open {
        if Int32(polls[count].revents) & (hangUpEvent | Int32(POLLHUP | POLLERR)) != 0 { inputs[index].isHungUp = true }
        count += 1
      }
    }
  }
}
