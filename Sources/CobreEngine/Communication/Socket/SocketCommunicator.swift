internal import CobrePlatformShim
internal import Dispatch
internal import Glibc

/// Processes of any hosts that exchange data over sockets; rank 0 is the hub that all others are connected to.
///
/// Every rank sends its contribution to rank 0 together with what it calls. Rank 0 sends nothing before all ranks have
/// said the same; so a mismatch is an error on every rank. Two ranks need no hub and check each other.
package final class SocketCommunicator: Communicator {
  package let rank: Int
  package let size: Int
  package let backend = Backend.tcp
  /// Connections that rank 0 refused while the group formed, each with its reason.
  package let turnedAway: [String]

  let options: CommunicatorOptions
  /// The connections of rank 0 to all others in rank order, elsewhere the one to rank 0.
  let links: [SocketConnection]
  // Guards the links: held by the main thread during a collective, tried by the timer that sends signs of life.
  let lock = SocketLock()
  private let pulse: SocketPulse
  var exchange: SocketExchange
  private var inputs: [Input]
  private var failure: CommunicationError?
  private var hasLeft = false
  private var nextPulse: Int64 = 0
  private let pulseInterval: Int64
  private let spins: Int

  // A frame whose payload is on its way.
  private struct Input {
    var frame: SocketFrame?
    var taken = 0
    // The other side is gone while nothing was wanted of it.
    var isHungUp = false
  }
  // Room for the words of a failure frame.
  private let words = UnsafeMutableRawBufferPointer.allocate(byteCount: FailureText.mostText + 12, alignment: 8)

  /// In groups of more than two, gathers up to this size come back from rank 0 in one message.
  static let mostInOneMessage = 32 << 10
  private static let mostQueued = 4

  init(rank: Int, size: Int, links: [SocketConnection], turnedAway: [String], options: CommunicatorOptions) {
    self.rank = rank
    self.size = size
    self.links = links
    self.turnedAway = turnedAway
    self.options = options
    exchange = SocketExchange(size: size)
    inputs = [Input](repeating: Input(), count: links.count)
    pulseInterval = max(options.silenceNanoseconds / 6, 10_000_000)
    spins = size <= Int(cobre_usable_cores()) ? 200 : 2
    pulse = SocketPulse(links: links, lock: lock, interval: pulseInterval)
  }

  deinit {
    leave()
    words.deallocate()
  }

  package func allgatherv(
    bytes: UnsafeRawBufferPointer, counts: [Int], into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall
  ) throws {
    try begin()
    if let error = argumentError(
      sending: bytes.count, counts: counts, receiving: receive.count, operation: call.operation)
    {
      throw fail(error)
    }
    var offset = 0
    for peer in 0..<size {
      exchange.counts[peer] = counts[peer]
      exchange.offsets[peer] = offset
      offset += counts[peer]
    }
    receive.copyContribution(bytes, at: exchange.offsets[rank])
    exchange.total = offset
    exchange.buffer = receive.baseAddress
    exchange.own = bytes.baseAddress
    exchange.begin(call, fingerprint: call.fingerprint(root: 0, counts: counts), rank: rank)
    try perform()
  }

  package func broadcast(bytes: UnsafeMutableRawBufferPointer, root: Int, as call: CollectiveCall) throws {
    try begin()
    if let error = argumentError(root: root) { throw fail(error) }
    startBroadcast(bytes, root: root)
    exchange.begin(call, fingerprint: call.fingerprint(root: root, bytes: bytes.count), rank: rank)
    try perform()
  }

  package func barrier() throws {
    try begin()
    startBroadcast(UnsafeMutableRawBufferPointer(start: nil, count: 0), root: 0)
    let call = CollectiveCall(.barrier)
    exchange.begin(call, fingerprint: call.fingerprint(root: 0, bytes: 0), rank: rank)
    try perform()
  }

  private func startBroadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int) {
    for peer in 0..<size {
      exchange.counts[peer] = peer == root ? bytes.count : 0
      exchange.offsets[peer] = 0
    }
    exchange.total = bytes.count
    exchange.buffer = bytes.baseAddress
    exchange.own = UnsafeRawPointer(bytes.baseAddress)
  }

  package func abort(_ message: String) {
    guard failure == nil, !hasLeft else { return }
    _ = fail(CommunicationError(.abortedByPeer, exchange.call.operation, rank: rank, peer: rank, message))
  }

  package func finalize() { leave() }

  private func begin() throws {
    if let failure { throw failure }
  }

  private func perform() throws {
    guard size > 1 else { return }
    lock.lock()
    defer {
      lock.unlock()
      exchange.buffer = nil
      exchange.own = nil
    }
    do {
      try run()
    } catch let stop as Stop {
      throw announce(stop)
    }
  }
}

