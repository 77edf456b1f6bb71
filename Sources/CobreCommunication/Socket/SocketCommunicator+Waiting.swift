internal import CobrePlatformShim
internal import Glibc

/// Waiting for the others.
extension SocketCommunicator {
  /// Sleeps until something can be read or sent.
  ///
  /// Gives and watches for signs of life.
  func sleep() throws {
    let mayHaveToSay = exchange.root.map { $0 != rank && !exchange.hasSaidSo } ?? false
    let limit = mayHaveToSay ? Self.patienceMilliseconds : 1000
    let cameSomething = wait(milliseconds: Int32(min(max(heartbeatInterval / 1_000_000, 1), Int64(limit))))
    if mayHaveToSay, !cameSomething { sayWhatIsCalled() }
    let now = cobre_monotonic_nanoseconds()
    if now >= nextPulse {
      nextPulse = now + heartbeatInterval
      for link in links where !link.isSending && link.state == .open {
        link.enqueue(SocketFrame(kind: .heartbeat), payload: nil)
        link.flush()
      }
    }
    for index in links.indices where needs(index) || links[index].isSending {
      let link = links[index]
      guard now - link.lastHeard > options.silenceNanoseconds else { continue }
      // What arrived unnoticed counts.
      if try drain(index) { continue }
      guard cobre_monotonic_nanoseconds() - link.lastHeard > options.silenceNanoseconds else { continue }
      throw Stop(
        error: CommunicationError(
          .peerSilent, exchange.call.operation, rank: rank, peer: link.peer,
          "\(link.peerName) has given no sign of life for \(options.silenceLimit) s; it may be stopped, or its host or the "
            + "network is gone. Look at that host, or raise \(CommunicationVariable.silenceLimit)."))
    }
  }

  // Ranks that wait for each other because they expect the broadcast from different roots must find out.
  private func sayWhatIsCalled() {
    guard let index = links.indices.first(where: { needs($0) }) else { return }
    exchange.hasSaidSo = true
    var frame = exchange.frame(source: UInt32(rank), total: exchange.counts[rank])
    frame.kind = .waiting
    links[index].enqueue(frame, payload: nil)
    links[index].flush()
  }

  /// Waits for an event, and returns false if there was none.
  @discardableResult
  func wait(milliseconds: Int32) -> Bool {
    withUnsafeTemporaryAllocation(of: pollfd.self, capacity: links.count) { polls in
      var count = 0
      // Before rank 0 has released the ranks, none of them may leave, except the root of a broadcast, which has nothing
      // to wait for.
      let watchesAll = isHub && size > 2 && !isReleased
      for index in links.indices where links[index].state == .open {
        var events: Int32 = watchesAll && links[index].peer != exchange.root ? hangUpEvent : 0
        if needs(index) || isWatched(index) { events |= Int32(POLLIN) }
        if links[index].isSending { events |= Int32(POLLOUT) }
        // Negative descriptors are skipped.
        polls[count] = pollfd(
          fd: events == 0 ? -1 : links[index].descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
        count += 1
      }
      guard poll(polls.baseAddress, nfds_t(count), milliseconds) > 0 else { return false }
      guard watchesAll else { return true }
      count = 0
      for index in links.indices where links[index].state == .open {
        let isGone = Int32(polls[count].revents) & (hangUpEvent | Int32(POLLHUP | POLLERR)) != 0
        if isGone, links[index].peer != exchange.root { inputs[index].isHungUp = true }
        count += 1
      }
      return true
    }
  }
}
