import CobreCase
import CobreCommunication
import CobreEngine
import Synchronization
import Testing

@Suite(.serialized) struct SharedTablesTests {
  private static func tables() -> [NumberTable] {
    [NumberTable((0..<1000).map { Double($0) * 0.5 }), [], NumberTable((0..<7).map { -Double($0) }), [3, 1, 4]]
  }

  /// Every rank reads the same numbers, whether they can be shared or not, and after the communicator's other work.
  @Test(arguments: [(Backend.shm, 3), (.tcp, 2)])
  func hold(backend: Backend, size: Int) throws {
    let group = try TestGroup(backend: backend, size: size)
    let found = Mutex<[Int: [NumberTable]]>([:])
    let errors = ThreadGroup.run(
      size: size, make: { try group.communicator(rank: $0) },
      body: { communicator in
        let shared = try SharedTables.share(Self.tables(), over: communicator, smallest: 0)
        try communicator.barrier()
        found.withLock { $0[communicator.rank] = shared }
        try communicator.barrier()
      })
    for case let error? in errors { Issue.record("\(error)") }
    for rank in 0..<size { #expect(found.withLock { $0[rank] } == Self.tables()) }
  }

  /// Rank 0's tables are shared by all, so a rank with other numbers would see rank 0's.
  @Test func areThoseOfTheLeaderOverSharedMemory() throws {
    let group = try TestGroup(backend: .shm, size: 2)
    let found = Mutex<[Int: Double]>([:])
    let errors = ThreadGroup.run(
      size: 2, make: { try group.communicator(rank: $0) },
      body: { communicator in
        let own = NumberTable([Double(10 + communicator.rank)])
        let shared = try SharedTables.share([own], over: communicator, smallest: 0)
        found.withLock { $0[communicator.rank] = shared[0][0] }
        try communicator.barrier()
      })
    for case let error? in errors { Issue.record("\(error)") }
    #expect(found.withLock { $0 } == [0: 10, 1: 10])
  }

  @Test func smallTablesAndSingleRanksStayAsTheyAre() throws {
    #expect(try SharedTables.share(Self.tables(), over: LocalCommunicator(), smallest: 0) == Self.tables())
    #expect(try SharedTables.share(Self.tables(), over: LocalCommunicator()) == Self.tables())
  }
}
