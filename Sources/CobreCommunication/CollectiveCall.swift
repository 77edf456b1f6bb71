/// What one rank says of a collective call, so that ranks that call different things find out.
///
/// Every backend compares the operation, the width of the elements and the counts of all ranks before it uses the
/// payload. Two calls that agree in these agree in every byte that is moved.
package struct CollectiveCall: Sendable, Equatable {
  /// The collective operations, with the numbers that represent them in memory and on the wire.
  package enum Operation: UInt8, Sendable, CaseIterable {
    case barrier = 1
    case broadcast = 2
    case allgatherv = 3
    case sumOfDoubles = 4
    case minimumOfDoubles = 5
    case maximumOfDoubles = 6
    case sumOfIntegers = 7
    case minimumOfIntegers = 8
    case maximumOfIntegers = 9
    /// Joining the group, before the first collective.
    case connect = 10
    /// Agreeing on a region of memory that the ranks of a host share.
    case sharedRegion = 11

    /// The name that messages use.
    package var name: String {
      switch self {
      case .barrier: "barrier"
      case .broadcast: "broadcast"
      case .allgatherv: "allgatherv"
      case .sumOfDoubles: "allreduce (sum of Double)"
      case .minimumOfDoubles: "allreduce (minimum of Double)"
      case .maximumOfDoubles: "allreduce (maximum of Double)"
      case .sumOfIntegers: "allreduce (sum of Int64)"
      case .minimumOfIntegers: "allreduce (minimum of Int64)"
      case .maximumOfIntegers: "allreduce (maximum of Int64)"
      case .connect: "connect"
      case .sharedRegion: "shared region"
      }
    }
  }

  package var operation: Operation
  /// Bytes of one element, 1 where the caller gave raw bytes.
  package var elementWidth: UInt16
  /// Total bytes per rank if this call moves one piece of a larger payload, 0 if it moves everything.
  package var whole: Int

  package init(_ operation: Operation, elementWidth: Int = 1, whole: Int = 0) {
    self.operation = operation
    self.elementWidth = UInt16(clamping: elementWidth)
    self.whole = whole
  }

  /// Checksum of everything the ranks must agree on (FNV-1a, 64 bits; Fowler, Noll and Vo, 1991).
  ///
  /// - Parameters:
  ///   - root: the root of a broadcast, 0 otherwise.
  ///   - counts: bytes per rank.
  /// - Returns: the same number for the same call on every rank.
  package func fingerprint(root: Int, counts: [Int]) -> UInt64 {
    var hash = start(root: root)
    for count in counts { hash = Self.mix(hash, count) }
    return hash
  }

  /// The same for a call that moves one number of bytes.
  @inline(__always)
  package func fingerprint(root: Int, bytes: Int) -> UInt64 { Self.mix(start(root: root), bytes) }

  @inline(__always)
  private func start(root: Int) -> UInt64 {
    Self.mix(Self.mix(0xcbf2_9ce4_8422_2325, Int(operation.rawValue) | Int(elementWidth) << 8), root ^ whole << 16)
  }

  @inline(__always)
  private static func mix(_ hash: UInt64, _ value: Int) -> UInt64 {
    let next = (hash ^ UInt64(truncatingIfNeeded: value)) &* 0x0000_0100_0000_01b3
    return next ^ next >> 29
  }
}
