import CobreCommunication
import Foundation
import Glibc
import Testing

/// The secret of a group is proved, never sent.
///
/// What was seen on one connection is useless on another.
@Suite(.serialized) struct SecretTests {
  private static let short = CommunicatorOptions(problem: 5, silenceLimit: 1.5, connectTimeout: 10)

  /// Rank 0 of two on a thread of its own.
  private func rankZero(
    _ rendezvous: SocketRendezvous, proves: Bool = true,
    body: @escaping @Sendable (any Communicator) throws -> Void = { try $0.barrier() }
  ) -> Pending {
    let environment = rendezvous.environment(rank: 0, listenDescriptor: dup(rendezvous.descriptor))
      .merging([CommunicationVariable.prove: proves ? "1" : "0"]) { $1 }
    return Pending {
      let communicator = try SocketCommunicator(environment: EnvironmentReader(environment), options: Self.short)
      try body(communicator)
      communicator.finalize()
    }
  }

  private func rankOne(_ rendezvous: SocketRendezvous, proves: Bool = true) throws -> SocketCommunicator {
    let environment = rendezvous.environment(rank: 1, listenDescriptor: -1)
      .merging([CommunicationVariable.prove: proves ? "1" : "0"]) { $1 }
    return try SocketCommunicator(environment: EnvironmentReader(environment), options: Self.short)
  }

  @Test func bothSidesProveThatTheyKnowTheSecret() throws {
    let rendezvous = try SocketRendezvous(ranks: 2)
    let zero = rankZero(rendezvous)
    let socket = try RawSocket(port: rendezvous.port)
    socket.send(RawGreeting.hello(rank: 1, size: 2, problem: 5, provesMessages: true))
    let challenge = try #require(socket.read(RawGreeting.challengeBytes, seconds: 5))
    let expected = RawGreeting.derived(
      1, rank: 1, size: 2, problem: 5, provesMessages: true, token: rendezvous.token, challenge: challenge)
    #expect(Array(challenge[48..<80]) == expected)
    #expect(!challenge.indices.contains { challenge[$0...].starts(with: rendezvous.token.utf8) })
    // Rank 0 sends back its own proof: that is not the one of a rank.
    socket.send(RawGreeting.proof(expected))
    let answer = try #require(socket.read(540, seconds: 5))
    #expect(String(decoding: answer, as: UTF8.self).contains("token"))
    socket.close()
    try rankOne(rendezvous).barrier()
    #expect(zero.wait(seconds: 10) == nil)
  }

  /// What one rank has said is said again, word for word, on another connection.
  @Test func aGreetingThatWasSeenCannotBeRepeated() throws {
    let first = try SocketRendezvous(ranks: 2)
    let zero = rankZero(first)
    let honest = try RawSocket(port: first.port)
    honest.send(RawGreeting.hello(rank: 1, size: 2, problem: 5, provesMessages: true))
    let challenge = try #require(honest.read(RawGreeting.challengeBytes, seconds: 5))
    let proof = RawGreeting.derived(
      2, rank: 1, size: 2, problem: 5, provesMessages: true, token: first.token, challenge: challenge)
    let thief = try RawSocket(port: first.port)
    thief.send(RawGreeting.hello(rank: 1, size: 2, problem: 5, provesMessages: true))
    let other = try #require(thief.read(RawGreeting.challengeBytes, seconds: 5))
    #expect(other[16..<48] != challenge[16..<48])
    thief.send(RawGreeting.proof(proof))
    let answer = try #require(thief.read(540, seconds: 5))
    #expect(String(decoding: answer, as: UTF8.self).contains("token"))
    honest.send(RawGreeting.proof(proof))
    #expect(honest.read(540, seconds: 5)?[12] == 1)
    honest.close()
    thief.close()
    #expect(zero.wait(seconds: 10) is CommunicationError)
  }

  /// A stranger has listened first: the rank sends it nothing that is derived from the secret.
  @Test func aRankTellsAStrangerNothing() throws {
    let stranger = try SocketRendezvous(ranks: 2)
    let token = "the secret of another group"
    var environment = stranger.environment(rank: 1, listenDescriptor: -1)
    environment[CommunicationVariable.token] = token
    let rank = Pending { [environment] in
      _ = try SocketCommunicator(environment: EnvironmentReader(environment), options: Self.short)
    }
    let descriptor = accept(stranger.descriptor)
    defer { close(descriptor) }
    var hello = [UInt8](repeating: 0, count: 76)
    #expect(recv(descriptor, &hello, hello.count, Int32(MSG_WAITALL)) == 76)
    // A challenge without a proof.
    var challenge = Array("COHLLNGE".utf8) + [5, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 7, count: 64)
    withUnsafeBytes(of: RawGreeting.checksum(challenge).littleEndian) { challenge += Array($0) }
    send(descriptor, challenge, challenge.count, Int32(MSG_NOSIGNAL))
    var reply = [UInt8](repeating: 1, count: 44)
    #expect(recv(descriptor, &reply, reply.count, Int32(MSG_WAITALL)) == 44)
    #expect(reply[8..<40].allSatisfy { $0 == 0 })
    let error = rank.wait(seconds: 10) as? CommunicationError
    #expect(error?.code == .rejected)
    #expect(error?.message.contains("does not know the token") == true)
  }

