import CobreBase
import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Correlations pair values by time, whatever the history begins with and the seasons are called.
@Suite struct LagPairingTests {
  /// Values with memory by number of their season.
  private func series(_ numbers: Range<Int>, seed: UInt64) -> [Int: Double] {
    var random = TestRandom(seed: seed, label: "pairs")
    var value = 0.0
    var result: [Int: Double] = [:]
    for number in numbers {
      value = 0.6 * value + random.number(-10, 10, digits: 4)
      result[number] = 60 + value
    }
    return result
  }

  /// Lag-1 correlation of a season: products of the pairs one season apart over their number, deviations with divisor
  /// N.
  private func correlation(_ series: [Int: Double], season: Int, of seasons: Int) -> Double {
    func moments(_ m: Int) -> (mean: Double, deviation: Double) {
      let values = series.filter { $0.key % seasons == m }.map(\.value)
      let mean = values.reduce(0, +) / Double(values.count)
      return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot())
    }
    let (own, before) = (moments(season), moments((season + seasons - 1) % seasons))
    let products = series.filter { $0.key % seasons == season }.compactMap { number, value in
      series[number - 1].map { (value - own.mean) * ($0 - before.mean) }
    }
    return products.reduce(0, +) / Double(products.count) / own.deviation / before.deviation
  }

  private func fit(_ series: [Int: Double], seasons: Int, order: Int = 1) -> PeriodicFit {
    PeriodicFit(
      SeasonalSeries(
        seasons: seasons,
        observations: series.sorted { $0.key < $1.key }.map {
          .init(season: $0.key % seasons, year: $0.key / seasons, value: $0.value, time: $0.key)
        }),
      settings: EstimationSettings(
        maxOrder: order, orderSelection: .pacf, minObservationsPerSeason: 1, maxCoefficientMagnitude: nil))
  }

  @Test(arguments: 0..<12) func anyFirstMonthGivesTheSameYear(first: Int) {
    var series = series((24_000 + first)..<24_600, seed: UInt64(first))
    // Gaps lose pairs and move none.
    for gap in [24_060, 24_133, 24_134, 24_400] { series[gap] = nil }
    let fit = fit(series, seasons: 12)
    var orders = 0
    for m in 0..<12 {
      let expected = correlation(series, season: m, of: 12)
      let isSignificant = expected > 1.96 / Double(fit.seasons[m].count).squareRoot()
      #expect(fit.seasons[m].coefficients.count == (isSignificant ? 1 : 0))
      if let own = fit.seasons[m].coefficients.first { #expect(abs(own - expected) < 1e-12) }
      orders += fit.seasons[m].order
    }
    #expect(orders >= 9)
  }

  /// Three values in each of two seasons carry order 1 at most.
  ///
  /// Equations of order 6 would have any solution.
  @Test(arguments: 1...40) func fewValuesCarryLowOrders(seed: Int) {
    let fit = fit(series(0..<6, seed: UInt64(seed)), seasons: 2, order: 6)
    for season in fit.seasons {
      #expect((season.carriedOrder ?? 0) <= 1)
      #expect(season.order <= 1)
      #expect(season.residualRatio > 0 && season.residualRatio <= 1)
      #expect(season.order == 0 || season.residualRatio < 1)
    }
  }

  private static let days = [(12, 15), (1, 16), (5, 1), (9, 1)]
  private static let ends = [(1, 15), (4, 30), (8, 31), (12, 14)]

  /// A case of four unequal seasons from 15 December on, with a history of one value each up to the start.
  private func draft(ids: [Int]) -> CaseDraft {
    var draft = CaseDraft.smallest
    func date(_ number: Int) -> String {
      let (month, day) = Self.days[number % 4]
      let year = number / 4 - (number % 4 == 0 ? 1 : 0)
      return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
    let seasons = (0..<4).map { m -> JSONValue in
      [
        "id": .int(Int64(ids[m])), "label": "S", "month_start": .int(Int64(Self.days[m].0)),
        "day_start": .int(Int64(Self.days[m].1)), "month_end": .int(Int64(Self.ends[m].0)),
        "day_end": .int(Int64(Self.ends[m].1)),
      ]
    }
    draft.set(F.stages, "season_definitions", ["cycle_type": "custom", "seasons": .array(seasons)])
    let stages = (0..<4).map { t -> JSONValue in
      [
        "id": .int(Int64(t)), "start_date": .string(date(8108 + t)), "end_date": .string(date(8109 + t)),
        "season_id": .int(Int64(ids[t])), "num_scenarios": 2, "blocks": [["id": 0, "name": "ALL", "hours": 2000]],
      ]
    }
    draft.set(F.stages, "stages", .array(stages))
    draft.set(F.config, "estimation", ["max_order": 1])
    draft.useHistory(
      series(7900..<8108, seed: 5).sorted { $0.key < $1.key }.map { "7,\(date($0.key)),\($0.value)\n" }.joined())
    draft.write(F.loadStats, "bus_id,stage_id,mean_mw,std_mw\n" + (0..<4).map { "1,\($0),62,0\n" }.joined())
    return draft
  }

  @Test(arguments: [[0, 1, 2, 3], [7, 3, 12, 5], [3, 0, 1, 2]]) func idsAreOnlyNames(ids: [Int]) throws {
    let report = draft(ids: ids).read()
    let study = try #require(report.study, "\(report.findings)")
    let process = InflowProcess(study: study)
    let values = series(7900..<8108, seed: 5)
    let estimate = try #require(study.inflowEstimate)
    for m in 0..<4 {
      let expected = correlation(values, season: m, of: 4)
      let fit = try #require(estimate.season(ids[m], hydro: 0))
      #expect(fit.count == 52)
      #expect(fit.coefficients.count == 1 && abs(fit.coefficients[0] - expected) < 1e-12)
      // The lag is the whole season before, though it is three times as long or as short.
      let shift = process.transitions(stage: m, hydro: 0)
      #expect(shift.count == 1 && shift[0].inflow == 1 && shift[0].memory.isEmpty)
    }
    #expect(process.initialState[process.layout.lag(1, hydro: 0)] == values[8107])
    let plain = InflowProcess(study: try #require(draft(ids: [0, 1, 2, 3]).read().study))
    for stage in 0..<4 {
      #expect(process.base(stage: stage, hydro: 0) == plain.base(stage: stage, hydro: 0))
      #expect(process.coefficients(stage: stage, hydro: 0) == plain.coefficients(stage: stage, hydro: 0))
      #expect(process.deviation(stage: stage, hydro: 0) == plain.deviation(stage: stage, hydro: 0))
    }
  }

  /// The last value begins the short season that passes New Year, and must not fill the long one behind it.
  @Test func theLastObservationEndsWithItsSeason() throws {
    var draft = draft(ids: [0, 1, 2, 3])
    let years = (1960...1963).map { year in
      "7,\(year - 1)-12-15,\(900 + year % 5)\n7,\(year)-01-16,\(year % 3 + 50)\n"
        + "7,\(year)-05-01,\(60 + year % 7)\n7,\(year)-09-01,\(80 + year % 4)\n"
    }
    draft.useHistory(years.joined() + "7,1963-12-15,904\n")
    draft.set(F.initial, "past_inflows", [["hydro_id": 7, "values_m3s": [60.0, 60.0]]])
    let study = try #require(draft.read().study)
    let estimate = try #require(study.inflowEstimate)
    let season = try #require(estimate.season(1, hydro: 0))
    #expect(season.count == 4)
    // 1960 … 1963 leave 1, 2, 0, 1 by 3.
    #expect(season.mean == 51)
    // The reader has filled the tables of the stage with it.
    #expect(study.inflowStatistics(stage: 1, hydro: 0).mean == 51)
    #expect(estimate.season(0, hydro: 0)?.count == 5)
  }
}
