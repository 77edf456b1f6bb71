internal import CobrePlatformShim
internal import Glibc

/// One exchange: what is sent, and when it is over.
extension SocketCommunicator {
  var isHub: Bool { rank == 0 }

  func run() throws {
    let now = cobre_monotonic_nanoseconds()
    for link in links { link.restartClock(now) }
    nextPulse = now + pulseInterval
    _ = sendOwn()
    var idle = 0
    while true {
      // Whatever was queued or sent counts: what waits for room in a queue has no event that would end a sleep.
      var moved = isHub && size > 2 && release()
      for index in links.indices {
        if links[index].flush() { moved = true }
        if try drain(index) { moved = true }
      }
      if !isHub || size == 2, sendOwn() { moved = true }
      if exchange.usesRing, isReleased, passOn() { moved = true }
      if isFinished { return }
      if moved {
        idle = 0
        continue
      }
      idle += 1
      if idle <= spins {
        if idle & 15 == 0 { sched_yield() }
        continue
      }
      try sleep()
    }
  }

  private var isFinished: Bool {
    if isHub, size > 2, !isReleased { return false }
    for index in links.indices where needs(index) || links[index].isSending { return false }
    if exchange.usesRing { return isReleased && isAround }
    if isHub, size > 2 {
      if exchange.total > Self.mostInOneMessage {
        for peer in 0..<size where exchange.forwarded[peer] < exchange.counts[peer] { return false }
      }
      return true
    }
    return exchange.ownSent >= max(exchange.counts[rank], 1)
  }

  /// True once rank 0 has heard the same of all ranks, as far as this rank knows.
  var isReleased: Bool { isHub ? exchange.isReleased : exchange.heard[0] }

  /// True while the exchange wants more from this connection.
  func needs(_ index: Int) -> Bool {
    if inputs[index].frame != nil || inputs[index].isHungUp { return true }
    if index >= starCount {
      guard exchange.usesRing, isReleased, index == previousIndex else { return false }
      return isExpectingAnything
    }
    let peer = links[index].peer
    if !exchange.heard[peer] { return true }
    if exchange.usesRing { return false }
    if isHub || size == 2 { return exchange.received[peer] < exchange.counts[peer] }
    return isExpectingAnything
  }

  /// True where nothing is wanted of a connection but that a failure may come by it.
  ///
  /// Rank 0 must not look into those of the star: behind a rank's part in this exchange may lie its next call.
  func isWatched(_ index: Int) -> Bool {
    exchange.usesRing && isReleased && (index == nextIndex || (index < starCount && !isHub))
  }

  private var isExpectingAnything: Bool {
    for source in 0..<size where exchange.received[source] < exchange.counts[source] { return true }
    return false
  }

  // Sends the next piece of this rank's contribution, at least one frame, towards the only other end; true where it did.
  private func sendOwn() -> Bool {
    guard !(isHub && size > 2), let link = links.first else { return false }
    let count = exchange.usesRing ? 0 : exchange.counts[rank]
    guard exchange.ownSent < max(count, 1), link.queuedFrames < Self.mostQueued else { return false }
    // One piece at a time: it goes to the system while the checksum has left it in the cache, and what the other side
    // sends meanwhile is taken before it is out of the cache too.
    let length = min(count - exchange.ownSent, SocketFrame.mostPayload)
    queue(
      on: link, source: rank, from: exchange.own.map { $0 + exchange.ownSent }, at: exchange.ownSent, length: length)
    exchange.ownSent += max(length, 1)
    link.flush()
    return true
  }

  func queue(
    on link: SocketConnection, source: Int, from payload: UnsafeRawPointer?, at offset: Int, length: Int
  ) {
    link.enqueue(frame(source: source, payload: payload, at: offset, length: length), payload: payload)
  }

  private func frame(source: Int, payload: UnsafeRawPointer?, at offset: Int, length: Int) -> SocketFrame {
    var frame = exchange.frame(source: UInt32(source), total: exchange.counts[source])
    frame.length = UInt32(length)
    frame.offset = UInt64(offset)
    if length > 0, let payload { frame.payloadChecksum = cobre_crc32c(0, payload, length) }
    return frame
  }

  // Rank 0 of more than two: once all agree, sends each rank what the others contribute; true where it put something
  // into a queue.
  private func release() -> Bool {
    guard exchange.heardCount == size else { return false }
    if exchange.usesRing {
      guard !exchange.isReleased else { return false }
      exchange.isReleased = true
      for link in links[..<starCount] {
        queue(on: link, source: 0, from: nil, at: 0, length: 0)
        link.flush()
      }
      return true
    }
    if exchange.total <= Self.mostInOneMessage {
      guard !exchange.isReleased else { return false }
      for peer in 0..<size where exchange.received[peer] < exchange.counts[peer] { return false }
      exchange.isReleased = true
      var frame = exchange.frame(source: SocketFrame.everyone, total: exchange.total)
      frame.length = UInt32(exchange.total)
      if exchange.total > 0 { frame.payloadChecksum = cobre_crc32c(0, exchange.buffer, exchange.total) }
      for link in links[..<starCount] {
        link.enqueue(frame, payload: UnsafeRawPointer(exchange.buffer))
        link.flush()
      }
      return true
    }
    var queued = false
    if !exchange.isReleased {
      exchange.isReleased = true
      queued = true
      for link in links[..<starCount] where exchange.total == exchange.counts[link.peer] {
        queue(on: link, source: 0, from: nil, at: 0, length: 0)
      }
    }
    return forward() || queued
  }

  private func forward() -> Bool {
    guard let buffer = exchange.buffer else { return false }
    var queued = false
    for source in 0..<size {
      while exchange.forwarded[source] < exchange.received[source] {
        guard links[..<starCount].contains(where: { $0.peer != source && $0.queuedFrames < Self.mostQueued }) else {
          return queued
        }
        queued = true
        let start = exchange.forwarded[source]
        let length = min(exchange.received[source] - start, SocketFrame.mostPayload)
        let payload = UnsafeRawPointer(buffer + exchange.offsets[source] + start)
        let frame = frame(source: source, payload: payload, at: start, length: length)
        for link in links[..<starCount] where link.peer != source {
          link.enqueue(frame, payload: payload)
          link.flush()
        }
        exchange.forwarded[source] += length
      }
    }
    return queued
  }
}
