internal import Glibc

extension ConformanceCheck {
  func checkEmptyContributions(_ communicator: any Communicator) throws {
    let size = communicator.size
    try communicator.barrier()
    try gather(communicator, counts: [Int](repeating: 0, count: size))
    // Each rank in turn is the only one with a contribution, and then the only one without.
    for chosen in 0..<size {
      try gather(communicator, counts: (0..<size).map { $0 == chosen ? 1 : 0 })
      try gather(communicator, counts: (0..<size).map { $0 == chosen ? 0 : 5 })
    }
    var nothing: [Double] = []
    for root in 0..<size { try communicator.broadcast(&nothing, root: root) }
    try communicator.allreduce(&nothing, .sum)
    try expect(nothing.isEmpty, communicator, "an empty vector has grown")
  }

  func checkUnequalCounts(_ communicator: any Communicator) throws {
    let size = communicator.size
    // Around the sizes where transports change their ways: cache lines, pages, pieces.
    for base in [1, 7, 8, 63, 96, 97, 128, 4095, 4096, 4097, 65_535, 262_143, 262_144, 262_145, 300_001] {
      try gather(communicator, counts: (0..<size).map { $0.isMultiple(of: 2) ? base : base * ($0 + 1) / 2 })
      try gather(communicator, counts: (0..<size).map { base * $0 / size })
    }
    try gatherInPlace(communicator)
  }

