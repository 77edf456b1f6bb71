internal import CobrePlatformShim

/// Latency and bandwidth of the collectives over payloads from 8 bytes to 64 MB.
package enum CommunicationMeasurement {
  /// Measures on every rank.
  ///
  /// Rank 0 gives a line of comma-separated values per size to `report`.
  ///
  /// Times are medians over batches, in microseconds per call. The payload is counted per rank, at most `largest`
  /// bytes.
  package static func run(
    on communicator: any Communicator, largest: Int = 64 << 20, report: (String) -> Void
  ) throws {
    let sizes = [8, 64, 512, 4096, 32_768, 65_536, 262_144, 1 << 20, 4 << 20, 16 << 20, 64 << 20]
      .filter { $0 <= largest }
    if communicator.rank == 0 { report("backend,ranks,operation,bytes,microseconds,megabytes_per_second") }
    func line(_ operation: String, _ bytes: Int, _ seconds: Double) {
      guard communicator.rank == 0 else { return }
      let rate = seconds > 0 ? Double(bytes) / seconds / 1e6 : 0
      let fields = [
        communicator.backend.rawValue, String(communicator.size), operation, String(bytes),
        String((seconds * 1e8).rounded() / 100), String(rate.rounded()),
      ]
      report(fields.joined(separator: ","))
    }
    line("barrier", 0, try time(communicator, repeats: 2000) { try communicator.barrier() })
    for bytes in sizes {
      let repeats = max(4, min(2000, (64 << 20) / (bytes * communicator.size)))
      let counts = [Int](repeating: bytes, count: communicator.size)
      let send = aligned(bytes)
      let receive = aligned(bytes * communicator.size)
      defer {
        send.deallocate()
        receive.deallocate()
      }
      line(
        "allgatherv", bytes,
        try time(communicator, repeats: repeats) {
          try communicator.allgatherv(
            bytes: UnsafeRawBufferPointer(send), counts: counts, into: receive, as: CollectiveCall(.allgatherv))
        })
      line(
        "broadcast", bytes,
        try time(communicator, repeats: repeats) {
          try communicator.broadcast(
            bytes: UnsafeMutableRawBufferPointer(rebasing: receive[..<bytes]), root: 0, as: CollectiveCall(.broadcast))
        })
      var numbers = [Double](repeating: 0, count: bytes / 8)
      line(
        "allreduce", bytes,
        try time(communicator, repeats: repeats) { try communicator.allreduce(&numbers, .sum) })
    }
  }

  // The same offset within a page on every rank. Between different offsets a copy takes up to 1.4 times as long, and
  // the result would depend on what the heap happened to return.
  private static func aligned(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 4096)
    buffer.initializeMemory(as: UInt8.self, repeating: 1)
    return buffer
  }

  // Median of seven batches, seconds per call.
  private static func time(
    _ communicator: any Communicator, repeats: Int, _ body: () throws -> Void
  ) throws -> Double {
    for _ in 0..<max(repeats / 10, 1) { try body() }
    var batches: [Double] = []
    for _ in 0..<7 {
      try communicator.barrier()
      let start = cobre_monotonic_nanoseconds()
      for _ in 0..<repeats { try body() }
      batches.append(Double(cobre_monotonic_nanoseconds() - start) / 1e9 / Double(repeats))
    }
    batches.sort()
    return batches[3]
  }
}
