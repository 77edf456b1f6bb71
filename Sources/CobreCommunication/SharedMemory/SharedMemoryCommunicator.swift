internal import CobrePlatformShim

/// Processes of one host that exchange data through one shared memory segment.
///
/// A collective is one or more rounds (``SharedSegmentLayout``): a rank writes its piece, posts the round in its slot,
/// and reads the pieces of the others as they post. The fast path makes no system call. Large payloads are copied once,
/// from the memory of one process into another's, if the system allows it (`+Direct`).
package final class SharedMemoryCommunicator: Communicator {
  package let rank: Int
  package let size: Int
  package let backend = Backend.shm

  let mapping: SharedMapping
  let layout: SharedSegmentLayout
  let options: CommunicatorOptions
  var waiter: SharedWaiter
  // Number of the current round and of the current call. The same on all ranks as long as they agree.
  var round: UInt32 = 0
  var call: UInt64 = 0
  /// Ranks may read each other's memory.
  ///
  /// The same on all ranks.
  package internal(set) var readsDirectly = false
  // Read by others to find out whether they can read this memory. Its value is in this rank's identity.
  let secret = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
  private var failure: CommunicationError?
  private var hasLeft = false

  init(rank: Int, mapping: SharedMapping, layout: SharedSegmentLayout, options: CommunicatorOptions) {
    self.rank = rank
    size = layout.ranks
    self.mapping = mapping
    self.layout = layout
    self.options = options
    waiter = SharedWaiter(mapping: mapping, layout: layout, rank: rank, options: options)
    secret.initialize(to: 0)
  }

  deinit {
    leave()
    secret.deallocate()
  }

  package func allgatherv(
    bytes: UnsafeRawBufferPointer, counts: [Int], into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall
  ) throws {
    try begin(call.operation)
    if let error = argumentError(
      sending: bytes.count, counts: counts, receiving: receive.count, operation: call.operation)
    {
      throw fail(error)
    }
    let fingerprint = call.fingerprint(root: 0, counts: counts)
    var largest = 0
    for count in counts where count > largest { largest = count }
    if readsDirectly, largest >= Self.smallestDirect {
      return try gatherDirectly(bytes, counts, into: receive, call, fingerprint)
    }
    var start = 0
    repeat {
      let mine = min(max(bytes.count - start, 0), layout.pieceBytes)
      post(
        call, fingerprint, from: mine > 0 ? bytes.baseAddress.map { $0 + start } : nil, byteCount: mine, of: bytes.count
      )
      var offset = 0
      if start == 0 {
        for peer in 0..<rank { offset += counts[peer] }
        receive.copyContribution(bytes, at: offset)
        offset = 0
      }
      for peer in 0..<size {
        defer { offset &+= counts[peer] }
        guard peer != rank else { continue }
        try awaitPost(peer, call.operation)
        if start == 0, !agrees(peer, fingerprint) { throw try mismatch() }
        let length = min(max(counts[peer] - start, 0), layout.pieceBytes)
        if length > 0, let target = receive.baseAddress {
          (target + offset + start).copyMemory(from: contribution(of: peer, byteCount: length), byteCount: length)
        }
      }
      start += layout.pieceBytes
    } while start < largest
  }

  package func broadcast(bytes: UnsafeMutableRawBufferPointer, root: Int, as call: CollectiveCall) throws {
    try begin(call.operation)
    if let error = argumentError(root: root) { throw fail(error) }
    let fingerprint = call.fingerprint(root: root, bytes: bytes.count)
    if readsDirectly, bytes.count >= Self.smallestDirect {
      return try broadcastDirectly(bytes, root: root, call, fingerprint)
    }
    var start = 0
    repeat {
      let length = min(bytes.count - start, layout.pieceBytes)
      let mine = rank == root ? length : 0
      post(
        call, fingerprint, from: mine > 0 ? bytes.baseAddress.map { UnsafeRawPointer($0 + start) } : nil,
        byteCount: mine,
        of: bytes.count)
      // The root waits too: no rank may run ahead by more than one round.
      for peer in 0..<size where peer != rank {
        try awaitPost(peer, call.operation)
        if start == 0, !agrees(peer, fingerprint) { throw try mismatch() }
        if peer == root, length > 0, let target = bytes.baseAddress {
          (target + start).copyMemory(from: contribution(of: root, byteCount: length), byteCount: length)
        }
      }
      start += layout.pieceBytes
    } while start < bytes.count
  }

  package func barrier() throws {
    try begin(.barrier)
    let call = CollectiveCall(.barrier)
    let fingerprint = call.fingerprint(root: 0, bytes: 0)
    post(call, fingerprint, from: nil, byteCount: 0, of: 0)
    for peer in 0..<size where peer != rank {
      try awaitPost(peer, .barrier)
      if !agrees(peer, fingerprint) { throw try mismatch() }
    }
  }

  package func abort(_ message: String) {
    guard failure == nil, !hasLeft else { return }
    _ = fail(CommunicationError(.abortedByPeer, .barrier, rank: rank, peer: rank, message))
  }

  package func finalize() { leave() }

  private func leave() {
    guard !hasLeft else { return }
    hasLeft = true
    failure =
      failure ?? CommunicationError(.abortedByPeer, .barrier, rank: rank, peer: rank, "This rank has left the group.")
    mapping.release(layout.identity(rank) + SharedSegmentLayout.stateOffset, SharedRankState.left)
    // Wake all waiting ranks so that they notice at once that this rank has left.
    mapping.add(SharedSegmentLayout.doorbellOffset, 1)
    mapping.wakeAll(SharedSegmentLayout.doorbellOffset)
  }

  private func begin(_ operation: CollectiveCall.Operation) throws {
    if let failure { throw failure }
    if mapping.isAborted, let error = mapping.abortError(rank: rank) {
      failure = error
      throw error
    }
    call &+= 1
  }

  // Breaks the group for all ranks.
  func fail(_ error: CommunicationError) -> CommunicationError {
    if failure == nil {
      failure = error
      mapping.recordAbort(error)
    }
    return error
  }
}

