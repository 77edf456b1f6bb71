import Synchronization
import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct ThreadTeamTests {
  private struct Odd: Error, Equatable { var unit: Int }

  @Test(arguments: [1, 2, 5])
  func `every unit is computed once, loop after loop`(threads: Int) throws {
    let team = ThreadTeam(count: threads)
    #expect(team.count == threads)
    for units in [0, 1, 2, 3, 40, 1000] {
      let counts = Mutex([Int](repeating: 0, count: units))
      try team.forEach(units) { thread, unit in
        #expect(thread >= 0 && thread < threads)
        counts.withLock { $0[unit] += 1 }
      }
      #expect(counts.withLock { $0 } == .init(repeating: 1, count: units))
    }
  }

  @Test func `several threads work at the same time, each under a number of its own`() throws {
    let team = ThreadTeam(count: 3)
    let arrived = Atomic<Int>(0)
    let threads = Mutex<Set<Int>>([])
    // No thread leaves before all three have arrived: with fewer threads this would not end.
    try team.forEach(3) { thread, _ in
      arrived.add(1, ordering: .sequentiallyConsistent)
      let deadline = ContinuousClock.now + .seconds(60)
      while arrived.load(ordering: .sequentiallyConsistent) < 3, ContinuousClock.now < deadline {}
      threads.withLock { _ = $0.insert(thread) }
    }
    #expect(threads.withLock { $0 } == [0, 1, 2])
  }

  @Test(arguments: [1, 4])
  func `of several failures that of the lowest unit counts`(threads: Int) {
    let team = ThreadTeam(count: threads)
    for first in 0..<200 {
      let failure = #expect(throws: ThreadTeam.UnitFailure.self) {
        try team.forEach(400) { _, unit in
          // The later a failing unit, the sooner it fails.
          if unit >= first {
            for _ in 0..<max(0, 50 - unit) { _ = ContinuousClock.now }
            throw Odd(unit: unit)
          }
        }
      }
      #expect(failure?.unit == first)
      #expect(failure?.cause as? Odd == Odd(unit: first))
    }
    // The team is as good as new.
    #expect(throws: Never.self) { try team.forEach(10) { _, _ in } }
  }
}
