import CobreCommunication
import Foundation
import Glibc
import Testing

/// Connections to rank 0 that do not belong there, and peers that go wrong in the middle of a run.
@Suite(.serialized) struct StrangerTests {
  // Rank 0 on a thread, waiting for rank 1. What it ended with.
  private func rankZero(
    _ rendezvous: SocketRendezvous, size: Int = 2, options: CommunicatorOptions,
    body: @escaping @Sendable (any Communicator) throws -> Void
  ) -> Pending {
    let environment = rendezvous.environment(rank: 0, listenDescriptor: dup(rendezvous.descriptor))
    return Pending {
      let communicator = try SocketCommunicator(environment: EnvironmentReader(environment), options: options)
      try body(communicator)
      communicator.finalize()
    }
  }

  private func rankOne(
    _ rendezvous: SocketRendezvous, changing: [String: String] = [:], options: CommunicatorOptions
  ) throws -> SocketCommunicator {
    let environment = rendezvous.environment(rank: 1, listenDescriptor: -1).merging(changing) { $1 }
    return try SocketCommunicator(environment: EnvironmentReader(environment), options: options)
  }

  static let short = CommunicatorOptions(problem: 5, silenceLimit: 1.5, connectTimeout: 10)

  @Test func strangersAreTurnedAwayAndTheGroupFormsAllTheSame() throws {
    let rendezvous = try SocketRendezvous(ranks: 2)
    let zero = rankZero(rendezvous, options: Self.short) { communicator in
      let reasons = (communicator as? SocketCommunicator)?.turnedAway ?? []
      #expect(reasons.contains { $0.contains("no greeting") }, "\(reasons)")
      #expect(reasons.contains { $0.contains("token") }, "\(reasons)")
      try communicator.barrier()
    }
    // A browser, one that says nothing and goes, and one that stays and says nothing.
    let browser = try RawSocket(port: rendezvous.port)
    browser.send(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
    #expect(browser.readToEnd(seconds: 5)?.isEmpty == true)
    try RawSocket(port: rendezvous.port).close()
    let silent = try RawSocket(port: rendezvous.port)
    defer { silent.close() }
    // Half a greeting.
    let half = try RawSocket(port: rendezvous.port)
    half.send(Array("COBRETCP".utf8.prefix(5)))
    defer { half.close() }
    let error = #expect(throws: CommunicationError.self) {
      _ = try rankOne(rendezvous, changing: [CommunicationVariable.token: "guessed"], options: Self.short)
    }
    #expect(error?.code == .rejected)
    #expect(error?.message.contains("token") == true)
    try rankOne(rendezvous, options: Self.short).barrier()
    #expect(zero.wait(seconds: 10) == nil)
  }

  @Test func anotherVersionIsTurnedAwayWithTheReason() throws {
    let rendezvous = try SocketRendezvous(ranks: 2)
    let zero = rankZero(rendezvous, options: Self.short) { communicator in
      let reasons = (communicator as? SocketCommunicator)?.turnedAway ?? []
      #expect(reasons.contains { $0.contains("version 77") }, "\(reasons)")
      try communicator.barrier()
    }
    let socket = try RawSocket(port: rendezvous.port)
    var hello = RawGreeting.hello(rank: 1, size: 2, problem: 5)
    hello[8] = 77
    socket.send(hello)
    let answer = String(decoding: try #require(socket.read(540, seconds: 5)), as: UTF8.self)
    #expect(answer.contains("version 77"), "\(answer)")
    socket.close()
    try rankOne(rendezvous, options: Self.short).barrier()
    #expect(zero.wait(seconds: 10) == nil)
  }

  @Test func aDuplicateRankIsTurnedAway() throws {
    let rendezvous = try SocketRendezvous(ranks: 3)
    let zero = rankZero(rendezvous, options: Self.short) { try $0.barrier() }
    let environment = rendezvous.environment(rank: 1, listenDescriptor: -1)
    let first = Pending {
      try SocketCommunicator(environment: EnvironmentReader(environment), options: Self.short).barrier()
    }
    let second = Pending {
      try SocketCommunicator(environment: EnvironmentReader(environment), options: Self.short).barrier()
    }
    usleep(300_000)
    let last = rendezvous.environment(rank: 2, listenDescriptor: -1)
    try SocketCommunicator(environment: EnvironmentReader(last), options: Self.short).barrier()
    let errors = [first.wait(seconds: 10), second.wait(seconds: 10)].compactMap { $0 as? CommunicationError }
    #expect(errors.count == 1)
    #expect(errors.first?.code == .rejected)
    #expect(errors.first?.message.contains("has joined already") == true)
    #expect(zero.wait(seconds: 10) == nil)
  }

  @Test(arguments: [("problem", "another case"), ("size", "3 ranks")])
  func whoKnowsTheTokenButDiffersEndsTheGroup(what: String, words: String) throws {
    let rendezvous = try SocketRendezvous(ranks: 2)
    let zero = rankZero(rendezvous, options: Self.short) { try $0.barrier() }
    let other = CommunicatorOptions(problem: what == "problem" ? 6 : 5, silenceLimit: 1.5, connectTimeout: 10)
    let error = #expect(throws: CommunicationError.self) {
      _ = try rankOne(
        rendezvous, changing: what == "size" ? [CommunicationVariable.size: "3"] : [:], options: other)
    }
    #expect(error?.code == .rejected)
    #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    let mine = zero.wait(seconds: 10) as? CommunicationError
    #expect(mine?.code == .rejected)
    #expect(mine?.message.contains(words) == true, "\(String(describing: mine))")
  }

