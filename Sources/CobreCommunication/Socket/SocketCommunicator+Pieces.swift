internal import CobrePlatformShim

/// How pieces of payload get into the queues of connections.
extension SocketCommunicator {
  /// Queues a piece of what one rank contributes, out of the caller's memory, and sends what the system takes.
  ///
  /// - Parameters:
  ///   - link: the connection it goes to.
  ///   - source: the rank that contributes it.
  ///   - payload: the piece, which must stay until it is sent.
  ///   - offset: where in the contribution it begins.
  ///   - length: its bytes.
  ///   - copy: where to copy it as well.
  func queue(
    on link: SocketConnection, source: Int, from payload: UnsafeRawPointer?, at offset: Int, length: Int,
    copyingTo copy: UnsafeMutableRawPointer? = nil
  ) {
    var frame = frame(source: source, at: offset, length: length)
    if length > 0, let payload {
      frame.describe(
        payload, checksum: copy.map { cobre_crc32c_copy($0, payload, length) }, isProved: link.isProved)
    }
    link.enqueue(frame, payload: payload)
    link.flush()
  }

  /// Queues a piece on connections that send more than they receive meanwhile.
  ///
  /// There this side has more to do than the other, so it lends free pages to ranks of its host, which saves it a copy.
  /// If as much data flows back, lending saves no time: both sides copy equally, and the extra pages evict the cache.
  ///
  /// - Parameters:
  ///   - source: the rank that contributes it, which does not get it.
  ///   - payload: the piece, which must stay until it is sent.
  ///   - offset: where in the contribution it begins.
  ///   - length: its bytes.
  ///   - targets: indices of the connections, all of the star.
  /// - Throws: `Stop` if a connection broke or sent something wrong.
  func queueOneWay(
    source: Int, from payload: UnsafeRawPointer, at offset: Int, length: Int, on targets: Range<Int>
  ) throws {
    var frame = frame(source: source, at: offset, length: length)
    let lent = try pagesToLend(length, to: targets, butTo: source)
    // One digest serves them all. Each gets its own proof of the header.
    frame.describe(
      payload, checksum: lent.map { cobre_crc32c_copy($0.pages.payload($0.slot), payload, length) },
      isProved: isProved)
    for index in targets where links[index].peer != source {
      if let lent, takesPages(index) {
        links[index].enqueue(frame, slot: lent.slot, of: lent.pages, lane: index)
      } else {
        links[index].enqueue(frame, payload: payload)
      }
      links[index].flush()
    }
  }

  private func frame(source: Int, at offset: Int, length: Int) -> SocketFrame {
    var frame = exchange.frame(source: UInt32(source), total: exchange.counts[source])
    frame.length = UInt32(length)
    frame.offset = UInt64(offset)
    return frame
  }

  private func takesPages(_ index: Int) -> Bool { links[index].isOnThisHost && index < SocketPages.mostLanes }

  // A free slot for a piece, or nil if it is sent from the caller's memory.
  private func pagesToLend(
    _ length: Int, to targets: Range<Int>, butTo source: Int
  ) throws -> (pages: SocketPages, slot: Int)? {
    guard length >= SocketPages.leastBytes, length <= SocketPages.slotBytes, !exchange.usesRing,
      targets.contains(where: { links[$0].peer != source && takesPages($0) })
    else { return nil }
    if case .untried = lending { lending = SocketPages().map { .pages($0) } ?? .impossible }
    guard case .pages(let pages) = lending else { return nil }
    if let slot = pages.freeSlot { return (pages, slot) }
    // A rank that still has to get this piece is in this call, so what it sends belongs to this call.
    for index in targets where links[index].isLending { try drain(index, forReceipts: true) }
    return pages.freeSlot.map { (pages, $0) }
  }
}
