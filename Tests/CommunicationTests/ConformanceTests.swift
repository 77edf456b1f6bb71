import CobreCommunication
import Glibc
import Testing

/// Every check of the contract, over every backend that threads of one process can drive.
@Suite(.serialized) struct ConformanceTests {
  @Test(arguments: ConformanceCheck.allCases)
  func local(check: ConformanceCheck) throws {
    try ThreadGroup.check(check, backend: .local, size: 1)
  }

  @Test(arguments: ConformanceCheck.allCases, [1, 2, 3, 4, 7])
  func sharedMemory(check: ConformanceCheck, size: Int) throws {
    try ThreadGroup.check(check, backend: .shm, size: size)
  }

  // As where the kernel keeps processes from reading each other's memory: large payloads go through the segment.
  @Test(arguments: ConformanceCheck.allCases.filter { !$0.breaksGroup }, [2, 4])
  func sharedMemoryInPieces(check: ConformanceCheck, size: Int) throws {
    var options = CommunicatorOptions()
    options.readsDirectly = false
    try ThreadGroup.check(check, backend: .shm, size: size, options: options)
  }

  /// One rank that may not read is enough for all of them to do without.
  @Test(arguments: [true, false]) func ranksAgreeOnReading(allMay: Bool) throws {
    let group = try TestGroup(backend: .shm, size: 3)
    let errors = ThreadGroup.run(
      size: 3,
      make: { rank in
        var options = CommunicatorOptions()
        options.readsDirectly = allMay || rank != 1
        return try group.communicator(rank: rank, options: options)
      },
      body: { communicator in
        let shared = try #require(communicator as? SharedMemoryCommunicator)
        #expect(!shared.readsDirectly || allMay)
        try ConformanceCheck.largeContributions.run(on: communicator, largeBytes: 5_000_000)
      })
    for case let error? in errors { Issue.record("\(error)") }
  }

  /// Contributions that are copied past the caches, from and to unaligned addresses.
  @Test func sharedMemoryBeyondTheCaches() throws {
    let group = try TestGroup(backend: .shm, size: 2)
    let errors = ThreadGroup.run(
      size: 2, make: { try group.communicator(rank: $0) },
      body: { try ConformanceCheck.largeContributions.run(on: $0, largeBytes: 26_000_003) })
    for case let error? in errors { Issue.record("\(error)") }
  }

  /// Rank 0 of four has more to send than its queues hold, and nothing to receive meanwhile: no rank may fall asleep
  /// then.
  @Test func largePayloadsOverSocketsDoNotPause() throws {
    let group = try TestGroup(backend: .tcp, size: 4)
    let errors = ThreadGroup.run(
      size: 4, make: { try group.communicator(rank: $0) },
      body: { communicator in
        var bytes = [UInt8](repeating: communicator.rank == 0 ? 7 : 0, count: 96_000_000)
        let start = ContinuousClock.now
        try communicator.broadcast(&bytes, root: 0)
        // It took a second per 12 MB where it did. A tenth of a second without.
        #expect(ContinuousClock.now - start < .seconds(6))
        #expect(bytes.first == 7 && bytes.last == 7)
        let again = ContinuousClock.now
        for _ in 0..<2 {
          var all = [UInt8](repeating: 0, count: 64_000_000)
          try communicator.allgatherv(
            [UInt8](repeating: 1, count: 16_000_000), counts: [Int](repeating: 16_000_000, count: 4), into: &all)
        }
        #expect(ContinuousClock.now - again < .seconds(6))
      })
    for case let error? in errors { Issue.record("\(error)") }
  }

  /// The root of a last broadcast does not wait, and its data still reaches all ranks.
  @Test func theRootOfABroadcastMayLeave() throws {
    for _ in 0..<10 {
      let group = try TestGroup(backend: .tcp, size: 3)
      let errors = ThreadGroup.run(
        size: 3, make: { try group.communicator(rank: $0) },
        body: { communicator in
          var bytes = [UInt8](repeating: communicator.rank == 1 ? 7 : 0, count: 1000)
          // The others sleep by then.
          if communicator.rank == 1 { usleep(20_000) }
          try communicator.broadcast(&bytes, root: 1)
          if communicator.rank == 1 { try communicator.finalize() }
          #expect(bytes.allSatisfy { $0 == 7 })
        })
      for case let error? in errors { Issue.record("\(error)") }
    }
  }

  @Test(arguments: ConformanceCheck.allCases, [1, 2, 3, 4, 7])
  func sockets(check: ConformanceCheck, size: Int) throws {
    try ThreadGroup.check(check, backend: .tcp, size: size)
  }

  // As between hosts: large payloads go from neighbour to neighbour.
  @Test(arguments: ConformanceCheck.allCases, [3, 4, 7])
  func socketsInARing(check: ConformanceCheck, size: Int) throws {
    try ThreadGroup.check(check, backend: .tcp, size: size, ring: .always)
  }

  /// On one host no rank wants a ring, and one rank that wants none is enough.
  @Test(arguments: [
    (SocketSettings.Ring.always, SocketSettings.Ring.always, true), (.betweenHosts, .betweenHosts, false),
    (.never, .always, false),
  ])
  func ranksAgreeOnTheRing(first: SocketSettings.Ring, others: SocketSettings.Ring, expected: Bool) throws {
    let group = try TestGroup(backend: .tcp, size: 3, ring: others)
    let errors = ThreadGroup.run(
      size: 3, make: { try group.communicator(rank: $0, ring: $0 == 0 ? first : nil) },
      body: { communicator in
        #expect((communicator as? SocketCommunicator)?.hasRing == expected)
        try ConformanceCheck.largeContributions.run(on: communicator, largeBytes: 5_000_000)
      })
    for case let error? in errors { Issue.record("\(error)") }
  }
}
