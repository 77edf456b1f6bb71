/// The state of one collective over sockets: what every rank contributes, where it belongs, how much of it has arrived.
///
/// A gather and a broadcast are the same thing: contributions of known length, each with its part of one buffer. In a
/// broadcast only the root's is not empty.
struct SocketExchange {
  var call = CollectiveCall(.barrier)
  var number: UInt64 = 0
  var fingerprint: UInt64 = 0
  /// Bytes that each rank contributes.
  var counts: [Int]
  /// Where each contribution begins in the buffer.
  var offsets: [Int]
  /// Bytes of each contribution that are here and checked.
  var received: [Int]
  /// Bytes of each contribution that rank 0 has put in the queues of the others, or a rank of a ring in the queue of
  /// the next.
  var forwarded: [Int]
  /// Ranks that have said what they call.
  var heard: [Bool]
  var heardCount = 0
  var total = 0
  var buffer: UnsafeMutableRawPointer?
  /// This rank's contribution, which need not be in the buffer.
  var own: UnsafeRawPointer?
  var ownSent = 0
  /// This rank's contribution is copied into the buffer as it is sent.
  var copiesOwn = false
  /// Rank 0 has begun to send, as all ranks agree.
  var isReleased = false
  /// The root of a broadcast over the star, in which the others send nothing unless they wait for long.
  var root: Int?
  /// Rank 0 alone gets what all contribute.
  var gathersAtHub = false
  /// This rank has said what it waits for.
  var hasSaidSo = false
  /// The contributions go around the ring, and only the calls over the star.
  var usesRing = false

  init(size: Int) {
    counts = [Int](repeating: 0, count: size)
    offsets = counts
    received = counts
    forwarded = counts
    heard = [Bool](repeating: false, count: size)
  }

  mutating func begin(_ call: CollectiveCall, fingerprint: UInt64, rank: Int) {
    self.call = call
    self.fingerprint = fingerprint
    number &+= 1
    for peer in counts.indices {
      received[peer] = 0
      forwarded[peer] = 0
      heard[peer] = false
    }
    heard[rank] = true
    heardCount = 1
    received[rank] = counts[rank]
    ownSent = 0
    copiesOwn = false
    root = nil
    gathersAtHub = false
    hasSaidSo = false
    isReleased = false
    usesRing = false
  }

  mutating func hear(_ peer: Int) {
    guard !heard[peer] else { return }
    heard[peer] = true
    heardCount += 1
  }

  /// A data frame of this call.
  ///
  /// The caller sets length, offset and checksum.
  func frame(source: UInt32, total: Int) -> SocketFrame {
    var frame = SocketFrame(kind: .data)
    frame.operation = call.operation.rawValue
    frame.elementWidth = call.elementWidth
    frame.call = number
    frame.fingerprint = fingerprint
    frame.source = source
    frame.total = UInt64(total)
    return frame
  }

  func statement(of rank: Int) -> CallStatement {
    frame(source: UInt32(rank), total: counts[rank]).statement
  }

  func agrees(_ frame: SocketFrame) -> Bool { frame.fingerprint == fingerprint && frame.call == number }
}
