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
}
