internal import Glibc

/// Tells rank 0 which process each rank is, since it alone writes to the run's database.
enum RankRoster {
  private static let hostWidth = 256
  private static let width = 16 + hostWidth

  /// The identities of all ranks in rank order; every rank must call it.
  static func gather(_ communicator: any Communicator) throws -> [ProcessIdentity] {
    let own = ProcessTable.current()
    var record = [UInt8](repeating: 0, count: width)
    record.withUnsafeMutableBytes { bytes in
      bytes.storeBytes(of: Int64(own.pid).littleEndian, toByteOffset: 0, as: Int64.self)
      bytes.storeBytes(of: own.start.littleEndian, toByteOffset: 8, as: UInt64.self)
    }
    for (index, byte) in own.host.utf8.prefix(hostWidth).enumerated() { record[16 + index] = byte }
    var all = [UInt8](repeating: 0, count: width * communicator.size)
    try communicator.allgatherv(
      record, counts: Array(repeating: width, count: communicator.size), into: &all)
    return (0..<communicator.size).map { rank in
      let entry = all[(rank * width)..<((rank + 1) * width)]
      let numbers = entry.withUnsafeBytes { bytes in
        (
          Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: Int64.self)),
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
      }
      let host = String(decoding: entry.dropFirst(16).prefix { $0 != 0 }, as: UTF8.self)
      return ProcessIdentity(pid: Int(numbers.0), start: numbers.1, bootID: "", host: host)
    }
  }
}
