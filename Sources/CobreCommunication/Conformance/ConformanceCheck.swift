/// A backend did not do what the contract of ``Communicator`` says.
package struct ConformanceFailure: Error, CustomStringConvertible {
  package let description: String

  init(_ check: ConformanceCheck, _ communicator: any Communicator, _ what: String) {
    description =
      "\(check.rawValue) on \(communicator.backend.rawValue), rank \(communicator.rank) of \(communicator.size): \(what)"
  }
}

/// The contract of ``Communicator``, check by check.
///
/// Every rank of a group runs the same one.
///
/// It is part of the engine so that users can test a backend on a real machine with `cobre-worker conformance`. What is
/// expected is a pure function of rank and index, never a result of another collective.
package enum ConformanceCheck: String, CaseIterable, Sendable {
  case emptyContributions
  case unequalCounts
  case elementTypes
  case reductions
  case broadcasts
  case reusedBuffers
  case mixedCollectives
  case largeContributions
  case sharedRegions

  // Checks that break the group: one per group.
  case wrongNumberOfCounts
  case wrongCount
  case wrongBuffer
  case wrongRoot
  case otherOperation
  case otherCounts
  case otherLargeCounts
  case otherRoot
  case noRoot
  case noBroadcast
  case otherWidth
  case otherReduction
  case otherLength
  case abortedOutside
  case leftEarly

  /// True if the group cannot be used afterwards.
  package var breaksGroup: Bool {
    switch self {
    case .emptyContributions, .unequalCounts, .elementTypes, .reductions, .broadcasts, .reusedBuffers,
      .mixedCollectives, .largeContributions, .sharedRegions:
      false
    case .wrongNumberOfCounts, .wrongCount, .wrongBuffer, .wrongRoot, .otherOperation, .otherCounts,
      .otherLargeCounts, .otherRoot, .noRoot, .noBroadcast, .otherWidth, .otherReduction, .otherLength, .abortedOutside,
      .leftEarly:
      true
    }
  }

  /// Runs the check on this rank.
  ///
  /// - Parameters:
  ///   - communicator: this rank's end of the group.
  ///   - largeBytes: total size of the largest gather.
  ///   - mixedCalls: number of calls of the mixed sequence.
  /// - Throws: ``ConformanceFailure``, or the error of a call that should have succeeded.
  package func run(
    on communicator: any Communicator, largeBytes: Int = 24_000_000, mixedCalls: Int = 1000
  ) throws {
    switch self {
    case .emptyContributions: try checkEmptyContributions(communicator)
    case .unequalCounts: try checkUnequalCounts(communicator)
    case .elementTypes: try checkElementTypes(communicator)
    case .reductions: try checkReductions(communicator)
    case .broadcasts: try checkBroadcasts(communicator)
    case .reusedBuffers: try checkReusedBuffers(communicator)
    case .mixedCollectives: try checkMixedCollectives(communicator, calls: mixedCalls)
    case .largeContributions: try checkLargeContributions(communicator, totalBytes: largeBytes)
    case .sharedRegions: try checkSharedRegions(communicator)
    default: try checkMisuse(communicator)
    }
  }

  func expect(_ condition: Bool, _ communicator: any Communicator, _ what: @autoclosure () -> String) throws {
    if !condition { throw ConformanceFailure(self, communicator, what()) }
  }

  /// The byte that rank `rank` contributes at `index`.
  static func byte(_ rank: Int, _ index: Int, salt: Int = 0) -> UInt8 {
    UInt8(truncatingIfNeeded: (index &* 131) ^ (index >> 8) ^ (rank &* 59) ^ (salt &* 17) &+ 7)
  }
}
