internal import CobrePlatformShim
internal import Glibc

/// One exchange: what is sent, and when it is over.
extension SocketCommunicator {
  var isHub: Bool { rank == 0 }

  func run() throws {
    let now = cobre_monotonic_nanoseconds()
    for link in links { link.restartClock(now) }
    nextPulse = now + heartbeatInterval
    _ = try sendOwn()
    var idle = 0
    while true {
      // Whatever was queued or sent counts: what waits for room in a queue has no event that would end a sleep.
      var moved = try isHub && size > 2 && release()
      for index in links.indices {
        if links[index].flush() { moved = true }
        if try drain(index) { moved = true }
      }
      if !isHub || size == 2, try sendOwn() { moved = true }
      if exchange.usesRing, isReleased, passOn() { moved = true }
      if isFinished { return }
      if moved {
        idle = 0
        continue
      }
      idle += 1
      if pass(idle) { continue }
      try sleep()
    }
  }

  // Waits for a moment. Returns false if it is time to sleep.
  private func pass(_ idle: Int) -> Bool {
    if isCrowded {
      guard idle <= spins else { return false }
      sched_yield()
      return true
    }
    if exchange.total > Self.mostInOneMessage {
      guard idle * 4 <= spins else { return false }
      rest()
      return true
    }
    guard idle <= spins else { return false }
    if idle & 15 == 0 { sched_yield() }
    return true
  }

  // Reading a connection delays the system that is filling it, so large payloads are read less often.
  private func rest() {
    let end = cobre_monotonic_nanoseconds() + Self.restNanoseconds
    while cobre_monotonic_nanoseconds() < end { cobre_relax() }
  }

  private var isFinished: Bool {
    if isHub, size > 2, !isReleased { return false }
    for index in links.indices where needs(index) || links[index].isSending { return false }
    if exchange.usesRing { return isReleased && isAround }
    if isHub, exchange.gathersAtHub { return true }
    if isHub, size > 2 {
      if exchange.root != nil || exchange.total > Self.mostInOneMessage {
        for peer in 0..<size where exchange.forwarded[peer] < exchange.counts[peer] { return false }
      }
      return true
    }
    return !saysSomething || exchange.ownSent >= max(exchange.counts[rank], 1)
  }

  /// True once this rank knows that rank 0 has heard the same call from all ranks.
  var isReleased: Bool { isHub ? exchange.isReleased : exchange.heard[0] }

  /// True while the exchange wants more from this connection.
  func needs(_ index: Int) -> Bool {
    if inputs[index].frame != nil || inputs[index].isHungUp { return true }
    if index >= starCount {
      guard exchange.usesRing, isReleased, index == previousIndex else { return false }
      return isExpectingAnything
    }
    let peer = links[index].peer
    if exchange.gathersAtHub {
      return isHub && (!exchange.heard[peer] || exchange.received[peer] < exchange.counts[peer])
    }
    if let root = exchange.root {
      guard rank != root, peer == root || !isHub else { return false }
      return !exchange.heard[peer] || exchange.received[root] < exchange.counts[root]
    }
    if !exchange.heard[peer] { return true }
    if exchange.usesRing { return false }
    if isHub || size == 2 { return exchange.received[peer] < exchange.counts[peer] }
    return isExpectingAnything
  }

  /// True if a connection is only watched for failures.
  ///
  /// Rank 0 must not read the connections of the star: after a rank's part in this exchange, its next call may follow.
  func isWatched(_ index: Int) -> Bool {
    if inputs[index].held != nil { return false }
    // As long as not all is sent to a rank it cannot have gone on.
    if exchange.root != nil || exchange.gathersAtHub { return index < starCount && links[index].isSending }
    return exchange.usesRing && isReleased && (index == nextIndex || (index < starCount && !isHub))
  }

  private var isExpectingAnything: Bool {
    for source in 0..<size where exchange.received[source] < exchange.counts[source] { return true }
    return false
  }

  /// True if this rank's contribution goes to the only other end of its star.
  var sendsOwn: Bool { size > 1 && !(isHub && size > 2) }

