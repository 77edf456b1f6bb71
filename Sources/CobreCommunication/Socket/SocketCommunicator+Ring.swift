internal import CobrePlatformShim
internal import Glibc
internal import Logging

/// The ring: between hosts, large payloads go from each rank to the next, so that no host has to send them to all
/// others.
///
/// Over the star, rank 0 sends all contributions to every other rank, over one network card. Around the ring every rank
/// sends, and receives, each contribution once. The star is kept: the ranks agree on a call over it before any payload
/// moves, and small payloads take two steps there instead of one per rank.
extension SocketCommunicator {
  /// Calls that move more than this in total, in bytes, use the ring if there is one.
  static let mostOverStar = 64 << 10
  // How long the neighbours may take to meet. Without the ring everything goes over the star.
  private static let meetingNanoseconds: Int64 = 3_000_000_000

  /// Where the connections of the ring are among all.
  var nextIndex: Int { starCount }
  var previousIndex: Int { starCount + 1 }
  package var hasRing: Bool { links.count > starCount }

  /// Connects neighbours if the ranks are on several hosts.
  ///
  /// All ranks come to the same result.
  func formRing(_ settings: SocketSettings, deadline: Int64) throws {
    guard size > 2 else { return }
    defer { exchange.number = 0 }
    let wishes = try gather([UInt64(settings.ring.rawValue), HostMark.network()])
    let hosts = wishes.map { $0[1] }
    let isWanted = wishes.contains { $0[0] == UInt64(SocketSettings.Ring.always.rawValue) } || Set(hosts).count > 1
    guard isWanted, !wishes.contains(where: { $0[0] == UInt64(SocketSettings.Ring.never.rawValue) }) else { return }

    let listener = try? SocketListener(host: nil, port: 0, rank: rank)
    let port = listener.flatMap { UInt64($0.address.numeric.port) } ?? 0
    let cards = try gather([port] + Self.words(of: ownHost))
    var found: SocketRing.Neighbours?
    var reason = "a rank cannot listen"
    if let listener, cards.allSatisfy({ $0[0] > 0 && $0[0] <= 65_535 }) {
      let target = (rank + 1) % size
      // Who is on the host of rank 0 may have reached it by an address that leads nowhere from another host.
      let isBesideHub = target == 0 || (hosts[target] == hosts[0] && hosts[target] != hosts[rank])
      let ring = SocketRing(
        settings: settings, options: options, listener: listener,
        deadline: min(deadline, cobre_monotonic_nanoseconds() + Self.meetingNanoseconds))
      do {
        found = try ring.meet(
          host: isBesideHub ? hubHost : Self.text(of: cards[target].dropFirst()),
          port: UInt16(truncatingIfNeeded: cards[target][0]))
      } catch {
        reason = (error as? SocketRing.Failure)?.reason ?? "\(error)"
      }
    }
    let successes = try gather([found == nil ? 0 : 1])
    if let found, successes.allSatisfy({ $0[0] == 1 }) {
      links += [found.next, found.previous]
      inputs += [Input(), Input()]
    } else if found == nil {
      Logger(label: "cobre.tcp").warning(
        "Rank \(rank) and its neighbours cannot connect directly (\(reason)); large payloads go through rank 0.")
    }
  }

  // The numbers of every rank.
  private func gather(_ own: [UInt64]) throws -> [[UInt64]] {
    let count = own.count
    var all = [UInt64](repeating: 0, count: count * size)
    try own.withUnsafeBytes { own in
      try all.withUnsafeMutableBytes { all in
        try allgatherv(
          bytes: own, counts: [Int](repeating: own.count, count: size), into: all,
          as: CollectiveCall(.connect, elementWidth: 8))
      }
    }
    return (0..<size).map { Array(all[($0 * count)..<(($0 + 1) * count)]) }
  }

  // The address under which rank 0 sees this rank, and that under which this rank sees rank 0.
  private var ownHost: String {
    links.first.flatMap { SocketAddress(of: $0.descriptor, peer: false)?.numeric.host } ?? ""
  }
  private var hubHost: String {
    links.first.flatMap { SocketAddress(of: $0.descriptor, peer: true)?.numeric.host } ?? ""
  }

  // A numeric address in eight numbers.
  private static func words(of host: String) -> [UInt64] {
    var bytes = Array(host.utf8.prefix(64))
    bytes += [UInt8](repeating: 0, count: 64 - bytes.count)
    return bytes.withUnsafeBytes { bytes in
      (0..<8).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) }
    }
  }

  private static func text(of words: ArraySlice<UInt64>) -> String {
    let bytes = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Sends the next rank what has arrived and is not its own, in order of arrival.
  ///
  /// Returns true if it queued something.
  func passOn() -> Bool {
    let link = links[nextIndex]
    var queued = false
    for hop in 0..<(size - 1) {
      let source = (rank - hop + size) % size
      while exchange.forwarded[source] < exchange.received[source] {
        guard link.queuedFrames < Self.mostQueued else { return queued }
        let start = exchange.forwarded[source]
        let length = min(exchange.received[source] - start, Self.pieceBytes)
        let place =
          source == rank ? exchange.own : exchange.buffer.map { UnsafeRawPointer($0 + exchange.offsets[source]) }
        queue(on: link, source: source, from: place.map { $0 + start }, at: start, length: length)
        exchange.forwarded[source] += length
        queued = true
      }
      guard exchange.forwarded[source] == exchange.counts[source] else { return queued }
    }
    return queued
  }

  /// True when this rank has, and has passed on, everything.
  var isAround: Bool {
    for source in 0..<size {
      if exchange.received[source] < exchange.counts[source] { return false }
      if source != (rank + 1) % size, exchange.forwarded[source] < exchange.counts[source] { return false }
    }
    return true
  }
}