  func checkLargeContributions(_ communicator: any Communicator, totalBytes: Int) throws {
    let size = communicator.size
    // Nearly all of it on the last rank, a byte on the first.
    var counts = [Int](repeating: totalBytes / (2 * size), count: size)
    counts[0] = 1
    counts[size - 1] = totalBytes - counts[..<(size - 1)].reduce(0, +)
    try gather(communicator, counts: counts)
    let root = size - 1
    let expected = Self.pattern(root, count: totalBytes / 2, salt: 3)
    var bytes = communicator.rank == root ? expected : [UInt8](repeating: 0, count: expected.count)
    try communicator.broadcast(&bytes, root: root)
    let isEqual = bytes.withUnsafeBytes { a in
      expected.withUnsafeBytes { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return true }
        return memcmp(a, b, expected.count) == 0
      }
    }
    try expect(isEqual, communicator, "a broadcast of \(expected.count) bytes brought others")
  }

  /// What a rank has contributed is its own again when the call returns, though the others may be far behind.
  func checkReusedBuffers(_ communicator: any Communicator) throws {
    let rank = communicator.rank
    for root in 0..<communicator.size {
      for late in 0..<communicator.size {
        if rank == late { usleep(5000) }
        for round in 0..<8 {
          let expected = Self.pattern(root, count: 300_001, salt: round)
          var bytes = rank == root ? expected : [UInt8](repeating: 0, count: expected.count)
          try communicator.broadcast(&bytes, root: root)
          try expect(bytes == expected, communicator, "broadcast \(round) from \(root) brought what came after it")
          overwrite(&bytes)
        }
      }
    }
    let count = 600_000
    var receive = [UInt8](repeating: 0, count: count * communicator.size)
    for round in 0..<4 {
      var send = Self.pattern(rank, count: count, salt: round)
      if rank == round % communicator.size { usleep(5000) }
      try communicator.allgatherv(
        send, counts: [Int](repeating: count, count: communicator.size), into: &receive)
      overwrite(&send)
      if rank == (round + 1) % communicator.size { usleep(5000) }
      for peer in 0..<communicator.size {
        let part = receive[(peer * count)..<((peer + 1) * count)]
        try expect(
          part.elementsEqual(Self.pattern(peer, count: count, salt: round)), communicator,
          "what \(peer) gave to gather \(round) is what it wrote after it")
      }
    }
  }

  private func overwrite(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress { memset(base, 0xee, bytes.count) }
    }
  }

  /// Gathers bytes with these counts and checks every byte received.
  func gather(_ communicator: any Communicator, counts: [Int], salt: Int = 0) throws {
    let rank = communicator.rank
    let send = Self.pattern(rank, count: counts[rank], salt: salt)
    var receive = [UInt8](repeating: 0xee, count: counts.reduce(0, +))
    try communicator.allgatherv(send, counts: counts, into: &receive)
    var position = 0
    for (peer, count) in counts.enumerated() {
      let expected = Self.pattern(peer, count: count, salt: salt)
      // memcmp, since element by element a debug build takes minutes.
      let isEqual = receive.withUnsafeBytes { received in
        expected.withUnsafeBytes { expected in
          guard count > 0, let a = received.baseAddress, let b = expected.baseAddress else { return true }
          return memcmp(a + position, b, count) == 0
        }
      }
      if !isEqual {
        throw ConformanceFailure(self, communicator, "the \(count) bytes of rank \(peer) are wrong, counts \(counts)")
      }
      position += count
    }
  }

  // What a rank contributes. No two parts of it are equal.
  private static func pattern(_ rank: Int, count: Int, salt: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: (count + 7) / 8 * 8) { buffer, initialized in
      let words = UnsafeMutableRawBufferPointer(buffer)
      for word in 0..<((count + 7) / 8) {
        let value =
          (UInt64(word) &+ UInt64(rank) << 40 &+ UInt64(truncatingIfNeeded: salt) << 48) &* 0x9e37_79b9_7f4a_7c15
        words.storeBytes(of: value.littleEndian, toByteOffset: 8 * word, as: UInt64.self)
      }
      initialized = count
    }
  }

  // The contribution is already in its part of the receive buffer.
  private func gatherInPlace(_ communicator: any Communicator) throws {
    let counts = (0..<communicator.size).map { 10 + $0 }
    var bytes = [UInt8](repeating: 0, count: counts.reduce(0, +))
    let start = counts[..<communicator.rank].reduce(0, +)
    for index in 0..<counts[communicator.rank] { bytes[start + index] = Self.byte(communicator.rank, index) }
    try bytes.withUnsafeMutableBytes { buffer in
      let own = UnsafeRawBufferPointer(rebasing: buffer[start..<(start + counts[communicator.rank])])
      try communicator.allgatherv(bytes: own, counts: counts, into: buffer)
    }
    var position = 0
    for (peer, count) in counts.enumerated() {
      for index in 0..<count {
        try expect(bytes[position] == Self.byte(peer, index), communicator, "in place: byte \(index) of rank \(peer)")
        position += 1
      }
    }
  }

  func checkElementTypes(_ communicator: any Communicator) throws {
    try gatherElements(communicator) { rank, index in Double(rank) + 1 / Double(index + 3) }
    try gatherElements(communicator) { rank, index in Float(rank) - 1 / Float(index + 3) }
    try gatherElements(communicator) { rank, index in Int64(rank) << 40 ^ Int64(index) &* -7 }
    try gatherElements(communicator) { rank, index in Int32(truncatingIfNeeded: rank &* 1_000_003 ^ index) }
    try gatherElements(communicator) { rank, index in UInt16(truncatingIfNeeded: rank &* 31 ^ index) }
    try gatherElements(communicator) { rank, index in UInt8(truncatingIfNeeded: rank &* 31 ^ index) }
    try gatherElements(communicator) { rank, index in (rank + index).isMultiple(of: 3) }
    try gatherElements(communicator) { rank, index in Pair(key: Int32(rank), value: Double(index)) }
  }

  private struct Pair: BitwiseCopyable, Equatable {
    var key: Int32
    var value: Double
  }

  private func gatherElements<T: BitwiseCopyable & Equatable>(
    _ communicator: any Communicator, _ value: (Int, Int) -> T
  ) throws {
    let counts = (0..<communicator.size).map { 17 * $0 + 5 }
    let send = (0..<counts[communicator.rank]).map { value(communicator.rank, $0) }
    var receive = [T](repeating: value(0, 0), count: counts.reduce(0, +))
    try communicator.allgatherv(send, counts: counts, into: &receive)
    let expected = counts.enumerated().flatMap { peer, count in (0..<count).map { value(peer, $0) } }
    try expect(receive == expected, communicator, "gathered elements of \(T.self) are wrong")
  }
}
