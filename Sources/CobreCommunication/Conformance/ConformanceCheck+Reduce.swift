extension ConformanceCheck {
  func checkReductions(_ communicator: any Communicator) throws {
    try checkOrderOfSum(communicator)
    try checkSpecialValues(communicator)
    try checkIntegers(communicator)
    try checkLongVectors(communicator)
  }

  // Longer than what is gathered at a time, and not a multiple of it.
  private func checkLongVectors(_ communicator: any Communicator) throws {
    let (rank, size) = (communicator.rank, communicator.size)
    let all = 0..<70_001
    var sum = all.map { Double($0 + rank) }
    try communicator.allreduce(&sum, .sum)
    var greatest = all.map { Double($0 % 7 == rank ? $0 : -1) }
    try communicator.allreduce(&greatest, .maximum)
    var whole = all.map { Int64($0 &* (rank + 1)) }
    try communicator.allreduce(&whole, .sum)
    let ranks = size * (size - 1) / 2
    for element in all {
      let isRight =
        sum[element] == Double(size * element + ranks) && whole[element] == Int64((size + ranks) * element)
        && greatest[element] == (element % 7 < size ? Double(element) : -1)
      try expect(isRight, communicator, "element \(element) of a long vector is wrong")
    }
  }

  // 1e16, 1, 1, 1, …: adding in rank order loses every 1, any other order keeps some of them.
  private func checkOrderOfSum(_ communicator: any Communicator) throws {
    let size = communicator.size
    var values = [communicator.rank == 0 ? 1e16 : 1, communicator.rank == size - 1 ? 1e16 : 1]
    try communicator.allreduce(&values, .sum)
    let ones = Double(size - 1)
    // The ones come first in the second element: they add up, and 1e16 + ones rounds once.
    try expect(
      values[0] == 1e16 && values[1] == ones + 1e16, communicator, "the sum \(values) was not taken in rank order")
  }

  private func checkSpecialValues(_ communicator: any Communicator) throws {
    let rank = communicator.rank
    let last = communicator.size - 1
    // NaN on the last rank only, infinities, signed zeros, denormals.
    let mine: [Double] = [
      rank == last ? .nan : 1, rank == last ? .infinity : -1, rank == last ? -.infinity : 1, rank == last ? -0.0 : 0.0,
      Double.leastNonzeroMagnitude * Double(rank + 1), Double(rank), rank == 0 ? .infinity : -.infinity,
    ]
    var sum = mine
    try communicator.allreduce(&sum, .sum)
    var minimum = mine
    try communicator.allreduce(&minimum, .minimum)
    var maximum = mine
    try communicator.allreduce(&maximum, .maximum)
    let ranks = Double(last + 1)
    try expect(sum[0].isNaN && minimum[0].isNaN && maximum[0].isNaN, communicator, "NaN was lost")
    try expect(sum[1] == .infinity && maximum[1] == .infinity, communicator, "+∞ was lost")
    try expect(sum[2] == -.infinity && minimum[2] == -.infinity, communicator, "-∞ was lost")
    // ∞ − ∞, if there is more than one rank.
    try expect(
      sum[6].isNaN == (last > 0) && maximum[6] == .infinity && minimum[6] == (last > 0 ? -.infinity : .infinity),
      communicator, "opposite infinities gave \(sum[6]), \(minimum[6]), \(maximum[6])")
    try expect(
      minimum[3].sign == .minus && maximum[3].sign == (last == 0 ? .minus : .plus), communicator,
      "the sign of zero was lost")
    try expect(
      sum[4] == Double.leastNonzeroMagnitude * (ranks * (ranks + 1) / 2)
        && minimum[4] == Double.leastNonzeroMagnitude, communicator, "denormal numbers were flushed")
    try expect(
      sum[5] == ranks * (ranks - 1) / 2 && minimum[5] == 0 && maximum[5] == Double(last), communicator,
      "sum, minimum or maximum of the ranks is wrong")
  }

  private func checkIntegers(_ communicator: any Communicator) throws {
    let last = Int64(communicator.size - 1)
    let mine = [Int64(communicator.rank), -Int64(communicator.rank), Int64.max - Int64(communicator.rank)]
    var sum = [mine[0], mine[1]]
    try communicator.allreduce(&sum, .sum)
    var minimum = mine
    try communicator.allreduce(&minimum, .minimum)
    var maximum = mine
    try communicator.allreduce(&maximum, .maximum)
    try expect(sum == [last * (last + 1) / 2, -last * (last + 1) / 2], communicator, "the integer sum is wrong")
    try expect(minimum == [0, -last, Int64.max - last], communicator, "the integer minimum is wrong")
    try expect(maximum == [last, 0, Int64.max], communicator, "the integer maximum is wrong")
    guard communicator.size > 1 else { return }
    // A sum that overflows is an error on every rank, but does not break the group.
    var tooLarge = [Int64.max - 1]
    do {
      try communicator.allreduce(&tooLarge, .sum)
      throw ConformanceFailure(self, communicator, "an integer sum overflowed unnoticed")
    } catch let error as CommunicationError {
      try expect(error.code == .overflow, communicator, "overflow gave \(error)")
    }
    try communicator.barrier()
  }

  func checkBroadcasts(_ communicator: any Communicator) throws {
    for root in 0..<communicator.size {
      for count in [1, 12, 4096, 100_003] {
        var values = (0..<count).map { communicator.rank == root ? Int64($0) &* Int64(root + 3) : -1 }
        try communicator.broadcast(&values, root: root)
        for (index, value) in values.enumerated() where value != Int64(index) &* Int64(root + 3) {
          throw ConformanceFailure(self, communicator, "element \(index) of \(count) from root \(root) is \(value)")
        }
      }
      var decision = communicator.rank == root
      try communicator.broadcast(&decision, root: root)
      try expect(decision, communicator, "a single value from root \(root) did not arrive")
    }
  }

  // The same random sequence on every rank.
  func checkMixedCollectives(_ communicator: any Communicator, calls: Int) throws {
    let size = communicator.size
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    // SplitMix64 (Steele, Lea and Flood, 2014).
    func random(below bound: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return Int((z ^ (z >> 31)) % UInt64(bound))
    }
    for call in 0..<calls {
      switch random(below: 5) {
      case 0: try communicator.barrier()
      case 1:
        let counts = (0..<size).map { _ in random(below: 4) == 0 ? 0 : random(below: 3000) }
        try gather(communicator, counts: counts, salt: call)
      case 2:
        let root = random(below: size)
        var value = communicator.rank == root ? call : -1
        try communicator.broadcast(&value, root: root)
        try expect(value == call, communicator, "call \(call): broadcast gave \(value)")
      case 3:
        var values = [Double](repeating: Double(communicator.rank + call), count: 1 + random(below: 40))
        try communicator.allreduce(&values, .sum)
        let expected = Double(size * call + size * (size - 1) / 2)
        try expect(values.allSatisfy { $0 == expected }, communicator, "call \(call): the sum is wrong")
      default:
        var value = Int64(communicator.rank * 7 + call)
        try communicator.allreduce(&value, .maximum)
        try expect(value == Int64((size - 1) * 7 + call), communicator, "call \(call): the maximum is wrong")
      }
    }
  }
}