// Failure and farewell.
extension SocketCommunicator {
  // Why a collective ends early, and who knows already.
  private struct Stop: Error {
    var error: CommunicationError
    // Words of another rank to be passed on as they are.
    var relay: [UInt8]?
    var source: Int?
  }

  // Breaks the group for everybody; for failures outside of an exchange.
  private func fail(_ error: CommunicationError) -> CommunicationError {
    lock.lock()
    defer { lock.unlock() }
    return announce(Stop(error: error))
  }

  // Remembers the failure and tells the others, within half a second.
  private func announce(_ stop: Stop) -> CommunicationError {
    failure = stop.error
    let words = stop.relay ?? FailureText.encode(stop.error)
    words.withUnsafeBytes { words in
      var frame = SocketFrame(kind: .failure)
      frame.length = UInt32(words.count)
      frame.payloadChecksum = cobre_crc32c(0, words.baseAddress, words.count)
      for link in links where link.peer != stop.source && link.state == .open {
        link.enqueue(frame, payload: words.baseAddress)
      }
      flushAll(within: 500_000_000)
      // What is left in the queues points into memory of this call.
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

  private func leave() {
    guard !hasLeft else { return }
    hasLeft = true
    pulse.stop()
    lock.lock()
    defer { lock.unlock() }
    if failure == nil {
      failure = CommunicationError(
        .abortedByPeer, .barrier, rank: rank, peer: rank, "This rank has left the group; no call may follow.")
      for link in links where link.state == .open { link.enqueue(SocketFrame(kind: .leave), payload: nil) }
      flushAll(within: 1_000_000_000)
    }
    for link in links { shutdown(link.descriptor, Int32(SHUT_WR)) }
    // Closing with unread bytes resets the connection and may take the last message from the peer: so everything sent
    // must have arrived and everything that came must be read.
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

// One exchange.
extension SocketCommunicator {
  private var isHub: Bool { rank == 0 }

  private func run() throws {
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
    if isHub, size > 2 {
      if exchange.total > Self.mostInOneMessage {
        for peer in 0..<size where exchange.forwarded[peer] < exchange.counts[peer] { return false }
      }
      return true
    }
    return exchange.ownSent >= max(exchange.counts[rank], 1)
  }

  private var isReleased: Bool { exchange.isReleased }

  // True while the exchange wants more from this connection.
  private func needs(_ index: Int) -> Bool {
    if inputs[index].frame != nil || inputs[index].isHungUp { return true }
    let peer = links[index].peer
    if !exchange.heard[peer] { return true }
    if isHub || size == 2 { return exchange.received[peer] < exchange.counts[peer] }
    for source in 0..<size where exchange.received[source] < exchange.counts[source] { return true }
    return false
  }

  // Queues pieces of this rank's contribution, at least one frame, towards the only other end; true where it did.
  private func sendOwn() -> Bool {
    guard !(isHub && size > 2), let link = links.first else { return false }
    let count = exchange.counts[rank]
    let before = exchange.ownSent
    while exchange.ownSent < max(count, 1), link.queuedFrames < Self.mostQueued {
      let length = min(count - exchange.ownSent, SocketFrame.mostPayload)
      queue(
        on: link, source: rank, from: exchange.own.map { $0 + exchange.ownSent }, at: exchange.ownSent, length: length)
      exchange.ownSent += max(length, 1)
    }
    let sent = link.flush()
    return sent || exchange.ownSent != before
  }

  private func queue(
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
    if exchange.total <= Self.mostInOneMessage {
      guard !exchange.isReleased else { return false }
      for peer in 0..<size where exchange.received[peer] < exchange.counts[peer] { return false }
      exchange.isReleased = true
      var frame = exchange.frame(source: SocketFrame.everyone, total: exchange.total)
      frame.length = UInt32(exchange.total)
      if exchange.total > 0 { frame.payloadChecksum = cobre_crc32c(0, exchange.buffer, exchange.total) }
      for link in links { link.enqueue(frame, payload: UnsafeRawPointer(exchange.buffer)) }
      return true
    }
    var queued = false
    if !exchange.isReleased {
      exchange.isReleased = true
      queued = true
      for link in links where exchange.total == exchange.counts[link.peer] {
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
        guard links.contains(where: { $0.peer != source && $0.queuedFrames < Self.mostQueued }) else { return queued }
        queued = true
        let start = exchange.forwarded[source]
        let length = min(exchange.received[source] - start, SocketFrame.mostPayload)
        let payload = UnsafeRawPointer(buffer + exchange.offsets[source] + start)
        let frame = frame(source: source, payload: payload, at: start, length: length)
        for link in links where link.peer != source { link.enqueue(frame, payload: payload) }
        exchange.forwarded[source] += length
      }
    }
    return queued
  }

  // Takes what has come on a connection; true where something had.
  private func drain(_ index: Int) throws -> Bool {
    var moved = false
    let link = links[index]
    while needs(index) {
      if inputs[index].frame == nil {
        guard let frame = link.nextFrame() else { break }
        try check(frame, from: link)
        inputs[index].frame = frame
        inputs[index].taken = 0
      }
      guard let frame = inputs[index].frame else { break }
      let length = Int(frame.length)
      if length > 0, let target = target(of: frame) {
        inputs[index].taken += link.receive(into: target + inputs[index].taken, length: length - inputs[index].taken)
        guard inputs[index].taken == length else { break }
        guard cobre_crc32c(0, target, length) == frame.payloadChecksum else {
          throw Stop(error: broken(link, .corruptData, "the checksum of a message from \(link.peerName) is wrong"))
        }
      }
      inputs[index].frame = nil
      moved = true
      try complete(frame, from: link)
    }
    switch link.state {
    case .open: break
    case .corrupt(let reason): throw Stop(error: broken(link, .corruptData, reason))
    case .closed(let reason) where needs(index):
      let words = link.hasLeft ? "\(link.peerName) has left the group" : "the connection to \(link.peerName) \(reason)"
      throw Stop(error: broken(link, .peerDied, words))
    case .closed: break
    }
    return moved
  }

  private func check(_ frame: SocketFrame, from link: SocketConnection) throws {
    func refuse(_ reason: String) -> Stop {
      Stop(error: broken(link, .corruptData, "\(link.peerName) sent \(reason)"))
    }
    switch frame.kind {
    case .pulse, .leave:
      guard frame.length == 0 else { throw refuse("a message of a wrong length") }
    case .start: throw refuse("a greeting in the middle of a run")
    case .failure:
      guard Int(frame.length) <= words.count else { throw refuse("a message that is too long") }
    case .data:
      guard exchange.agrees(frame) else {
        let own = exchange.statement(of: rank)
        let error =
          isHub
          ? CallStatement.mismatch(own, of: 0, frame.statement, of: link.peer, reportedBy: rank)
          : CallStatement.mismatch(frame.statement, of: link.peer, own, of: rank, reportedBy: rank)
        throw Stop(error: error)
      }
      if frame.source == SocketFrame.everyone {
        guard !isHub, size > 2, Int(frame.length) == exchange.total, frame.offset == 0 else {
          throw refuse("a message for all ranks that is none")
        }
        return
      }
      let source = Int(frame.source)
      guard source < size, source != rank, isHub || size == 2 ? source == link.peer : true,
        frame.offset == UInt64(exchange.received[source]),
        Int(frame.length) <= exchange.counts[source] - exchange.received[source]
      else { throw refuse("a piece of payload that is not due") }
    }
  }

  private func target(of frame: SocketFrame) -> UnsafeMutableRawPointer? {
    switch frame.kind {
    case .failure: return words.baseAddress
    case .data where frame.source == SocketFrame.everyone: return exchange.buffer
    case .data:
      let source = Int(frame.source)
      return exchange.buffer.map { $0 + exchange.offsets[source] + exchange.received[source] }
    default: return nil
    }
  }

  private func complete(_ frame: SocketFrame, from link: SocketConnection) throws {
    switch frame.kind {
    case .pulse, .start: break
    case .leave: link.hasLeft = true
    case .failure:
      let text = UnsafeRawBufferPointer(rebasing: words[..<Int(frame.length)])
      throw Stop(error: FailureText.decode(text, to: rank), relay: Array(text), source: link.peer)
    case .data:
      exchange.hear(link.peer)
      if frame.source == SocketFrame.everyone {
        for source in 0..<size { exchange.received[source] = exchange.counts[source] }
      } else {
        exchange.received[Int(frame.source)] += Int(frame.length)
      }
    }
  }

  private func broken(_ link: SocketConnection, _ code: CommunicationError.Code, _ what: String) -> CommunicationError {
    let sentence = what.prefix(1).uppercased() + what.dropFirst()
    return CommunicationError(
      code, exchange.call.operation, rank: rank, peer: link.peer, "\(sentence); its log says why.")
  }

  // Sleeps until something can be read or sent; gives and watches for signs of life.
  private func sleep() throws {
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

  private func wait(milliseconds: Int32) {
    withUnsafeTemporaryAllocation(of: pollfd.self, capacity: links.count) { polls in
      var count = 0
      // Before rank 0 has released the ranks, none of them may go.
      let watchesAll = isHub && size > 2 && !isReleased
      for index in links.indices where links[index].state == .open {
        var events: Int32 = watchesAll ? hangUpEvent : 0
        if needs(index) { events |= Int32(POLLIN) }
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
