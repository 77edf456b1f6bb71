import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

@Suite struct CutPoolTests {
  @Test(arguments: [0, 1, 3, 4, 17])
  func evaluatesEveryCutAsWritten(dimension: Int) {
    var random = TestRandom(seed: 7)
    let pool = CutPool(dimension: dimension)
    var intercepts: [Double] = []
    var slopes: [[Double]] = []
    for _ in 0..<37 {
      let slope = (0..<max(1, dimension)).map { _ in random.number(-5, 5) }
      intercepts.append(random.number(-1e6, 1e6))
      slopes.append(slope)
      #expect(pool.append(intercept: intercepts[intercepts.count - 1], slopes: slope) == intercepts.count - 1)
    }
    let state = (0..<max(1, dimension)).map { _ in random.number(0, 100) }
    var values = [Double](repeating: 0, count: pool.evaluationCount)
    pool.evaluate(at: state, into: &values)
    for cut in 0..<37 {
      // The same terms in the same order give the same bits.
      var expected = intercepts[cut]
      for component in 0..<dimension { expected += slopes[cut][component] * state[component] }
      #expect(values[cut] == expected)
      #expect(pool.intercept(cut) == intercepts[cut])
    }
    #expect(values[37...].allSatisfy { $0 == -.infinity })
  }

  /// A walk over the cuts above a bar meets those that the plain loop meets, with the same bits, for any number of
  /// blocks.
  @Test(arguments: [0, 1, 4, 5, 65], [0, 1, 8, 9, 31, 32, 33, 40, 65, 203])
  func visitsTheCutsAboveTheBar(dimension: Int, count: Int) {
    var random = TestRandom(seed: UInt64(1000 * dimension + count))
    let pool = CutPool(dimension: dimension)
    let state = (0..<max(1, dimension)).map { _ in random.number(0, 100) }
    var expected: [Double] = []
    for _ in 0..<count {
      let slopes = (0..<max(1, dimension)).map { _ in random.number(-5, 5) }
      var value = random.number(-100, 100)
      pool.append(intercept: value, slopes: slopes)
      for component in 0..<dimension { value += slopes[component] * state[component] }
      expected.append(value)
    }
    for inactive in [[], [0, 7, 8, 30]] {
      pool.deactivate(inactive.filter { $0 < count })
      let kept = expected.indices.filter { !inactive.contains($0) }
      for bar in [-Double.infinity, -1e9, 0] + expected.prefix(3) + [1e9, .infinity] {
        var met: [(Int, Double)] = []
        pool.visit(at: state, above: bar) { slot, value in
          met.append((slot, value))
          return bar
        }
        #expect(met.map(\.0) == kept.filter { expected[$0] > bar })
        #expect(met.allSatisfy { $0.1 == expected[$0.0] })
      }
      // A bar that is raised leaves the records alone.
      var met: [Int] = []
      pool.visit(at: state, above: -.infinity) { slot, value in
        met.append(slot)
        return value
      }
      var records: [Int] = []
      for slot in kept where expected[slot] > (records.last.map { expected[$0] } ?? -.infinity) { records.append(slot) }
      #expect(met == records)
    }
  }
}
