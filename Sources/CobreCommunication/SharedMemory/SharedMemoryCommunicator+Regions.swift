internal import CobrePlatformShim
internal import Glibc

/// Regions in an anonymous file of rank 0 that the others open through /proc: no name that could be left behind, and no
/// bound by the size of /dev/shm.
extension SharedMemoryCommunicator: SharedRegionProvider {
  // What rank 0 sends to the others: its pid and descriptor, -1 if there is no file.
  private struct Ticket: BitwiseCopyable {
    var pid: Int32
    var descriptor: Int32
    var byteCount: Int64
  }

  package func makeRegion(byteCount: Int) throws -> SharedRegion {
    if let error = regionSizeError(byteCount) { throw error }
    var own: Int32 = -1
    if rank == 0 { own = Self.makeFile(byteCount: byteCount) }
    defer { if own >= 0 { close(own) } }
    var ticket = Ticket(pid: getpid(), descriptor: own, byteCount: Int64(byteCount))
    try broadcast(&ticket, root: 0)
    let base = ticket.byteCount == Int64(byteCount) ? map(ticket, own: own, byteCount: byteCount) : nil
    // The file must stay open until all have opened it, and all must do the same.
    var failures: Int64 = base == nil ? 1 : 0
    try allreduce(&failures, .sum)
    guard failures == 0, let base else {
      if let base { munmap(base, max(byteCount, 1)) }
      return SharedRegion.onHeap(byteCount: byteCount) { [self] in try barrier() }
    }
    return SharedRegion(
      bytes: UnsafeMutableRawBufferPointer(start: base, count: byteCount), isLeader: rank == 0, isShared: true,
      fence: { [self] in try barrier() }, release: { munmap(base, max(byteCount, 1)) })
  }

  private static func makeFile(byteCount: Int) -> Int32 {
    let descriptor = cobre_memory_file("cobre-region")
    guard descriptor >= 0 else { return -1 }
    // Reserved now: later a lack of memory would be SIGBUS.
    guard posix_fallocate(descriptor, 0, off_t(max(byteCount, 1))) == 0 else {
      close(descriptor)
      return -1
    }
    return descriptor
  }

  private func map(_ ticket: Ticket, own: Int32, byteCount: Int) -> UnsafeMutableRawPointer? {
    guard ticket.descriptor >= 0 else { return nil }
    let descriptor = rank == 0 ? own : open("/proc/\(ticket.pid)/fd/\(ticket.descriptor)", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { if rank != 0 { close(descriptor) } }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size >= off_t(byteCount) else { return nil }
    let address = mmap(nil, max(byteCount, 1), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    return address == MAP_FAILED ? nil : address
  }
}
