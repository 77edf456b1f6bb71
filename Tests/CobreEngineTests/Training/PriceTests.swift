import CobreBase
internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Prices as processes, by hand; `Tests/python/test_prices.py` holds them against a grid and a tree.
@Suite struct PriceTests {
  /// Normal quantiles at 1/6, 1/2 and 5/6 are 0 and ±0.967; with variance 1 they are 0 and ±√1.5.
  @Test func openingsOfPricesHaveMeanZeroAndVarianceOne() {
    let values = PriceInnovations.standardised(3)
    #expect(abs(values[0] + 1.5.squareRoot()) < 1e-15 && values[1] == 0 && abs(values[2] - 1.5.squareRoot()) < 1e-15)
    #expect(PriceInnovations.standardised(1) == [0])
  }

  /// Cuts at the prices 10, 20 and 40 with the heights 100, 240 and 320: at the price 30 the highest concave function
  /// below all slopes is 240 + (320 − 240) / 2; at 50 it goes on with the least slope, at 5 with the largest.
  @Test func valuesOfStatesAreConcaveInThePrice() throws {
    let pool = Policy.Pool(intercepts: [90, 220, 310], slopes: [1, -10, 2, -20, 1, -40])
    // At x = 10: 100, 240, 320.
    let between = try #require(pool.value(at: [10, 30], slopesInPrice: (-2, 30)))
    #expect(abs(between.cost - 280) < 1e-12 && abs(between.slopes[1] - 4) < 1e-12)
    #expect(abs(between.slopes[0] - 1.5) < 1e-12)
    let above = try #require(pool.value(at: [10, 50], slopesInPrice: (-2, 30)))
    #expect(abs(above.cost - (320 - 2 * 10)) < 1e-12 && above.slopes[1] == -2)
    let below = try #require(pool.value(at: [10, 5], slopesInPrice: (-2, 30)))
    #expect(abs(below.cost - (100 - 30 * 5)) < 1e-12 && below.slopes[1] == 30)
  }

  /// The same cuts at −300 have the heights −210, −380 and 10.
  ///
  /// With a least future cost of −50 at the price 0 the concave function goes from (0, −50) to (40, 10): −5 at 30,
  /// where the cuts alone give −210 + 220 · 20 / 30.
  @Test func theLeastFutureCostCountsAtThePriceZero() throws {
    let pool = Policy.Pool(intercepts: [90, 220, 310], slopes: [1, -10, 2, -20, 1, -40])
    let alone = try #require(pool.value(at: [-300, 30], slopesInPrice: (-2, 30)))
    #expect(abs(alone.cost - (-210 + 220.0 * 20 / 30)) < 1e-9)
    let held = try #require(pool.value(at: [-300, 30], slopesInPrice: (-2, 30)) { -50 })
    #expect(abs(held.cost + 5) < 1e-12 && abs(held.slopes[1] - 1.5) < 1e-12)
    // Three quarters of the cut at 40, and a quarter of what is the same at all storages.
    #expect(abs(held.slopes[0] - 0.75) < 1e-12)
    // Below 0 with the largest slope, and far above what binds nothing is changed.
    #expect(pool.value(at: [-300, -10], slopesInPrice: (-2, 30)) { -50 }?.cost == -350)
    #expect(
      pool.value(at: [10, 30], slopesInPrice: (-2, 30)) { -50 } == pool.value(at: [10, 30], slopesInPrice: (-2, 30)))
    #expect(Policy.Pool().value(at: [10, 30], slopesInPrice: (-2, 30)) { -50 } == nil)
  }

  /// One stage after the other, without noise: 80 MW of load, 730 h, no water, a plant of 100 MW at 50 $/MWh and an
  /// export of at most 30 MW whose price is 40, then 0.5 · 40 + 0.5 · 100 = 70 $/MWh, less a fee of 4.
  ///
  /// It pays in the second stage alone, where the plant has 20 MW left: 2 · 80 · 730 · 50 − 20 · 730 · (70 − 4 − 50).
  @Test func exportsEarnThePriceOfTheStage() throws {
    var draft = CaseDraft.twoStages
    draft.set("initial_conditions.json", "storage", [["hydro_id": 0, "value_hm3": 0]])
    draft.inflows(0, 0)
    draft.set(
      "system/price_processes.json", "price_processes",
      [["id": 1, "name": "SPOT", "initial_price": 40.0, "mean_price": 40.0, "coefficient": 0.5]])
    draft.write("scenarios/price_stats.csv", "price_process_id,stage_id,mean_price\n1,1,100\n")
    draft.set(
      "system/energy_contracts.json", "contracts",
      [
        [
          "id": 1, "name": "SELL", "bus_id": 1, "type": "export", "price_per_mwh": 4.0, "price_process_id": 1,
          "limits": ["min_mw": 0.0, "max_mw": 30.0],
        ]
      ])
    let report = draft.read()
    let run = try TrainingRun(try #require(report.study, "\(report.findings)"), iterations: 6)
    let wanted = 2.0 * 80 * 730 * 50 - 20.0 * 730 * 16
    #expect(abs(run.lowerBound - wanted) <= 1e-9 * wanted)
  }
}
