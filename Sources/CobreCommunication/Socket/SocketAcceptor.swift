internal import CobrePlatformShim
internal import Glibc
internal import Logging

/// Rank 0 while the group forms: it admits ranks that belong to the run and turns away others, with a reason on both
/// ends.
final class SocketAcceptor {
  private let settings: SocketSettings
  private let options: CommunicatorOptions
  private let deadline: Int64
  private let listener: SocketListener
  private let logger = Logger(label: "cobre.tcp")

  /// Who was turned away, and why.
  private(set) var turnedAway: [String] = []

  private var candidates: [SocketGuest] = []
  private var members: [SocketConnection?]

  private static let mostGuests = 256
  private static let mostReasons = 20
  private static let greetingNanoseconds: Int64 = 5_000_000_000

  init(settings: SocketSettings, options: CommunicatorOptions, deadline: Int64) throws {
    self.settings = settings
    self.options = options
    self.deadline = deadline
    if let descriptor = settings.listenDescriptor {
      listener = try SocketListener(inherited: descriptor, rank: 0)
    } else {
      listener = try SocketListener(
        host: settings.bindAddress, port: UInt16(truncatingIfNeeded: settings.port), rank: 0)
    }
    members = [SocketConnection?](repeating: nil, count: settings.size)
  }

  deinit {
    for candidate in candidates { close(candidate.descriptor) }
  }

  /// Waits for every rank.
  ///
  /// Returns the connections in rank order.
  func admitAll() throws -> [SocketConnection] {
    while members.dropFirst().contains(where: { $0 == nil }) {
      let now = cobre_monotonic_nanoseconds()
      guard now < deadline else { throw giveUp() }
      wait(until: min(deadline, now + 500_000_000))
      while candidates.count < Self.mostGuests, let descriptor = listener.accept() {
        let address = SocketAddress(of: descriptor, peer: true)?.description ?? "unknown address"
        candidates.append(
          SocketGuest(
            descriptor, address: address, until: now + Self.greetingNanoseconds, purpose: .star,
            secret: settings.secret))
      }
      try listenToGuests()
      try noticeLosses()
    }
    let links = members.compactMap { $0 }
    for link in links {
      link.enqueue(SocketFrame(kind: .start), payload: nil)
      link.flush()
    }
    return links
  }

