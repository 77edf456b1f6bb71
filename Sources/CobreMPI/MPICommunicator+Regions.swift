package import CobreCommunication
internal import CobreMPIShim
internal import Glibc

/// Regions by MPI_Win_allocate_shared, one per host.
extension MPICommunicator: SharedRegionProvider {
  package func makeRegion(byteCount: Int) throws -> SharedRegion {
    if let error = regionSizeError(byteCount) { throw error }
    // No rank may enter the blocking calls below before all are known to enter them.
    var wanted = [Int64(byteCount), -Int64(byteCount)]
    try allreduce(&wanted, .maximum)
    guard wanted[0] == -wanted[1] else {
      throw CommunicationError(
        .mismatchedCall, .sharedRegion, rank: rank,
        "The ranks ask for regions of \(-wanted[1]) to \(wanted[0]) bytes; all must ask for the same.")
    }
    // If one rank cannot allocate its memory, MPI_Win_allocate_shared fails there and blocks elsewhere forever (Open
    // MPI 4.1). So every rank must know beforehand that there is room.
    var lacking: Int64 = Self.hasRoom(byteCount) ? 0 : 1
    try allreduce(&lacking, .maximum)
    guard lacking == 0 else { return SharedRegion.onHeap(byteCount: byteCount) { [self] in try barrier() } }
    var region: OpaquePointer?
    var base: UnsafeMutableRawPointer?
    var hostRank: Int32 = 0
    let status = cobre_mpi_region_make(Int64(max(byteCount, 1)), &region, &base, &hostRank)
    var failures: Int64 = status == 0 && base != nil ? 0 : 1
    try allreduce(&failures, .sum)
    guard failures == 0, let region, let base else {
      if let region { _ = cobre_mpi_region_free(region) }
      return SharedRegion.onHeap(byteCount: byteCount) { [self] in try barrier() }
    }
    // Freeing is collective, so it is done when the group ends and not when one rank drops its reference.
    regions.append(region)
    let leads = hostRank == 0
    if leads { base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
    return SharedRegion(
      bytes: UnsafeMutableRawBufferPointer(start: base, count: byteCount), isLeader: leads, isShared: true,
      fence: { [self] in
        try barrier()
        guard cobre_mpi_region_fence(region) == 0 else {
          throw CommunicationError(.system, .sharedRegion, rank: rank, "MPI cannot synchronise a shared region.")
        }
      }, release: {})
  }

  /// Whether the memory file system of this host has room for a region, and a tenth and a MiB to spare for what MPI
  /// keeps there itself.
  ///
  /// A host without `/dev/shm` has room: MPI then uses another location.
  static func hasRoom(_ byteCount: Int, directory: String = "/dev/shm") -> Bool {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return true }
    let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow || free >= UInt64(byteCount) + UInt64(byteCount) / 10 + 1 << 20
  }
}
