internal import CobreCommunication
internal import CobreEngine
internal import Glibc

/// Sends rank 0 the process and the cores of each rank, since only rank 0 writes to the run's database.
enum RankRoster {
  /// One rank.
  struct Entry: Equatable {
    var identity: ProcessIdentity
    /// Threads that share its work.
    var threads: Int
    /// Physical cores that it may use.
    var cores: Int
    /// The same for ranks that may use the same processors.
    var mask: UInt64
  }

  private static let hostWidth = 256
  private static let numbers = 5
  private static let width = numbers * 8 + hostWidth

  /// All ranks in rank order.
  ///
  /// Every rank must call it.
  static func gather(_ communicator: any Communicator, threads: Int) throws -> [Entry] {
    let own = ProcessTable.current()
    let cores = PhysicalCores.share()
    let figures = [
      UInt64(bitPattern: Int64(own.pid)), own.start, UInt64(threads), UInt64(cores.count), cores.mask,
    ]
    var record = [UInt8](repeating: 0, count: width)
    record.withUnsafeMutableBytes { bytes in
      for (index, figure) in figures.enumerated() {
        bytes.storeBytes(of: figure.littleEndian, toByteOffset: index * 8, as: UInt64.self)
      }
    }
    for (index, byte) in own.host.utf8.prefix(hostWidth).enumerated() { record[numbers * 8 + index] = byte }
    var all = [UInt8](repeating: 0, count: width * communicator.size)
    try communicator.allgatherv(
      record, counts: Array(repeating: width, count: communicator.size), into: &all)
    return (0..<communicator.size).map { rank in
      let entry = all[(rank * width)..<((rank + 1) * width)]
      let figures = entry.withUnsafeBytes { bytes in
        (0..<numbers).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
      }
      let host = String(decoding: entry.dropFirst(numbers * 8).prefix { $0 != 0 }, as: UTF8.self)
      return Entry(
        identity: ProcessIdentity(
          pid: Int(truncatingIfNeeded: figures[0]), start: figures[1], bootID: "", host: host),
        threads: max(1, Int(clamping: figures[2])), cores: max(1, Int(clamping: figures[3])), mask: figures[4])
    }
  }

  /// A sentence for every group of ranks that have more threads than cores between them.
  static func warnings(_ roster: [Entry]) -> [String] {
    var seen: Set<String> = []
    var warnings: [String] = []
    for entry in roster where seen.insert("\(entry.mask) \(entry.identity.host)").inserted {
      let sharing = roster.filter { $0.mask == entry.mask && $0.identity.host == entry.identity.host }
      let threads = sharing.reduce(0) { $0 + min($1.threads, 1 << 20) }
      guard threads > entry.cores else { continue }
      let workers = "\(sharing.count) worker\(sharing.count == 1 ? "" : "s")"
      let what = entry.threads == 1 ? workers : "\(threads) threads of \(workers)"
      warnings.append(
        "\(what) share \(entry.cores) core\(entry.cores == 1 ? "" : "s") of host \(entry.identity.host), which makes the "
          + "run slower, not faster. Results are the same; let num_workers times threads_per_worker be at most the cores."
      )
    }
    return warnings
  }
}
