/// Checks in /proc whether the processes of this host are alive and make progress.
package struct PeerWatch {
  package enum Finding { case alive, left, ended, silent }

  private struct Peer {
    var pid: Int32 = 0
    var startTime: UInt64 = 0
    // False if the process cannot be seen from here, as from another pid namespace.
    var isVisible = false
    var processorTime: UInt64 = 0
    var lastSign: Int64 = 0
  }
  private var peers: [Peer]

  package init(ranks: Int) { peers = [Peer](repeating: Peer(), count: ranks) }

  package mutating func remember(_ rank: Int, pid: Int32, startTime: UInt64) {
    peers[rank].pid = pid
    peers[rank].startTime = startTime
    peers[rank].isVisible = ProcessLife(pid: pid)?.startTime == startTime
  }

  /// Starts the clock of silence for everyone.
  package mutating func beginWaiting(at now: Int64) {
    for rank in peers.indices { peers[rank].lastSign = now }
  }

  package mutating func look(at rank: Int, now: Int64, limit: Int64) -> Finding {
    guard peers[rank].isVisible else { return now - peers[rank].lastSign > limit ? .silent : .alive }
    guard let life = ProcessLife(pid: peers[rank].pid), life.startTime == peers[rank].startTime, !life.hasEnded else {
      return .ended
    }
    if life.processorTime != peers[rank].processorTime {
      peers[rank].processorTime = life.processorTime
      peers[rank].lastSign = now
    }
    return now - peers[rank].lastSign > limit ? .silent : .alive
  }

  package func error(
    _ finding: Finding, peer: Int, rank: Int, operation: CollectiveCall.Operation, limit: Int64
  ) -> CommunicationError {
    let name = "Rank \(peer) (pid \(peers[peer].pid))"
    switch finding {
    case .left:
      return CommunicationError(
        .peerDied, operation, rank: rank, peer: peer,
        "\(name) has left the group while others wait for it; its log says why.")
    case .silent:
      return CommunicationError(
        .peerSilent, operation, rank: rank, peer: peer,
        "\(name) has given no sign of life for \(limit / 1_000_000_000) s; it may be stopped or hang. "
          + "See whether it was suspended, or raise \(CommunicationVariable.silenceLimit).")
    case .ended, .alive:
      return CommunicationError(
        .peerDied, operation, rank: rank, peer: peer,
        "\(name) has ended while others wait for it; its log or the kernel's (out of memory?) says why.")
    }
  }
}
