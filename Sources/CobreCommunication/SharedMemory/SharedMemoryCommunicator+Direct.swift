internal import CobrePlatformShim
internal import Glibc

/// Large payloads: every rank posts the address of its contribution, and the others read it there.
///
/// One copy instead of two. A second round confirms that all have read. Until then no rank may change its contribution.
extension SharedMemoryCommunicator {
  private typealias Layout = SharedSegmentLayout

  /// The direct path is used if the largest contribution has this size or more.
  ///
  /// Below it, two copies that stay in the cache are faster.
  static let smallestDirect = 16 << 10
  /// How much of one contribution ranks copy before they turn to the next: much less than the cache that they share.
  static let directPiece = 1 << 20
  /// From this size of the largest contribution on they are more than the caches hold: each is copied whole, past them.
  static let smallestStreamed = 8 << 20

  /// Writes the word that the others read to find out whether they can read this rank's memory.
  ///
  /// Called before this rank counts as attached.
  func publishSecret() throws {
    var bytes: UInt64 = 0
    let status = withUnsafeMutableBytes(of: &bytes) { cobre_random_bytes($0.baseAddress, $0.count) }
    guard status == 0 else {
      throw CommunicationError(
        .system, .connect, rank: rank, "No random bytes can be had: \(SystemError.text(status)).")
    }
    secret.pointee = bytes
    let identity = layout.identity(rank)
    mapping.write(identity + Layout.secretAddressOffset, UInt64(UInt(bitPattern: secret)))
    mapping.write(identity + Layout.secretOffset, bytes)
  }

  /// Finds out whether all ranks can read the memory of all others.
  ///
  /// This is a collective call.
  ///
  /// The kernel may forbid it (Yama, a container's filter). The secret word shows whether a process number means the
  /// same process to all ranks.
  func agreeOnReading() throws {
    guard size > 1 else { return }
    let verdict: [UInt8] = [options.readsDirectly && canReadAll() ? 1 : 0]
    var verdicts = [UInt8](repeating: 0, count: size)
    try allgatherv(verdict, counts: [Int](repeating: 1, count: size), into: &verdicts)
    readsDirectly = verdicts.allSatisfy { $0 == 1 }
    // This was no call of the user's.
    call = 0
  }

  private func canReadAll() -> Bool {
    for peer in 0..<size where peer != rank {
      let identity = layout.identity(peer)
      let address = mapping.read(identity + Layout.secretAddressOffset, as: UInt64.self)
      var word: UInt64 = 0
      let status = withUnsafeMutableBytes(of: &word) {
        cobre_read_process(pid(of: peer), address, $0.baseAddress, $0.count)
      }
      guard status == 0, word == mapping.read(identity + Layout.secretOffset, as: UInt64.self) else { return false }
    }
    return true
  }

  private func pid(of peer: Int) -> Int32 { mapping.read(layout.identity(peer) + Layout.pidOffset, as: Int32.self) }

  func gatherDirectly(
    _ bytes: UnsafeRawBufferPointer, _ counts: [Int], into receive: UnsafeMutableRawBufferPointer,
    _ call: CollectiveCall, _ fingerprint: UInt64
  ) throws {
    postAddress(of: bytes.baseAddress, call, fingerprint, total: bytes.count)
    var mine = 0
    for peer in 0..<rank { mine += counts[peer] }
    let largest = counts.max() ?? 0
    let isStreamed = largest >= Self.smallestStreamed
    let piece = isStreamed ? largest : Self.directPiece
    var start = 0
    // All ranks go through the contributions in step, so that the others find in the cache what one rank has just
    // copied.
    repeat {
      let own = min(bytes.count - start, piece)
      if own > 0 {
        let part = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + own)])
        if isStreamed {
          receive.streamContribution(part, at: mine)
        } else {
          receive.copyContribution(part, at: mine + start)
        }
      }
      // Every rank begins with its neighbour, so that they do not all read from the same rank at once.
      var offset = mine
      for step in 1..<size {
        offset += counts[(rank + step - 1) % size]
        let peer = (rank + step) % size
        if peer == 0 { offset = 0 }
        if start == 0 {
          try awaitPost(peer, call.operation)
          if !agrees(peer, fingerprint) { throw try mismatch() }
        }
        let length = min(counts[peer] - start, piece)
        guard length > 0, let target = receive.baseAddress else { continue }
        try read(from: peer, at: start, into: target + offset + start, byteCount: length, call.operation)
      }
      start += piece
    } while start < largest
    try awaitReaders(call, fingerprint)
  }

  func broadcastDirectly(
    _ bytes: UnsafeMutableRawBufferPointer, root: Int, _ call: CollectiveCall, _ fingerprint: UInt64
  ) throws {
    postAddress(of: UnsafeRawPointer(bytes.baseAddress), call, fingerprint, total: bytes.count)
    for peer in 0..<size where peer != rank {
      try awaitPost(peer, call.operation)
      if !agrees(peer, fingerprint) { throw try mismatch() }
      if peer == root, let target = bytes.baseAddress {
        try read(from: root, at: 0, into: target, byteCount: bytes.count, call.operation)
      }
    }
    try awaitReaders(call, fingerprint)
  }

  private func postAddress(
    of bytes: UnsafeRawPointer?, _ call: CollectiveCall, _ fingerprint: UInt64, total: Int
  ) {
    let address = UInt64(UInt(bitPattern: bytes))
    withUnsafeBytes(of: address) {
      post(call, fingerprint, from: $0.baseAddress, byteCount: $0.count, of: total)
    }
  }

  private func read(
    from peer: Int, at start: Int, into target: UnsafeMutableRawPointer, byteCount: Int,
    _ operation: CollectiveCall.Operation
  ) throws {
    let address = contribution(of: peer, byteCount: 8).loadUnaligned(as: UInt64.self) + UInt64(start)
    let status = cobre_read_process(pid(of: peer), address, target, byteCount)
    guard status != 0 else { return }
    let name = "Rank \(peer) (pid \(pid(of: peer)))"
    let hasEnded = status == ESRCH || ProcessLife(pid: pid(of: peer))?.hasEnded ?? true
    if let error = mapping.abortError(rank: rank) { throw fail(error) }
    throw fail(
      hasEnded
        ? CommunicationError(
          .peerDied, operation, rank: rank, peer: peer,
          "\(name) has ended while others wait for it; its log or the kernel's (out of memory?) says why.")
        : CommunicationError(
          .system, operation, rank: rank, peer: peer,
          "The contribution of \(name) cannot be read: \(SystemError.text(status)). Set "
            + "\(CommunicationVariable.sharedMemoryDirect)=0 to do without."))
  }

  // No rank continues before all have read. From then on the contribution belongs to its caller again.
  private func awaitReaders(_ call: CollectiveCall, _ fingerprint: UInt64) throws {
    post(call, fingerprint, from: nil, byteCount: 0, of: 0)
    for peer in 0..<size where peer != rank { try awaitPost(peer, call.operation) }
    // A rank that gave up on the group may have freed its contribution while this rank was reading it.
    if let error = mapping.abortError(rank: rank) { throw fail(error) }
  }
}
