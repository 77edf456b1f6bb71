internal import CobrePlatformShim
internal import Glibc

extension SocketCommunicator {
  /// Joins the group that the `COBRE_TCP_*` variables describe.
  package convenience init(environment: EnvironmentReader, options: CommunicatorOptions) throws {
    try self.init(settings: SocketSettings(environment: environment), options: options)
  }

  /// Joins a group.
  ///
  /// Returns when all ranks have.
  package convenience init(settings: SocketSettings, options: CommunicatorOptions) throws {
    let deadline = cobre_monotonic_nanoseconds() + options.connectNanoseconds
    if settings.size == 1 {
      self.init(rank: 0, size: 1, links: [], turnedAway: [], options: options)
    } else if settings.rank == 0 {
      let door = try SocketAcceptor(settings: settings, options: options, deadline: deadline)
      let links = try door.admitAll()
      self.init(rank: 0, size: settings.size, links: links, turnedAway: door.turnedAway, options: options)
    } else {
      let link = try SocketVisitor(settings: settings, options: options, deadline: deadline).join()
      self.init(rank: settings.rank, size: settings.size, links: [link], turnedAway: [], options: options)
    }
    try formRing(settings, deadline: deadline)
  }
}

/// A rank on its way to rank 0.
struct SocketVisitor {
  let settings: SocketSettings
  let options: CommunicatorOptions
  let deadline: Int64

  func join() throws -> SocketConnection {
    var pause: useconds_t = 10_000
    var last = "nothing answered"
    while true {
      switch try attempt() {
      case .joined(let link): return link
      case .failed(let reason): last = reason
      }
      guard cobre_monotonic_nanoseconds() + Int64(pause) * 1000 < deadline else { break }
      usleep(pause)
      pause = min(pause * 2, 500_000)
    }
    throw CommunicationError(
      .connectFailed, .connect, rank: settings.rank, peer: 0,
      "Rank 0 could not be reached at \(settings.host) port \(settings.port) within \(options.connectTimeout) s: \(last). "
        + "See that it runs, that the port is open, and that \(CommunicationVariable.coordinator) names its host.")
  }

  private enum Outcome {
    case joined(SocketConnection)
    case failed(String)
  }

  private func attempt() throws -> Outcome {
    let addresses: [SocketAddress]
    do {
      addresses = try SocketAddress.resolve(
        host: settings.host, port: UInt16(truncatingIfNeeded: settings.port), rank: settings.rank)
    } catch let error as CommunicationError where error.code == .connectFailed {
      return .failed(error.message)
    }
    var last = "no address"
    for address in addresses {
      let descriptor = try SocketOptions.make(family: address.family)
      if let reason = SocketDial.connect(descriptor, to: address, deadline: deadline) {
        close(descriptor)
        last = "\(address.description): \(reason)"
        continue
      }
      return try greet(descriptor, address: address)
    }
    return .failed(last)
  }

  private func greet(_ descriptor: Int32, address: SocketAddress) throws -> Outcome {
    SocketOptions.prepare(descriptor, silence: options.silenceLimit)
    var isHandedOver = false
    defer { if !isHandedOver { close(descriptor) } }
    let limit = min(deadline, cobre_monotonic_nanoseconds() + 10_000_000_000)
    var caller = try SocketCaller(
      descriptor, rank: settings.rank, settings: settings, problem: options.problem, purpose: .star)
    var heard = caller.begin() ? SocketCaller.Heard.incomplete : .closed
    while case .incomplete = heard {
      guard SocketOptions.wait(descriptor, for: Int32(POLLIN), until: limit) else { break }
      heard = caller.hear()
    }
    switch heard {
    case .incomplete, .closed:
      return .failed("\(address.description) closed the connection or gave no answer")
    case .garbage:
      throw CommunicationError(
        .corruptData, .connect, rank: settings.rank, peer: 0,
        "What answers at \(address.description) is no rank 0 of this engine; check \(CommunicationVariable.port).")
    case .unproven:
      throw CommunicationError(
        .rejected, .connect, rank: settings.rank, peer: 0,
        "What answers at \(address.description) does not know the token of this rank: it is another group's, or a "
          + "stranger. See that \(CommunicationVariable.token) or \(CommunicationVariable.tokenFile) is the same for all "
          + "ranks.")
    case .refused(let text):
      throw CommunicationError(
        .rejected, .connect, rank: settings.rank, peer: 0, "Rank 0 turned this rank away: \(text)")
    case .accepted(let pid, let keys):
      isHandedOver = true
      let link = SocketConnection(
        descriptor: descriptor, peer: 0, peerName: "rank 0 (pid \(pid) at \(address.description))", keys: keys)
      try awaitStart(link)
      return .joined(link)
    }
  }

  private func awaitStart(_ link: SocketConnection) throws {
    // Rank 0 gives up at about the same time and says why: let it speak first.
    let limit = deadline + 2_000_000_000
    while true {
      if let frame = link.nextFrame() {
        switch frame.kind {
        case .start where frame.length == 0: return
        case .failure: throw try failure(frame, link, limit)
        default: link.markCorrupt("it began with something else than a start")
        }
      }
      if link.state != .open {
        throw CommunicationError(
          .peerDied, .connect, rank: settings.rank, peer: 0,
          "The connection to \(link.peerName) was lost while the group formed; its log says why.")
      }
      guard SocketOptions.wait(link.descriptor, for: Int32(POLLIN), until: limit) else {
        throw CommunicationError(
          .connectFailed, .connect, rank: settings.rank, peer: 0,
          "The group was not complete within \(options.connectTimeout) s; see the log of rank 0.")
      }
    }
  }

  private func failure(_ frame: SocketFrame, _ link: SocketConnection, _ limit: Int64) throws -> CommunicationError {
    var words = [UInt8](repeating: 0, count: min(Int(frame.length), FailureText.mostText + 12))
    var taken = 0
    while taken < words.count, link.state == .open {
      taken += words.withUnsafeMutableBytes { buffer in
        buffer.baseAddress.map { link.receive(into: $0 + taken, length: buffer.count - taken) } ?? 0
      }
      if taken < words.count { _ = SocketOptions.wait(link.descriptor, for: Int32(POLLIN), until: limit) }
    }
    if link.isProved {
      let digest = words.withUnsafeBytes { bytes in
        bytes.baseAddress.map { RunningDigest.digest(of: $0, bytes.count) }
      }
      guard digest == frame.payloadDigest else {
        return CommunicationError(
          .corruptData, .connect, rank: settings.rank, peer: 0,
          "What \(link.peerName) has sent was changed on its way.")
      }
    }
    return words.withUnsafeBytes { FailureText.decode($0, to: settings.rank) }
  }
}
