internal import CobrePlatformShim
internal import Glibc

/// Receiving from the others.
extension SocketCommunicator {
  /// Takes what has arrived on a connection.
  ///
  /// - Parameters:
  ///   - index: index of the connection.
  ///   - forReceipts: reads also if nothing is needed and the connection is not watched.
  /// - Returns: whether something had arrived.
  /// - Throws: `Stop` if the connection broke or sent something wrong.
  @discardableResult
  func drain(_ index: Int, forReceipts: Bool = false) throws -> Bool {
    var moved = false
    let link = links[index]
    let isLarge = exchange.total > SocketConnection.stagingBytes / 2
    while needs(index) || isWatched(index) || forReceipts {
      if inputs[index].frame == nil {
        let readingAhead = isLarge ? 0 : SocketConnection.stagingBytes
        guard let frame = inputs[index].held ?? link.nextFrame(readingAhead: readingAhead) else { break }
        inputs[index].held = nil
        if frame.kind == .data, frame.call > exchange.number, !needs(index) {
          inputs[index].held = frame
          break
        }
        try check(frame, from: index)
        inputs[index].frame = frame
        inputs[index].taken = 0
        inputs[index].checksum = 0
      }
      guard let frame = inputs[index].frame else { break }
      let length = Int(frame.length)
      if length > 0, let target = target(of: frame) {
        take(into: target, length: length, index)
        guard inputs[index].taken == length else { break }
        guard inputs[index].checksum == frame.payloadChecksum else {
          throw Stop(error: broken(link, .corruptData, "the checksum of a message from \(link.peerName) is wrong"))
        }
        guard !link.isProved || inputs[index].digest.end() == frame.payloadDigest else {
          throw Stop(error: broken(link, .corruptData, "what \(link.peerName) has sent was changed on its way"))
        }
      }
      inputs[index].frame = nil
      moved = true
      link.takeReceipt(beforeCall: frame.call)
      try complete(frame, from: index)
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

  // Takes payload that is there, and adds it to the checksum while it is in the cache.
  private func take(into target: UnsafeMutableRawPointer, length: Int, _ index: Int) {
    while inputs[index].taken < length {
      let place = target + inputs[index].taken
      let got = links[index].receive(into: place, length: length - inputs[index].taken)
      guard got > 0 else { return }
      inputs[index].checksum = cobre_crc32c(inputs[index].checksum, place, got)
      if links[index].isProved { inputs[index].digest.add(place, got) }
      inputs[index].taken += got
    }
  }

  private func check(_ frame: SocketFrame, from index: Int) throws {
    let link = links[index]
    func refuse(_ reason: String) -> Stop {
      Stop(error: broken(link, .corruptData, "\(link.peerName) sent \(reason)"))
    }
    switch frame.kind {
    case .heartbeat, .leave, .waiting, .receipt:
      guard frame.length == 0 else { throw refuse("a message of a wrong length") }
      // Ignores `waiting` frames for earlier calls, which are stale.
      if frame.kind == .waiting, frame.call >= exchange.number { try compare(frame, with: link.peer) }
    case .start: throw refuse("a greeting in the middle of a run")
    case .failure:
      guard Int(frame.length) <= words.count else { throw refuse("a message that is too long") }
    case .data:
      try compare(frame, with: link.peer)
      if frame.source == SocketFrame.everyone {
        guard !isHub, size > 2, index < starCount, Int(frame.length) == exchange.total, frame.offset == 0 else {
          throw refuse("a message for all ranks that is none")
        }
        return
      }
      let source = Int(frame.source)
      let mayPassOn = index == previousIndex || (!isHub && size > 2 && index != nextIndex)
      guard source < size, source != rank, mayPassOn || source == link.peer,
        !exchange.usesRing || index == previousIndex || frame.length == 0,
        frame.offset == UInt64(exchange.received[source]),
        Int(frame.length) <= exchange.counts[source] - exchange.received[source]
      else { throw refuse("a piece of payload that is not due") }
    }
  }

  private func compare(_ frame: SocketFrame, with peer: Int) throws {
    guard !exchange.agrees(frame) else { return }
    let own = exchange.statement(of: rank)
    throw Stop(
      error: isHub
        ? CallStatement.mismatch(own, of: 0, frame.statement, of: peer, reportedBy: rank)
        : CallStatement.mismatch(frame.statement, of: peer, own, of: rank, reportedBy: rank))
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

  private func complete(_ frame: SocketFrame, from index: Int) throws {
    let link = links[index]
    switch frame.kind {
    case .heartbeat, .start, .waiting: break
    case .receipt: link.takeReceipt(before: frame.offset)
    case .leave: link.hasLeft = true
    case .failure:
      let text = UnsafeRawBufferPointer(rebasing: words[..<Int(frame.length)])
      throw Stop(error: FailureText.decode(text, to: rank), relay: Array(text), source: link.peer)
    case .data:
      if index < starCount { exchange.hear(link.peer) }
      if frame.source == SocketFrame.everyone {
        for source in 0..<size { exchange.received[source] = exchange.counts[source] }
      } else {
        exchange.received[Int(frame.source)] += Int(frame.length)
      }
      guard frame.asksForReceipt else { return }
      var receipt = SocketFrame(kind: .receipt)
      receipt.offset = frame.sequence + 1
      link.enqueue(receipt, payload: nil)
      link.flush()
    }
  }

  private func broken(
    _ link: SocketConnection, _ code: CommunicationError.Code, _ what: String
  ) -> CommunicationError {
    let sentence = what.prefix(1).uppercased() + what.dropFirst()
    return CommunicationError(
      code, exchange.call.operation, rank: rank, peer: link.peer, "\(sentence); its log says why.")
  }
}