  // In a broadcast over the star the root alone does.
  private var saysSomething: Bool { exchange.root == nil || exchange.root == rank }

  // Sends pieces of this rank's contribution, at least one frame, until the system takes no more. Returns true if it
  // sent one.
  private func sendOwn() throws -> Bool {
    guard sendsOwn, saysSomething, let link = links.first else { return false }
    let count = exchange.usesRing ? 0 : exchange.counts[rank]
    let isOneWay = size == 2 && exchange.root != nil && !link.isOnThisHost
    let piece = isOneWay ? SocketFrame.mostPayload : Self.pieceBytes
    var sent = false
    while exchange.ownSent < max(count, 1), !link.isSending, !isFarAhead {
      let length = min(count - exchange.ownSent, piece)
      try sendOwn(length, on: link)
      exchange.ownSent += max(length, 1)
      sent = true
    }
    return sent
  }

  // One piece at a time, so that it is sent while the checksum has left it in the cache.
  private func sendOwn(_ length: Int, on link: SocketConnection) throws {
    let start = exchange.ownSent
    let own = exchange.own.map { $0 + start }
    if exchange.root != nil, length > 0, let own {
      return try queueOneWay(source: rank, from: own, at: start, length: length, on: 0..<1)
    }
    let copy = exchange.copiesOwn ? exchange.buffer.map { $0 + exchange.offsets[rank] + start } : nil
    queue(on: link, source: rank, from: own, at: start, length: length, copyingTo: copy)
  }

  // If two ranks both send, each receives before too much of the other's data waits.
  private var isFarAhead: Bool {
    guard size == 2 else { return false }
    let peer = 1 - rank
    return exchange.received[peer] < exchange.counts[peer]
      && exchange.ownSent - exchange.received[peer] >= Self.mostAhead
  }

  // Rank 0 of more than two: once all agree, sends each rank what the others contribute. Returns true if it queued
  // something.
  private func release() throws -> Bool {
    if let root = exchange.root { return try passOn(from: root) }
    guard exchange.heardCount == size else { return false }
    if exchange.gathersAtHub {
      exchange.isReleased = true
      return false
    }
    if exchange.usesRing {
      guard !exchange.isReleased else { return false }
      exchange.isReleased = true
      for link in links[..<starCount] {
        queue(on: link, source: 0, from: nil, at: 0, length: 0)
      }
      return true
    }
    if exchange.total <= Self.mostInOneMessage {
      guard !exchange.isReleased else { return false }
      for peer in 0..<size where exchange.received[peer] < exchange.counts[peer] { return false }
      exchange.isReleased = true
      var frame = exchange.frame(source: SocketFrame.everyone, total: exchange.total)
      frame.length = UInt32(exchange.total)
      frame.describe(UnsafeRawPointer(exchange.buffer), isProved: isProved)
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
    return try forward() || queued
  }

  // Rank 0 of more than two: sends the others what the root of a broadcast has sent, or what rank 0 has as the root.
  private func passOn(from root: Int) throws -> Bool {
    guard exchange.heard[root] else { return false }
    var queued = false
    if !exchange.isReleased {
      exchange.isReleased = true
      for link in links[..<starCount] where exchange.total == 0 && link.peer != root {
        queue(on: link, source: root, from: nil, at: 0, length: 0)
        queued = true
      }
    }
    return try forward() || queued
  }

  private func forward() throws -> Bool {
    guard let buffer = exchange.buffer else { return false }
    var queued = false
    for source in 0..<size {
      while exchange.forwarded[source] < exchange.received[source] {
        guard links[..<starCount].contains(where: { $0.peer != source && $0.queuedFrames < Self.mostQueued }) else {
          return queued
        }
        queued = true
        let start = exchange.forwarded[source]
        let length = min(exchange.received[source] - start, Self.pieceBytes)
        let payload = UnsafeRawPointer(buffer + exchange.offsets[source] + start)
        try queueOneWay(source: source, from: payload, at: start, length: length, on: 0..<starCount)
        exchange.forwarded[source] += length
      }
    }
    return queued
  }
}