  private func wait(until limit: Int64) {
    var polls = [pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)]
    for candidate in candidates { polls.append(pollfd(fd: candidate.descriptor, events: Int16(POLLIN), revents: 0)) }
    for case let member? in members {
      polls.append(pollfd(fd: member.descriptor, events: Int16(hangUpEvent), revents: 0))
    }
    let rest = max(limit - cobre_monotonic_nanoseconds(), 0)
    _ = poll(&polls, nfds_t(polls.count), Int32(rest / 1_000_000 + 1))
  }

  private func listenToGuests() throws {
    var waiting: [SocketGuest] = []
    let all = candidates
    candidates = []
    for var candidate in all {
      switch try candidate.hear() {
      case .incomplete where cobre_monotonic_nanoseconds() < candidate.until: waiting.append(candidate)
      case .incomplete: turnAway(candidate, "it did not finish its greeting in time", answer: false)
      case .garbage: turnAway(candidate, "what it sent is no greeting of this engine", answer: false)
      case .otherVersion(let version):
        turnAway(
          candidate,
          "it speaks version \(version) of the protocol, rank 0 speaks \(SocketGreeting.version); start all ranks "
            + "from the same build", answer: true)
      case .unproven: turnAway(candidate, "its token is not the one of this run", answer: true)
      case .proven(let hello, let keys):
        if let error = consider(hello, keys, candidate) {
          candidates = waiting
          throw error
        }
      }
    }
    candidates = waiting + candidates
  }

  // Lets a rank in or turns it away. Returns the error if the run cannot succeed.
  private func consider(
    _ hello: SocketGreeting.Hello, _ keys: SocketKeys?, _ candidate: SocketGuest
  ) -> CommunicationError? {
    let reason: String
    if hello.size != UInt32(settings.size) {
      reason = "it was told that the group has \(hello.size) ranks, rank 0 that it has \(settings.size)"
    } else if hello.problem != options.problem {
      reason = "it was given another case, other options or another engine than rank 0"
    } else if hello.provesMessages != settings.provesMessages {
      reason = "\(CommunicationVariable.prove) is not the same for it as for rank 0"
    } else if hello.rank == 0 || hello.rank >= UInt32(settings.size) {
      reason = "it says it is rank \(hello.rank) of \(settings.size)"
    } else if members[Int(hello.rank)] != nil {
      turnAway(candidate, "rank \(hello.rank) has joined already; every rank needs its own number", answer: true)
      return nil
    } else {
      admit(hello, keys, candidate)
      return nil
    }
    turnAway(candidate, reason, answer: true)
    // Without a token the peer may be a stranger. A peer that knows the token is a rank of this run, and the group can
    // never form.
    guard !settings.token.isEmpty else { return nil }
    return dissolve(
      CommunicationError(
        .rejected, .connect, rank: 0, peer: Int(hello.rank),
        "The rank at \(candidate.address) was turned away: \(reason). Start all ranks with the same case and settings.")
    )
  }

  private func admit(_ hello: SocketGreeting.Hello, _ keys: SocketKeys?, _ candidate: SocketGuest) {
    SocketOptions.prepare(candidate.descriptor, silence: options.silenceLimit)
    guard candidate.answer(isAccepted: true) else {
      close(candidate.descriptor)
      return
    }
    members[Int(hello.rank)] = SocketConnection(
      descriptor: candidate.descriptor, peer: Int(hello.rank),
      peerName: "rank \(hello.rank) (pid \(hello.pid) at \(candidate.address))", keys: keys)
  }

  private func turnAway(_ candidate: SocketGuest, _ reason: String, answer: Bool) {
    let words = "\(candidate.address) was turned away: \(reason)."
    // A stranger that connects again and again must fill neither the memory nor the log.
    if turnedAway.count < Self.mostReasons {
      turnedAway.append(words)
      logger.warning("\(words)")
      if turnedAway.count == Self.mostReasons { logger.warning("Who else is turned away is not logged.") }
    }
    if answer {
      _ = candidate.answer(isAccepted: false, reason + ".")
      shutdown(candidate.descriptor, Int32(SHUT_WR))
    }
    close(candidate.descriptor)
  }

  // A member that leaves before the group is complete ends it, since no other process can replace it.
  private func noticeLosses() throws {
    for case let member? in members {
      if member.nextFrame() != nil { member.markCorrupt("it spoke before the start") }
      guard member.state != .open else { continue }
      throw dissolve(
        CommunicationError(
          .peerDied, .connect, rank: 0, peer: member.peer,
          "\(member.peerName.prefix(1).uppercased() + member.peerName.dropFirst()) left before the group was complete; "
            + "its log says why."))
    }
  }

  private func giveUp() -> CommunicationError {
    let missing = (1..<settings.size).filter { members[$0] == nil }
    let names = missing.prefix(8).map(String.init).joined(separator: ", ")
    let reasons = turnedAway.isEmpty ? "" : " Turned away: " + turnedAway.prefix(3).joined(separator: " ")
    return dissolve(
      CommunicationError(
        .connectFailed, .connect, rank: 0, peer: missing.first,
        "Of \(settings.size) ranks, \(missing.count) did not connect to \(listener.address.description) within "
          + "\(options.connectTimeout) s: \(names).\(reasons) See their logs, or raise "
          + "\(CommunicationVariable.connectTimeout)."))
  }

  // Sends the ranks that have joined the reason why there will be no group.
  private func dissolve(_ error: CommunicationError) -> CommunicationError {
    let words = FailureText.encode(error)
    words.withUnsafeBytes { words in
      var frame = SocketFrame(kind: .failure)
      frame.length = UInt32(words.count)
      frame.describe(words.baseAddress, isProved: settings.provesMessages)
      for case let member? in members where member.state == .open {
        member.enqueue(frame, payload: words.baseAddress)
        member.flush()
        member.stopSending()
        member.discardIncoming()
      }
    }
    return error
  }
}
