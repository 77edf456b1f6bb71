internal import CobreCommunication
internal import Glibc

/// Decides when waiting for the others has become hopeless.
///
/// Ranks of this host are checked in /proc. Of ranks of other hosts it is only known that they have not answered. If
/// one of them dies the launcher ends all processes, so they get ten times the silence limit.
struct MPIWatch {
  private let rank: Int
  private let size: Int
  private let silence: Int64
  private var peers: PeerWatch
  private var isLocal: [Bool]
  private var hasRemotePeers = false
  private var ownHost: UInt64 = 0
  private var mostNanoseconds: Int64?
  private var finding: (peer: Int?, PeerWatch.Finding)?
  private var hasBegun = false
  /// Others may take as long as they like, as long as they live.
  var isPatient = false

  private static let remoteFactor: Int64 = 10
  private static let patience: Int64 = 3_600_000_000_000

  init(rank: Int, size: Int, options: CommunicatorOptions) {
    self.rank = rank
    self.size = size
    silence = options.silenceNanoseconds
    peers = PeerWatch(ranks: size)
    isLocal = [Bool](repeating: false, count: size)
    ownHost = Self.card(options)[1]
  }

  /// What a rank sends the others about itself: problem, host, pid, start time, most bytes per call.
  static func card(_ options: CommunicatorOptions) -> [UInt64] {
    let pid = getpid()
    return [
      options.problem, HostMark.processes(), UInt64(UInt32(bitPattern: pid)), ProcessLife(pid: pid)?.startTime ?? 0,
      UInt64(max(options.mostBytesPerCall, 1)),
    ]
  }

  mutating func remember(_ peer: Int, card: [UInt64]) {
    guard peer != rank else { return }
    isLocal[peer] = card[1] == ownHost
    if isLocal[peer] {
      peers.remember(peer, pid: Int32(truncatingIfNeeded: card[2]), startTime: card[3])
    } else {
      hasRemotePeers = true
    }
  }

  mutating func limit(to nanoseconds: Int64?) { mostNanoseconds = nanoseconds }

  /// Begins a wait.
  mutating func begin() {
    hasBegun = false
    finding = nil
  }

  mutating func isHopeless(_ waited: Int64) -> Bool {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    if !hasBegun {
      hasBegun = true
      peers.beginWaiting(at: now)
    }
    if let most = mostNanoseconds, waited > most {
      finding = (nil, .silent)
      return true
    }
    let limit = isPatient ? Self.patience : silence
    for peer in 0..<size where peer != rank && isLocal[peer] {
      let found = peers.look(at: peer, now: now, limit: limit)
      if found != .alive {
        finding = (peer, found)
        return true
      }
    }
    if hasRemotePeers || isPatient, waited > (isPatient ? Self.patience : silence * Self.remoteFactor) {
      finding = (nil, .silent)
      return true
    }
    return false
  }

  func error(_ operation: CollectiveCall.Operation) -> CommunicationError {
    if let finding, let peer = finding.peer {
      return peers.error(finding.1, peer: peer, rank: rank, operation: operation, limit: silence)
    }
    return CommunicationError(
      .peerSilent, operation, rank: rank,
      "Not all ranks came within the limit; one on another host may be stopped, or the network is gone. "
        + "Raise \(CommunicationVariable.silenceLimit) where single steps take longer.")
  }
}
