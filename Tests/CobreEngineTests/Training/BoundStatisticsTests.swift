import CobreCase
import CobreEngine
import Testing

@Suite struct BoundStatisticsTests {
  @Test func meanDeviationAndInterval() {
    // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32, sample deviation √(32/7), half width 1.96·√(4/7).
    let statistics = BoundStatistics(costs: [2, 4, 4, 4, 5, 5, 7, 9])
    #expect(statistics.mean == 5)
    #expect(abs(statistics.standardDeviation - 2.138_089_935_299_395) < 1e-15)
    #expect(abs(statistics.halfWidth - 1.481_620_734_196_170_7) < 1e-14)
  }

  @Test func aSingleTrajectoryHasNoInterval() {
    let statistics = BoundStatistics(costs: [7.5])
    #expect(statistics.mean == 7.5 && statistics.halfWidth == .infinity)
  }

  @Test func gapIsRelativeToTheUpperBoundButNeverToLessThanOne() {
    #expect(BoundGap(lower: 80, proven: 100).share == 0.2)
    #expect(BoundGap(lower: 0.25, proven: 0.5).share == 0.25)
    #expect(BoundGap(lower: -110, proven: -100).share == 0.1)
  }
}
