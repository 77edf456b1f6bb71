import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// When gaps are reached, against sequences whose end is known.
@Suite struct GapForecastTests {
  /// Lower bounds 100 - 50 / k, with costs of 100.
  private func marks(_ count: Int, spread: Double = 0) -> [GapForecast.Mark] {
    (1...count).map { k in
      .init(lowerBound: 100 - 50 / Double(k), cost: 100 + (k.isMultiple(of: 2) ? spread : -spread))
    }
  }

  @Test func aGapWithinTheSampleIsSeen() throws {
    // 50 / k is within 5 % of 100 from iteration 10 on.
    let forecast = try #require(GapForecast(marks(20)))
    #expect(forecast.iterations(to: 0.05, passes: 1) == RunEstimate.Span(10, 10))
    #expect(forecast.iterations(to: 0.05, passes: 4) == RunEstimate.Span(2, 10))
  }

  @Test func aPowerIsFollowedBeyondIt() throws {
    // 1 % is reached in iteration 50; the exponent is 1.
    let forecast = try #require(GapForecast(marks(20)))
    let found = forecast.iterations(to: 0.01, passes: 1)
    #expect(abs(found.low - 50) <= 1 && abs(found.high - 50) <= 1)
    // Uncertain costs widen the range.
    let wide = try #require(GapForecast(marks(20, spread: 5))).iterations(to: 0.01, passes: 1)
    #expect(wide.low < 50 && wide.high > 50)
  }

  @Test func tooLittleSaysNothing() {
    #expect(GapForecast(marks(9)) == nil)
    #expect(GapForecast([]) == nil)
    #expect(GapForecast(.init(repeating: .init(lowerBound: -5, cost: -1), count: 12)) == nil)
    #expect(GapForecast(.init(repeating: .init(lowerBound: .nan, cost: 1), count: 12)) == nil)
  }
}
