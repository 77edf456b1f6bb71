import CobreCommunication
import Foundation
import Testing

/// Ranks that die, stop or never come, with real processes: the others must end in bounded time and say why.
@Suite(.serialized) struct FaultTests {
  static let meeting = ["--check", "emptyContributions", "--barrier-seconds", "30"]

  // Starts a group that keeps meeting, and waits until all its ranks do.
  private func meetingGroup(_ backend: Backend, size: Int, silence: Int = 60_000) throws -> WorkerGroup {
    let group = try WorkerGroup(backend, size: size, arguments: Self.meeting, silenceMilliseconds: silence)
    for rank in 0..<size { try group.waitForOutput(rank, "meets") }
    return group
  }

  private func expectNothingLeft(_ group: WorkerGroup) throws {
    if let name = group.segmentName {
      #expect(try !FileManager.default.contentsOfDirectory(atPath: "/dev/shm").contains(String(name.dropFirst())))
    }
  }

  @Test(arguments: [Backend.shm, .tcp], [0, 2])
  func killedRank(backend: Backend, victim: Int) throws {
    let group = try meetingGroup(backend, size: 3)
    let pid = group.processes[victim].processIdentifier
    kill(pid, SIGKILL)
    let others = [0, 1, 2].filter { $0 != victim }
    // A second by the design, some more for a machine that is busy.
    for ended in try group.end(of: others, within: 15) {
      #expect(ended.code == 76, "\(ended.output)")
      #expect(ended.output.contains("peerDied"), "\(ended.output)")
      #expect(ended.output.lowercased().contains("rank \(victim) (pid \(pid)"), "\(ended.output)")
    }
    try expectNothingLeft(group)
  }

  @Test(arguments: [Backend.shm, .tcp], [0, 1])
  func stoppedRank(backend: Backend, victim: Int) throws {
    let group = try meetingGroup(backend, size: 3, silence: 1500)
    let pid = group.processes[victim].processIdentifier
    kill(pid, SIGSTOP)
    let start = Date()
    for ended in try group.end(of: [0, 1, 2].filter { $0 != victim }, within: 10) {
      #expect(ended.code == 76, "\(ended.output)")
      #expect(ended.output.contains("peerSilent"), "\(ended.output)")
      #expect(ended.output.lowercased().contains("rank \(victim) (pid \(pid)"), "\(ended.output)")
    }
    #expect(Date().timeIntervalSince(start) > 1)
    // Woken up again, it finds the group broken and ends too.
    kill(pid, SIGCONT)
    #expect(try group.end(of: [victim], within: 10)[0].code == 76)
  }

  /// While large payloads go from neighbour to neighbour: all ranks learn which rank is gone, not only its neighbours.
  @Test(arguments: [(SIGKILL, 0), (SIGKILL, 2), (SIGSTOP, 0), (SIGSTOP, 1)])
  func rankThatLeavesTheRing(signal: Int32, victim: Int) throws {
    let ring = (0..<4).map { ($0, [CommunicationVariable.ring: "2"]) }
    let group = try WorkerGroup(
      .tcp, size: 4, arguments: Self.meeting + ["--meeting-bytes", "4000000"], silenceMilliseconds: 1500,
      changing: Dictionary(uniqueKeysWithValues: ring))
    for rank in 0..<4 { try group.waitForOutput(rank, "meets") }
    let pid = group.processes[victim].processIdentifier
    kill(pid, signal)
    for ended in try group.end(of: (0..<4).filter { $0 != victim }, within: 15) {
      #expect(ended.code == 76, "\(ended.output)")
      #expect(ended.output.contains(signal == SIGKILL ? "peerDied" : "peerSilent"), "\(ended.output)")
      #expect(ended.output.lowercased().contains("rank \(victim) (pid \(pid)"), "\(ended.output)")
    }
  }

  @Test(arguments: [Backend.shm, .tcp])
  func rankThatNeverComes(backend: Backend) throws {
    let group = try WorkerGroup(backend, size: 3, arguments: [], connectMilliseconds: 1000, leavingOut: [2])
    for ended in try group.end(within: 10) {
      #expect(ended.code == 76, "\(ended.output)")
      #expect(ended.output.contains("connectFailed"), "\(ended.output)")
      #expect(ended.output.contains("2"), "\(ended.output)")
    }
    try expectNothingLeft(group)
  }

  @Test(arguments: [Backend.shm, .tcp])
  func rankThatDiesBeforeTheGroupIsComplete(backend: Backend) throws {
    let group = try WorkerGroup(backend, size: 3, arguments: [], leavingOut: [2])
    if backend == .tcp {
      // The listener and the connection of rank 1.
      try group.waitForSockets(0, count: 2)
      usleep(500_000)
    } else {
      let end = Date().addingTimeInterval(20)
      while group.attachedRanks < 2 {
        try #require(Date() < end)
        usleep(10_000)
      }
    }
    kill(group.processes[1].processIdentifier, SIGKILL)
    let ended = try group.end(of: [0], within: 15)[0]
    #expect(ended.code == 76, "\(ended.output)")
    #expect(ended.output.contains("peerDied"), "\(ended.output)")
    try expectNothingLeft(group)
  }