  enum Misbehaviour: CaseIterable {
    case close, reset, garbage, halfFrame, flippedBit, falseReceipt

    /// Goes wrong, and returns what the others must call it.
    func commit(on socket: RawSocket) -> CommunicationError.Code {
      switch self {
      case .close: socket.close()
      case .reset: socket.reset()
      case .garbage: socket.send([UInt8](repeating: 0x55, count: 200))
      case .halfFrame: socket.send(Array(RawGreeting.barrierFrame().prefix(30)))
      case .flippedBit:
        var frame = RawGreeting.barrierFrame()
        frame[20] ^= 4
        socket.send(frame)
      case .falseReceipt: socket.send(RawGreeting.falseReceipt())
      }
      switch self {
      case .close, .reset: return .peerDied
      case .garbage, .flippedBit, .falseReceipt: return .corruptData
      case .halfFrame: return .peerSilent
      }
    }
  }

  @Test(arguments: Misbehaviour.allCases)
  func aPeerThatGoesWrongBreaksTheGroup(_ misbehaviour: Misbehaviour) throws {
    let rendezvous = try SocketRendezvous(ranks: 2)
    let zero = rankZero(rendezvous, options: Self.short) { try $0.barrier() }
    let socket = try RawSocket(port: rendezvous.port)
    #expect(RawGreeting.join(socket, token: rendezvous.token))
    let expected = misbehaviour.commit(on: socket)
    let error = zero.wait(seconds: 10) as? CommunicationError
    #expect(error?.code == expected, "\(String(describing: error))")
    #expect(error?.peer == 1)
    socket.close()
  }

  @Test func aPortThatIsTakenAndAnAddressOfNothing() throws {
    let holder = try SocketRendezvous(ranks: 2)
    let taken = #expect(throws: CommunicationError.self) {
      _ = try SocketCommunicator(
        settings: SocketSettings(rank: 0, size: 2, host: "127.0.0.1", port: holder.port, bindAddress: "127.0.0.1"),
        options: Self.short)
    }
    #expect(taken?.code == .system)
    #expect(taken?.message.contains("COBRE_TCP_PORT") == true)
    let nowhere = #expect(throws: CommunicationError.self) {
      _ = try SocketCommunicator(
        settings: SocketSettings(rank: 1, size: 2, host: "no-such-host.invalid", port: 29_500),
        options: CommunicatorOptions(connectTimeout: 1))
    }
    #expect(nowhere?.message.contains("no-such-host.invalid") == true)
  }

  static let hasInternetProtocolSix = (try? SocketRendezvous(ranks: 2, host: "::1")) != nil

  @Test(.enabled(if: StrangerTests.hasInternetProtocolSix, "this host has no IPv6")) func internetProtocolSix() throws {
    let rendezvous = try SocketRendezvous(ranks: 2, host: "::1")
    let zero = rankZero(rendezvous, options: Self.short) { try $0.barrier() }
    try rankOne(rendezvous, options: Self.short).barrier()
    #expect(zero.wait(seconds: 10) == nil)
  }
}
