import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Intervals of differences of costs, against numbers worked out by hand.
@Suite struct ResultDifferencesTests {
  @Test func commonScenariosArePaired() throws {
    // Differences 1, 2, 3: mean 2, deviation 1, half width 1.96 / √3.
    let rows = ResultDifferences.costs([100, 200, 300], [101, 202, 303])
    let mean = try #require(rows.first)
    #expect(mean.isPaired && abs(mean.difference - 2) < 1e-12)
    #expect(abs((mean.halfWidth ?? 0) - 1.131_606_527_61) < 1e-9)
    #expect(mean.isSignificant == true)
    // The worst twentieth of three scenarios is the worst one.
    #expect(rows.last?.first == 300 && rows.last?.second == 303)
  }

  @Test func otherNumbersOfScenariosAreIndependent() throws {
    // Variances 10,000 of 3 and 2 of 2 values: 1.96 · √(10000/3 + 2/2).
    let mean = try #require(ResultDifferences.costs([100, 200, 300], [201, 203]).first)
    #expect(!mean.isPaired && abs(mean.difference - 2) < 1e-12)
    #expect(abs((mean.halfWidth ?? 0) - 113.177_625_585) < 1e-6)
    #expect(mean.isSignificant == false)
    #expect(ResultDifferences.costs([1], [2]).first?.isSignificant == nil)
    #expect(ResultDifferences.costs([], [2]).isEmpty)
  }
}