// The round protocol.
extension SharedMemoryCommunicator {
  private typealias Layout = SharedSegmentLayout

  @inline(__always)
  func post(
    _ what: CollectiveCall, _ fingerprint: UInt64, from source: UnsafeRawPointer?, byteCount: Int, of total: Int
  ) {
    round &+= 1
    let slot = layout.slot(rank, round: round)
    if byteCount > 0, let source {
      let target = byteCount <= Layout.inlineBytes ? slot + Layout.inlineOffset : layout.piece(rank, round: round)
      (mapping.base + target).copyMemory(from: source, byteCount: byteCount)
    }
    mapping.write(slot + Layout.operationOffset, UInt16(what.operation.rawValue))
    mapping.write(slot + Layout.widthOffset, what.elementWidth)
    mapping.write(slot + Layout.fingerprintOffset, fingerprint)
    mapping.write(slot + Layout.bytesOffset, UInt64(total))
    mapping.write(slot + Layout.callOffset, call)
    mapping.release(slot + Layout.roundOffset, round)
    waiter.announce(round)
  }

  @inline(__always)
  func awaitPost(_ peer: Int, _ operation: CollectiveCall.Operation) throws {
    if mapping.acquire(layout.slot(peer, round: round) + Layout.roundOffset) == round { return }
    if let error = waiter.wait(for: peer, round: round, operation: operation) {
      if mapping.isAborted {
        failure = error
        throw error
      }
      throw fail(error)
    }
  }

  @inline(__always)
  func agrees(_ peer: Int, _ fingerprint: UInt64) -> Bool {
    let slot = layout.slot(peer, round: round)
    return mapping.read(slot + Layout.fingerprintOffset, as: UInt64.self) == fingerprint
      && mapping.read(slot + Layout.callOffset, as: UInt64.self) == call
  }

  @inline(__always)
  func contribution(of peer: Int, byteCount: Int) -> UnsafeRawPointer {
    let offset =
      byteCount <= Layout.inlineBytes
      ? layout.slot(peer, round: round) + Layout.inlineOffset : layout.piece(peer, round: round)
    return UnsafeRawPointer(mapping.base + offset)
  }

  // Every rank sees the slots of all others, so all report the same: the first rank that differs from rank 0.
  func mismatch() throws -> CommunicationError {
    for peer in 0..<size where peer != rank { try awaitPost(peer, .barrier) }
    let reference = said(by: 0)
    for peer in 1..<size {
      let other = said(by: peer)
      guard other != reference else { continue }
      let error = CallStatement.mismatch(reference, of: 0, other, of: peer, reportedBy: rank)
      failure = error
      mapping.recordAbort(error)
      return error
    }
    return fail(CommunicationError(.corruptData, .barrier, rank: rank, "The shared segment was overwritten."))
  }

  private func said(by peer: Int) -> CallStatement {
    let slot = layout.slot(peer, round: round)
    return CallStatement(
      operation: mapping.read(slot + Layout.operationOffset, as: UInt16.self),
      elementWidth: mapping.read(slot + Layout.widthOffset, as: UInt16.self),
      fingerprint: mapping.read(slot + Layout.fingerprintOffset, as: UInt64.self),
      bytes: mapping.read(slot + Layout.bytesOffset, as: UInt64.self),
      call: mapping.read(slot + Layout.callOffset, as: UInt64.self))
  }
}
