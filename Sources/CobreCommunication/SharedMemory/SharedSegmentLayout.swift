/// The layout of a shared memory segment.
///
/// No other code knows it.
///
/// All numbers are in the byte order of the host, since the segment never leaves it.
///
///     0      header: magic, version, ranks, sizes
///     64     futex word and count of attached ranks
///     128    doorbell (futex word that announces a finished round) and count of sleepers
///     256    abort record
///     4096   one control area per rank: identity, then two slots
///     …      page-aligned: per rank two pieces of payload
///
/// A round (one collective, or one piece of a large one) uses the slot and the piece of its parity, so a rank may post
/// round k + 1 while others still read round k. No rank can post k + 2 before all have posted k + 1, and posting k + 1
/// means having finished reading k. So one synchronisation per round is enough.
struct SharedSegmentLayout: Sendable, Equatable {
  static let magic: UInt64 = 0x3145_5242_4f43_4853
  static let version: UInt32 = 2

  static let magicOffset = 0
  static let versionOffset = 8
  static let ranksOffset = 12
  static let pieceBytesOffset = 16
  static let totalBytesOffset = 24
  static let attachedOffset = 64
  static let doorbellOffset = 128
  static let sleepersOffset = 132

  /// Abort record: state (0 none, 1 being written, 2 complete), code, operation, rank, peer, length, text.
  static let abortOffset = 256
  static let abortCodeOffset = 260
  static let abortOperationOffset = 264
  static let abortRankOffset = 268
  static let abortPeerOffset = 272
  static let abortLengthOffset = 276
  static let abortTextOffset = 280
  static let abortTextLimit = 2048

  static let headerBytes = 4096
  static let identityBytes = 128
  static let slotBytes = 128
  static let controlBytes = identityBytes + 2 * slotBytes

  /// Identity: state (0 free, 1 claimed, 2 attached, 3 left), pid, start time in clock ticks, problem fingerprint,
  /// address and value of a secret word in the memory of the rank.
  static let stateOffset = 0
  static let pidOffset = 4
  static let startTimeOffset = 8
  static let problemOffset = 16
  static let secretAddressOffset = 24
  static let secretOffset = 32

  /// Slot: round, operation, element width, fingerprint of the call, bytes, number of the call, short payload.
  static let roundOffset = 0
  static let operationOffset = 4
  static let widthOffset = 6
  static let fingerprintOffset = 8
  static let bytesOffset = 16
  static let callOffset = 24
  static let inlineOffset = 32
  /// A contribution of at most so many bytes travels in the slot itself and saves a cache miss.
  static let inlineBytes = slotBytes - inlineOffset

  static let pageBytes = 4096
  static let smallestPiece = 4096
  static let largestPiece = 1 << 26
  static let mostRanks = 4096

  let ranks: Int
  /// Bytes per rank and parity.
  let pieceBytes: Int

  /// The layout for these sizes, nil if they make no sense.
  init?(ranks: Int, pieceBytes: Int) {
    guard ranks >= 1, ranks <= Self.mostRanks else { return nil }
    guard pieceBytes >= Self.smallestPiece, pieceBytes <= Self.largestPiece, pieceBytes % Self.pageBytes == 0 else {
      return nil
    }
    self.ranks = ranks
    self.pieceBytes = pieceBytes
  }

  var payloadOffset: Int {
    let end = Self.headerBytes + ranks * Self.controlBytes
    return (end + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
  }

  var totalBytes: Int { payloadOffset + ranks * 2 * pieceBytes }

  @inline(__always)
  func identity(_ rank: Int) -> Int { Self.headerBytes &+ rank &* Self.controlBytes }

  @inline(__always)
  func slot(_ rank: Int, round: UInt32) -> Int {
    identity(rank) &+ Self.identityBytes &+ Int(round & 1) &* Self.slotBytes
  }

  @inline(__always)
  func piece(_ rank: Int, round: UInt32) -> Int {
    payloadOffset &+ (rank &* 2 &+ Int(round & 1)) &* pieceBytes
  }
}

/// States of a rank in its identity record.
enum SharedRankState {
  static let free: UInt32 = 0
  static let claimed: UInt32 = 1
  static let attached: UInt32 = 2
  static let left: UInt32 = 3
}
