import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Which cuts join a program, against sorting all of them.
@Suite struct WorkingCutsTests {
  /// A pool whose values at the state 1, …, 1 are few whole numbers, so that many are equal.
  private static func pool(dimension: Int, seed: UInt64) -> (pool: CutPool, values: [Double]) {
    var random = TestRandom(seed: seed)
    let pool = CutPool(dimension: dimension)
    var values: [Double] = []
    for count in 0..<100 {
      // Cuts join and leave in turns.
      if count == 45 { pool.deactivate(stride(from: 3, to: 45, by: 7)) }
      let slopes = (0..<max(1, dimension)).map { _ in random.number(-3, 3).rounded() }
      let intercept = random.number(-20, 20).rounded()
      pool.append(intercept: intercept, slopes: slopes)
      values.append(intercept + slopes.prefix(dimension).reduce(0, +))
    }
    pool.deactivate(stride(from: 3, to: 100, by: 7))
    for slot in stride(from: 3, to: 100, by: 7) { values[slot] = -.infinity }
    return (pool, values)
  }

  private static func members(_ cuts: borrowing WorkingCuts) -> [Int] {
    var members: [Int] = []
    for position in 0..<cuts.count { members.append(cuts[position]) }
    return members
  }

  @Test(arguments: [0, 1, 4, 9], [1, 2, 5, 16, 200])
  func `the most violated join by value and age`(dimension: Int, limit: Int) {
    for seed in 1...20 as ClosedRange<UInt64> {
      let (pool, values) = Self.pool(dimension: dimension, seed: seed)
      let state = [Double](repeating: 1, count: dimension + 1)
      let known = values.indices.filter { $0 % 5 == 0 && pool.isActive($0) }
      let expected = values.indices.filter { values[$0] > 4 && !known.contains($0) }
        .sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(limit)
      var cuts = WorkingCuts()
      cuts.begin(poolCount: pool.count)
      for slot in known { cuts.join(slot) }
      #expect(cuts.joinViolated(of: pool, at: state, above: 4, limit: limit) == expected.count)
      #expect(Self.members(cuts) == known + expected)
      // From values at hand, the same.
      cuts.begin(poolCount: pool.count)
      for slot in known { cuts.join(slot) }
      #expect(cuts.joinViolated(values: values, count: pool.count, above: 4, limit: limit) == expected.count)
      #expect(Self.members(cuts) == known + expected)
    }
  }

  @Test(arguments: [0, 1, 4, 9], [0, 1, 2, 5])
  func `of equal ones among the highest the oldest joins`(dimension: Int, limit: Int) {
    for seed in 1...20 as ClosedRange<UInt64> {
      let (pool, values) = Self.pool(dimension: dimension, seed: seed)
      let state = [Double](repeating: 1, count: dimension + 1)
      var levels: [Double: Int] = [:]
      for slot in values.indices.reversed() where pool.isActive(slot) { levels[values[slot]] = slot }
      let expected = levels.sorted { $0.key > $1.key }.prefix(limit).map(\.value)
      var cuts = WorkingCuts()
      cuts.begin(poolCount: pool.count)
      // What has joined before says how high to look: one of those searched for, or some that are not.
      let members = seed % 2 == 0 ? expected.dropFirst().prefix(1) : pool.activeSlots.prefix(5)
      for member in members { cuts.join(member) }
      let known = Self.members(cuts)
      cuts.joinHighest(of: pool, at: state, limit: limit)
      #expect(Self.members(cuts) == known + expected.filter { !known.contains($0) })
    }
  }
}
