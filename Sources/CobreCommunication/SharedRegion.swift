/// Memory that the ranks of one host share, or a copy per rank where they cannot.
///
/// One rank of every host leads: it fills the region, all call ``fence()``, then everyone reads. No rank writes
/// afterwards. It is released with the last reference. For regions over MPI the communicator must still exist then.
package final class SharedRegion {
  /// Where the bytes are in this process.
  package let bytes: UnsafeMutableRawBufferPointer
  /// True on the one rank per host that fills the region (on every rank if nothing is shared).
  package let isLeader: Bool
  /// True if the ranks of this host see the same memory.
  package let isShared: Bool
  private let fenceBody: () throws -> Void
  private let releaseBody: () -> Void

  package init(
    bytes: UnsafeMutableRawBufferPointer, isLeader: Bool, isShared: Bool, fence: @escaping () throws -> Void,
    release: @escaping () -> Void
  ) {
    self.bytes = bytes
    self.isLeader = isLeader
    self.isShared = isShared
    fenceBody = fence
    releaseBody = release
  }

  deinit { releaseBody() }

  /// Makes what the leader has written visible to all.
  ///
  /// This is a collective call.
  package func fence() throws { try fenceBody() }

  /// Fills the region on its leaders and returns when every rank can read it.
  ///
  /// This is a collective call.
  ///
  /// - Parameter body: called with the memory where this rank leads.
  /// - Throws: what `body` throws, then ``CommunicationError`` on the other ranks.
  package func fill(_ body: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    if isLeader { try body(bytes) }
    try fence()
  }
}

/// A communicator whose ranks can share memory where they are on one host.
package protocol SharedRegionProvider: Communicator {
  /// Makes a region with the given number of bytes, the same on every rank.
  ///
  /// This is a collective call.
  ///
  /// The memory is zero at first. If sharing is impossible, every rank gets its own memory.
  func makeRegion(byteCount: Int) throws -> SharedRegion
}

extension SharedRegion {
  /// Memory of this process alone.
  package static func onHeap(byteCount: Int, fence: @escaping () throws -> Void) -> SharedRegion {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(byteCount, 1), alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    return SharedRegion(
      bytes: UnsafeMutableRawBufferPointer(start: bytes.baseAddress, count: byteCount), isLeader: true, isShared: false,
      fence: fence, release: { bytes.deallocate() })
  }
}

extension Communicator {
  /// The error for a region of a size that makes no sense.
  package func regionSizeError(_ byteCount: Int) -> CommunicationError? {
    guard byteCount < 0 || byteCount > 1 << 46 else { return nil }
    return CommunicationError(
      .invalidArgument, .sharedRegion, rank: rank, "A region of \(byteCount) bytes cannot be made.")
  }
}

extension LocalCommunicator: SharedRegionProvider {
  package func makeRegion(byteCount: Int) throws -> SharedRegion {
    if let error = regionSizeError(byteCount) { throw error }
    return SharedRegion.onHeap(byteCount: byteCount) { [self] in try barrier() }
  }
}

extension SocketCommunicator: SharedRegionProvider {
  package func makeRegion(byteCount: Int) throws -> SharedRegion {
    if let error = regionSizeError(byteCount) { throw error }
    return SharedRegion.onHeap(byteCount: byteCount) { [self] in try barrier() }
  }
}