  private func accept(_ listener: Int32) -> Int32 {
    for _ in 0..<500 {
      var poller = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      if poll(&poller, 1, 20) > 0 {
        let descriptor = Glibc.accept(listener, nil, nil)
        if descriptor >= 0 { return descriptor }
      }
    }
    return -1
  }

  /// Who sits between two ranks after the greeting can add, repeat and change nothing.
  @Test(arguments: ["without proof", "with another key", "repeated"])
  func messagesOfOthersAreFound(kind: String) throws {
    let rendezvous = try SocketRendezvous(ranks: 2)
    let zero = rankZero(rendezvous) { for _ in 0..<2 { try $0.barrier() } }
    let socket = try RawSocket(port: rendezvous.port)
    socket.send(RawGreeting.hello(rank: 1, size: 2, problem: 5, provesMessages: true))
    let challenge = try #require(socket.read(RawGreeting.challengeBytes, seconds: 5))
    func derived(_ label: UInt8) -> [UInt8] {
      RawGreeting.derived(
        label, rank: 1, size: 2, problem: 5, provesMessages: true, token: rendezvous.token, challenge: challenge)
    }
    socket.send(RawGreeting.proof(derived(2)))
    #expect(socket.read(540, seconds: 5)?[12] == 1)
    let start = try #require(socket.read(128, seconds: 5))
    #expect(Array(start[96...]) == KeyedHash(key: derived(3)).proof(of: Array(start[..<96])))
    var frame = RawGreeting.heartbeatFrame()
    let own = KeyedHash(key: derived(kind == "with another key" ? 3 : 4))
    if kind != "without proof" { frame.replaceSubrange(96..., with: own.proof(of: Array(frame[..<96]))) }
    socket.send(frame)
    if kind == "repeated" { socket.send(frame) }
    let error = zero.wait(seconds: 10) as? CommunicationError
    #expect(error?.code == .corruptData, "\(String(describing: error))")
    #expect(error?.message.contains(kind == "repeated" ? "message 0 where 1" : "proof of its sender") == true)
    socket.close()
  }

  @Test func whoProvesMessagesAndWhoDoesNotIsSaid() throws {
    let rendezvous = try SocketRendezvous(ranks: 2)
    let zero = rankZero(rendezvous)
    let error = #expect(throws: CommunicationError.self) { _ = try rankOne(rendezvous, proves: false) }
    #expect(error?.message.contains(CommunicationVariable.prove) == true)
    #expect((zero.wait(seconds: 10) as? CommunicationError)?.message.contains(CommunicationVariable.prove) == true)
  }

  /// All operations and payloads of many pieces, with proofs, over the star and around the ring.
  @Test(arguments: ["0", "2"])
  func groupsWithProofsComputeTheSame(ring: String) throws {
    let size = 4
    // Four threads of a busy machine may be slow, which is not what this is about.
    let options = CommunicatorOptions(problem: 5, silenceLimit: 60, connectTimeout: 60)
    let rendezvous = try SocketRendezvous(ranks: size)
    let ranks = (0..<size).map { rank in
      let environment = rendezvous.environment(
        rank: rank, listenDescriptor: rank == 0 ? dup(rendezvous.descriptor) : -1
      ).merging([CommunicationVariable.prove: "1", CommunicationVariable.ring: ring]) { $1 }
      return Pending {
        let communicator = try SocketCommunicator(environment: EnvironmentReader(environment), options: options)
        for count in [1, 1000, 300_000] {
          var values = (0..<count).map { Double($0 % 97) * Double(rank + 1) }
          try communicator.allreduce(&values, .sum)
          #expect(values == (0..<count).map { Double($0 % 97) * 10 })
          var shared = rank == 1 ? values : [Double](repeating: 0, count: count)
          try communicator.broadcast(&shared, root: 1)
          #expect(shared == values)
        }
        try communicator.barrier()
        communicator.finalize()
      }
    }
    for rank in ranks { #expect(rank.wait(seconds: 120) == nil) }
  }
}
