extension ConformanceCheck {
  func checkSharedRegions(_ communicator: any Communicator) throws {
    guard let provider = communicator as? any SharedRegionProvider else {
      throw ConformanceFailure(self, communicator, "the backend makes no regions")
    }
    let empty = try provider.makeRegion(byteCount: 0)
    try empty.fill { _ in }
    try expect(empty.bytes.count == 0, communicator, "an empty region holds \(empty.bytes.count) bytes")
    var regions: [SharedRegion] = []
    for (number, byteCount) in [1, 4096, 1_000_003].enumerated() {
      let region = try provider.makeRegion(byteCount: byteCount)
      try expect(region.bytes.count == byteCount, communicator, "a region of \(byteCount) bytes has another size")
      try expect(region.bytes.allSatisfy { $0 == 0 }, communicator, "a new region is not zero")
      try communicator.barrier()
      try region.fill { bytes in
        for index in bytes.indices { bytes[index] = Self.byte(number, index) }
      }
      regions.append(region)
    }
    // All of them are still there, and hold what the leader wrote.
    for (number, region) in regions.enumerated() {
      for (index, byte) in region.bytes.enumerated() where byte != Self.byte(number, index) {
        throw ConformanceFailure(self, communicator, "byte \(index) of region \(number) is wrong")
      }
    }
    var leaders: Int64 = regions[0].isLeader ? 1 : 0
    try communicator.allreduce(&leaders, .sum)
    try expect(
      leaders == (regions[0].isShared ? 1 : Int64(communicator.size)), communicator, "\(leaders) ranks lead on one host"
    )
    try communicator.barrier()
  }
}