  @Test(arguments: [Backend.shm, .tcp])
  func otherProblem(backend: Backend) throws {
    let group = try WorkerGroup(
      backend, size: 3, arguments: [], connectMilliseconds: 4000, argumentsOf: [1: ["--problem", "7"]])
    let ended = try group.end(within: 15)
    #expect(ended.allSatisfy { $0.code == 76 })
    // Over tcp, rank 2 may find that rank 0 has gone already.
    for rank in backend == .tcp ? [0, 1] : [0, 1, 2] {
      #expect(ended[rank].output.contains("rejected"), "\(ended[rank].output)")
      #expect(ended[rank].output.contains("another case"), "\(ended[rank].output)")
    }
    try expectNothingLeft(group)
  }

  /// Two real ranks and a third that knows the greeting and then goes wrong.
  @Test(arguments: StrangerTests.Misbehaviour.allCases)
  func aPeerThatGoesWrong(_ misbehaviour: StrangerTests.Misbehaviour) throws {
    let group = try WorkerGroup(.tcp, size: 3, arguments: Self.meeting, silenceMilliseconds: 1500, leavingOut: [2])
    // The listener, and rank 1.
    try group.waitForSockets(0, count: 2)
    let socket = try RawSocket(port: group.port)
    #expect(RawGreeting.join(socket, rank: 2, size: 3, problem: 0, token: try #require(group.token)))
    let expected = misbehaviour.commit(on: socket)
    let ended = try group.end(within: 10)
    for rank in ended {
      #expect(rank.code == 76, "\(rank.output)")
      #expect(rank.output.contains("\(expected)"), "\(rank.output)")
      #expect(rank.output.lowercased().contains("rank 2 (pid "), "\(rank.output)")
    }
    socket.close()
  }

  @Test func aPortThatIsTakenAndAnAddressOfNothing() throws {
    let holder = try SocketRendezvous(ranks: 2)
    func rank(_ rank: Int, host: String) -> (program: String, arguments: [String], environment: [String: String]) {
      let environment = [
        CommunicationVariable.backend: "tcp", CommunicationVariable.coordinator: host,
        CommunicationVariable.port: String(holder.port), CommunicationVariable.rank: String(rank),
        CommunicationVariable.size: "2", CommunicationVariable.bindAddress: "127.0.0.1",
        CommunicationVariable.connectTimeout: "2000",
      ]
      return (WorkerGroup.worker.path, ["conformance"], environment)
    }
    let group = try WorkerGroup(commands: [rank(0, host: "127.0.0.1"), rank(1, host: "no-such-host.invalid")])
    let ended = try group.end(within: 30)
    #expect(ended.map(\.code) == [76, 76])
    #expect(ended[0].output.contains("cannot be listened on"), "\(ended[0].output)")
    #expect(ended[0].output.contains(CommunicationVariable.port), "\(ended[0].output)")
    #expect(ended[1].output.contains("no-such-host.invalid"), "\(ended[1].output)")
  }

  /// Rank 0, started by hand, makes the segment itself: a name that cannot be created is reported at once.
  @Test func aSegmentThatCannotBeMade() throws {
    let name = String(repeating: "x", count: 200)
    // A directory where the segment should be.
    #expect(mkdir("/dev/shm/\(name)", 0o700) == 0)
    defer { rmdir("/dev/shm/\(name)") }
    let environment = [
      CommunicationVariable.backend: "shm", CommunicationVariable.sharedMemoryName: name,
      CommunicationVariable.sharedMemoryRank: "0", CommunicationVariable.sharedMemorySize: "2",
    ]
    let group = try WorkerGroup(commands: [(WorkerGroup.worker.path, ["conformance"], environment)])
    let ended = try group.end(within: 10)[0]
    #expect(ended.code == 76)
    #expect(ended.output.contains("cannot be opened"), "\(ended.output)")
  }

  @Test(.enabled(if: WorkerGroup.mpiexec != nil, "mpiexec is not installed"), arguments: [0, 1])
  func killedMPIRank(victim: Int) throws {
    let group = try WorkerGroup(mpi: 2, arguments: Self.meeting)
    try group.waitForOutput(0, "meets", count: 2)
    kill(try pid(of: victim, in: group), SIGKILL)
    let ended = try group.end(within: 10)[0]
    #expect(ended.code != 0)
  }

  @Test(.enabled(if: WorkerGroup.mpiexec != nil, "mpiexec is not installed"))
  func stoppedMPIRank() throws {
    let group = try WorkerGroup(mpi: 2, arguments: Self.meeting, silenceMilliseconds: 1500)
    try group.waitForOutput(0, "meets", count: 2)
    let pid = try pid(of: 1, in: group)
    kill(pid, SIGSTOP)
    defer { kill(pid, SIGKILL) }
    let ended = try group.end(within: 20)[0]
    #expect(ended.code != 0)
    #expect(ended.output.contains("peerSilent"), "\(ended.output)")
    #expect(ended.output.contains("Rank 1 (pid \(pid)"), "\(ended.output)")
  }

  // The launcher mixes the lines of all ranks.
  private func pid(of rank: Int, in group: WorkerGroup) throws -> pid_t {
    let text = group.output(0)
    let line = try #require(text.split(separator: "\n").first { $0.contains("rank \(rank) meets, pid ") })
    return try #require(line.split(separator: " ").last.flatMap { pid_t($0) })
  }
}
