internal import CobrePlatformShim
internal import Dispatch
internal import Glibc

/// Processes of any hosts that exchange data over sockets.
///
/// Rank 0 is the hub that all others are connected to.
///
/// Every rank sends its contribution to rank 0 together with what it calls. Rank 0 sends nothing before all ranks have
/// said the same, so a mismatch is an error on every rank. Two ranks need no hub and check each other. Between hosts
/// large contributions go around a ring, once rank 0 has heard the same call from all.
///
/// A broadcast over the star does not wait: the root's data says what it called, and the receivers compare. So the
/// root, or rank 0 that has passed the data on, may learn of a mismatch only in its next call.
package final class SocketCommunicator: Communicator {
  package let rank: Int
  package let size: Int
  package let backend = Backend.tcp
  /// Connections that rank 0 refused while the group formed, each with its reason.
  package let turnedAway: [String]

  let options: CommunicatorOptions
  /// The connections of rank 0 to all others in rank order, elsewhere the one to rank 0.
  ///
  /// If there is a ring, the connections to the next and to the previous rank follow.
  var links: [SocketConnection]
  /// Whether messages carry proofs of their senders: on all connections or on none.
  var isProved: Bool { links.first?.isProved ?? false }
  /// How many of them lead to or from rank 0.
  let starCount: Int
  // Guards the links: held by the main thread during a collective, tried by the timer that sends signs of life.
  let lock = SocketLock()
  let heartbeat: SocketHeartbeat
  var exchange: SocketExchange
  var inputs: [Input]
  var failure: CommunicationError?
  var hasLeft = false
  var nextPulse: Int64 = 0
  let heartbeatInterval: Int64
  var lending = Lending.untried
  /// More ranks than cores: a waiting rank yields its core.
  let isCrowded: Bool
  let spins: Int

  /// What is lent to ranks on this host, made when it is first needed.
  enum Lending {
    case untried
    case impossible
    case pages(SocketPages)
  }

  /// A frame whose payload is still arriving.
  struct Input {
    var frame: SocketFrame?
    var taken = 0
    /// Of the bytes that are here.
    var checksum: UInt32 = 0
    let digest = RunningDigest()
    /// The beginning of the next call, which arrived while this one only watched for failures.
    var held: SocketFrame?
    /// The other side has left while nothing was expected from it.
    var isHungUp = false
  }
  /// Room for the message of a failure frame.
  let words = UnsafeMutableRawBufferPointer.allocate(byteCount: FailureText.mostText + 12, alignment: 8)

  /// In groups of more than two, gathers up to this size come back from rank 0 in one message.
  static let mostInOneMessage = 32 << 10
  static let mostQueued = 4
  /// Bytes of a payload that are sent at a time.
  ///
  /// Few enough to stay in a core's cache between the checksum and the system's copy. Between two ranks, if nothing
  /// comes back, full frames are faster, since the system then acknowledges less often.
  static let pieceBytes = 256 << 10
  /// Two ranks that both send are at most so many bytes ahead of what they have received.
  static let mostAhead = 1 << 20
  static let restNanoseconds: Int64 = 6000
  /// So long does a rank wait for a broadcast before it says what it called itself.
  static let patienceMilliseconds: Int32 = 5

  init(rank: Int, size: Int, links: [SocketConnection], turnedAway: [String], options: CommunicatorOptions) {
    self.rank = rank
    self.size = size
    self.links = links
    starCount = links.count
    self.turnedAway = turnedAway
    self.options = options
    exchange = SocketExchange(size: size)
    // Each needs its own digest, so one value cannot be repeated.
    inputs = links.map { _ in Input() }
    heartbeatInterval = max(options.silenceNanoseconds / 6, 10_000_000)
    isCrowded = size > Int(cobre_usable_cores())
    spins = isCrowded ? 8 : 200
    heartbeat = SocketHeartbeat(links: links, lock: lock, interval: heartbeatInterval)
  }

  deinit {
    leave()
    words.deallocate()
  }

  package func allgatherv(
    bytes: UnsafeRawBufferPointer, counts: [Int], into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall
  ) throws {
    try begin()
    if let error = argumentError(
      sending: bytes.count, counts: counts, receiving: receive.count, operation: call.operation)
    {
      throw fail(error)
    }
    var offset = 0
    for peer in 0..<size {
      exchange.counts[peer] = counts[peer]
      exchange.offsets[peer] = offset
      offset += counts[peer]
    }
    exchange.total = offset
    exchange.buffer = receive.baseAddress
    exchange.own = bytes.baseAddress
    exchange.begin(call, fingerprint: call.fingerprint(root: 0, counts: counts), rank: rank)
    exchange.usesRing = hasRing && exchange.total > Self.mostOverStar
    // If it is sent in pieces, each piece is copied when it is sent.
    exchange.copiesOwn = sendsOwn && !exchange.usesRing && !receive.overlaps(bytes)
    if !exchange.copiesOwn { receive.copyContribution(bytes, at: exchange.offsets[rank]) }
    try perform()
  }

  package func broadcast(bytes: UnsafeMutableRawBufferPointer, root: Int, as call: CollectiveCall) throws {
    try begin()
    if let error = argumentError(root: root) { throw fail(error) }
    startBroadcast(bytes, root: root)
    exchange.begin(call, fingerprint: call.fingerprint(root: root, bytes: bytes.count), rank: rank)
    exchange.usesRing = hasRing && exchange.total > Self.mostOverStar
    if !exchange.usesRing { exchange.root = root }
    try perform()
  }

  package var reducesAtRoot: Bool { size > 2 && !hasRing }
  // Two ranks send as much as they may be ahead, and then both receive. Rank 0 of more passes one piece on while the
  // next comes.
  package var reductionBytes: Int { size == 2 ? Self.mostAhead : Self.pieceBytes }

  package func gather(
    bytes: UnsafeRawBufferPointer, into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall
  ) throws {
    try begin()
    precondition(reducesAtRoot && receive.count == (isHub ? bytes.count * size : 0))
    for peer in 0..<size {
      exchange.counts[peer] = bytes.count
      exchange.offsets[peer] = peer * bytes.count
    }
    exchange.total = bytes.count * size
    exchange.buffer = receive.baseAddress
    exchange.own = bytes.baseAddress
    exchange.begin(call, fingerprint: call.fingerprint(root: 0, counts: exchange.counts), rank: rank)
    exchange.gathersAtHub = true
    if isHub { receive.copyContribution(bytes, at: 0) }
    try perform()
  }

  package func barrier() throws {
    try begin()
    startBroadcast(UnsafeMutableRawBufferPointer(start: nil, count: 0), root: 0)
    let call = CollectiveCall(.barrier)
    exchange.begin(call, fingerprint: call.fingerprint(root: 0, bytes: 0), rank: rank)
    try perform()
  }

  private func startBroadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int) {
    for peer in 0..<size {
      exchange.counts[peer] = peer == root ? bytes.count : 0
      exchange.offsets[peer] = 0
    }
    exchange.total = bytes.count
    exchange.buffer = bytes.baseAddress
    exchange.own = UnsafeRawPointer(bytes.baseAddress)
  }

  package func abort(_ message: String) {
    guard failure == nil, !hasLeft else { return }
    _ = fail(CommunicationError(.abortedByPeer, exchange.call.operation, rank: rank, peer: rank, message))
  }

  package func finalize() { leave() }

  private func begin() throws {
    if let failure { throw failure }
  }

  private func perform() throws {
    guard size > 1 else { return }
    lock.lock()
    defer {
      lock.unlock()
      exchange.buffer = nil
      exchange.own = nil
    }
    do {
      try run()
    } catch let stop as Stop {
      throw announce(stop)
    }
  }
}
