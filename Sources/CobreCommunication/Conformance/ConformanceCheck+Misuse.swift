extension ConformanceCheck {
  /// Makes one mistake on the last rank and checks the error of every rank.
  func checkMisuse(_ communicator: any Communicator) throws {
    let size = communicator.size
    let culprit = size - 1
    let isCulprit = communicator.rank == culprit
    try communicator.barrier()
    var error = try misuse(communicator, isCulprit: isCulprit)
    // Who has sent a broadcast on may learn of it in the next call.
    if error == nil, size > 1, isBroadcast {
      do { try communicator.barrier() } catch let late as CommunicationError { error = late }
    }
    guard let error else {
      // A group of one cannot disagree with itself.
      guard size == 1 || (isCulprit && self == .leftEarly) || (isCulprit && self == .abortedOutside) else {
        throw ConformanceFailure(self, communicator, "no error was reported")
      }
      return
    }
    let expected: CommunicationError.Code =
      switch self {
      case .otherOperation, .otherCounts, .otherLargeCounts, .otherRoot, .noRoot, .noBroadcast, .otherWidth,
        .otherReduction, .otherLength:
        .mismatchedCall
      case .leftEarly: .peerDied
      case .abortedOutside: .abortedByPeer
      default: isCulprit ? .invalidArgument : .abortedByPeer
      }
    try expect(error.code == expected, communicator, "expected \(expected), got \(error.code): \(error)")
    try expect(error.rank == communicator.rank, communicator, "the error does not name its own rank: \(error)")
    try expect(error.message.count > 20, communicator, "the error is no sentence: \(error)")
    if !isCulprit || expected == .mismatchedCall {
      try expect(error.peer == culprit, communicator, "the error blames \(String(describing: error.peer)): \(error)")
    }
    try expectBroken(communicator)
  }

  private var isBroadcast: Bool {
    switch self {
    case .wrongRoot, .otherRoot, .noRoot, .noBroadcast, .otherWidth: true
    default: false
    }
  }

  private func expectBroken(_ communicator: any Communicator) throws {
    do {
      try communicator.barrier()
    } catch is CommunicationError {
      return
    }
    throw ConformanceFailure(self, communicator, "the group works on after an error")
  }

  // Makes the mistake. Returns the error that it gave on this rank.
  private func misuse(_ communicator: any Communicator, isCulprit: Bool) throws -> CommunicationError? {
    let size = communicator.size
    let culprit = size - 1
    var counts = [Int](repeating: 4, count: size)
    let send = [Int32](repeating: 1, count: 4)
    var receive = [Int32](repeating: 0, count: 4 * size)
    do {
      switch self {
      case .wrongNumberOfCounts:
        if isCulprit { counts.append(0) }
        try communicator.allgatherv(send, counts: counts, into: &receive)
      case .wrongCount:
        if isCulprit { counts[communicator.rank] = size > 1 ? -1 : 3 }
        try communicator.allgatherv(send, counts: counts, into: &receive)
      case .wrongBuffer:
        if isCulprit { receive.removeLast() }
        try communicator.allgatherv(send, counts: counts, into: &receive)
      case .wrongRoot:
        try communicator.broadcast(&receive, root: isCulprit ? size : 0)
      case .otherOperation:
        guard size > 1 else { return nil }
        if isCulprit {
          try communicator.barrier()
        } else {
          try communicator.allgatherv(send, counts: counts, into: &receive)
        }
      case .otherCounts:
        guard size > 1 else { return nil }
        if isCulprit {
          counts[0] += 1
          receive.append(0)
        }
        try communicator.allgatherv(send, counts: counts, into: &receive)
      case .otherLargeCounts:
        guard size > 1 else { return nil }
        // More than any transport sends at once, so that data is on its way when the mistake is found.
        let count = 40_000
        counts = [Int](repeating: count, count: size)
        if isCulprit { counts[0] += 1 }
        receive = [Int32](repeating: 0, count: counts.reduce(0, +))
        try communicator.allgatherv([Int32](repeating: 1, count: count), counts: counts, into: &receive)
      case .otherRoot:
        guard size > 1 else { return nil }
        try communicator.broadcast(&receive, root: isCulprit ? 1 : 0)
      case .noRoot:
        guard size > 1 else { return nil }
        // The others wait for the culprit, and the culprit for one of them.
        try communicator.broadcast(&receive, root: isCulprit ? 0 : culprit)
      case .noBroadcast:
        guard size > 1 else { return nil }
        if isCulprit {
          try communicator.barrier()
        } else {
          try communicator.broadcast(&receive, root: 0)
        }
      case .otherWidth:
        guard size > 1 else { return nil }
        var wide = [Int64](repeating: 0, count: 2 * size)
        if isCulprit {
          try communicator.broadcast(&wide, root: 0)
        } else {
          try communicator.broadcast(&receive, root: 0)
        }
      case .otherReduction:
        guard size > 1 else { return nil }
        var values = [1.0, 2.0]
        try communicator.allreduce(&values, isCulprit ? .sum : .maximum)
      case .otherLength:
        guard size > 1 else { return nil }
        // The culprit's two pieces of 256 KiB are what the others begin with.
        var values = [Double](repeating: 1, count: isCulprit ? 65_536 : 98_304)
        try communicator.allreduce(&values, .sum)
      case .abortedOutside:
        if isCulprit {
          communicator.abort("The solver of this rank gave up.")
          return nil
        }
        try communicator.barrier()
      case .leftEarly:
        if isCulprit {
          try communicator.finalize()
          return nil
        }
        try communicator.barrier()
      default: break
      }
    } catch let error as CommunicationError {
      return error
    }
    return nil
  }
}
