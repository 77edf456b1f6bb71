internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Lag periods, weights and the recursion in original units against numbers by hand.
@Suite struct LagCalendarTests {
  private func shares(_ days: [Int], of lengths: [Int]) -> [Double] {
    zip(days, lengths).map { Double($0) / Double($1) }
  }

  /// Weeks of April 2026 (30 days), the second ending in May (31 days), after observations of the first 17 days.
  @Test func weeksAddUpToTheirMonth() throws {
    let study = try CalendarSystem(seed: 1, stages: .weeks).text.study()
    let steps = LagCalendar(study: study).steps
    #expect(steps.map(\.index) == [0, 0, 1, 1, 2, 3])
    #expect(steps.map(\.isLast) == [false, true, false, true, true, true])
    #expect(steps.map(\.weight) == shares([7, 6, 14, 16, 1, 1], of: [30, 30, 31, 31, 1, 1]))
    #expect(steps.map(\.spill) == shares([0, 1, 0, 0, 0, 0], of: [1, 31, 1, 1, 1, 1]))

    let process = InflowProcess(study: study)
    let sum = try #require(process.layout.sum(hydro: 0))
    let observed = study.initialConditions.recentObservations.filter { $0.hydro == 0 }.map(\.value)
    let expected = (10 * observed[0] + 7 * observed[1]) / 30
    #expect(abs(process.initialState[sum] - expected) < 1e-12)
    // At the end of April everything is known of it: 17 days observed, 7 and 6 days of stages.
    let april = process.transitions(stage: 1, hydro: 0)[0]
    #expect(abs(april.inflow - 0.2) < 1e-15)
    #expect(abs(april.memory[0].factor - 1) < 1e-15)
  }

  /// Days from 6 December on count in December.
  ///
  /// Those from 1 January on in the month after.
  @Test func partsOfMonthsAreNormalised() throws {
    let study = try CalendarSystem(seed: 1, stages: .shiftedMonths).text.study()
    let process = InflowProcess(study: study)
    #expect(process.calendar.steps.map(\.weight) == shares([26, 29, 22, 25], of: [31, 31, 28, 31]))
    #expect(process.calendar.steps.map(\.spill) == shares([2, 6, 6, 0], of: [31, 28, 31, 1]))
    // Nothing is known of December but its one stage, so its mean is the stage's.
    #expect(process.transitions(stage: 0, hydro: 0)[0].inflow == 1)
    let january = process.transitions(stage: 1, hydro: 0)[0]
    #expect(abs(january.inflow - shares([29], of: [31])[0]) < 1e-15)
    #expect(abs(january.memory[0].factor - 1) < 1e-15)
  }

  /// The first quarterly stage sees the quarter before as the mean of its months by their days.
  @Test func quartersAreMadeOfMonths() throws {
    let study = try CalendarSystem(seed: 1, stages: .quarters).text.study()
    let calendar = LagCalendar(study: study)
    #expect(calendar.coarsens(after: 2))
    let coarse = calendar.coarseShares(after: 2, order: 2)
    #expect(coarse.map { $0.map(\.lag) } == [[1, 2, 3], [4, 5, 6]])
    for (share, expected) in zip(coarse[0], shares([30, 31, 30], of: [91, 91, 91])) {
      #expect(abs(share.weight - expected) < 1e-15)
    }
    // January to March 2024 have 91 days too, behind the three months of the second quarter.
    for (share, expected) in zip(coarse[1], shares([31, 29, 31], of: [91, 91, 91])) {
      #expect(abs(share.weight - expected) < 1e-15)
    }
  }

  /// MODEL 7: ψ* = 0.5, s_t = 20, s_{t−1} = 40, μ_t = 100, μ_{t−1} = 200 give ψ = 0.25 and b = 50.
  @Test func coefficientsChangeTheirUnits() throws {
    var text = CalendarSystem(seed: 1, stages: .annual).text
    text.files["scenarios/inflow_annual_component.csv"] = nil
    text.csv(
      "scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s",
      [3, 5].flatMap { id in ["\(id),-1,200,40"] + (0..<4).map { "\(id),\($0),100,20" } })
    text.csv(
      "scenarios/inflow_ar_coefficients.csv", "hydro_id,stage_id,lag,coefficient,residual_std_ratio",
      [3, 5].flatMap { id in (0..<4).map { "\(id),\($0),1,0.5,0.6" } })
    let process = InflowProcess(study: try text.study())
    #expect(process.coefficients(stage: 0, hydro: 0) == [0.25])
    #expect(process.base(stage: 0, hydro: 0) == 50)
    #expect(process.deviation(stage: 0, hydro: 0) == 12)
    var state = process.initialState
    state[process.layout.lag(1, hydro: 0)] = 240
    #expect(process.inflow(stage: 0, hydro: 0, innovation: 50, state: state) == 110)
    #expect(process.coefficients(stage: 1, hydro: 0) == [0.5])
    #expect(process.base(stage: 1, hydro: 0) == 50)
  }

  /// The annual component spreads over twelve lags.
  @Test func annualComponentAddsToTwelveLags() throws {
    let study = try CalendarSystem(seed: 2, stages: .annual).text.study()
    let process = InflowProcess(study: study)
    let deviation = study.inflowStatistics(stage: 0, hydro: 1).deviation
    let coefficients = process.coefficients(stage: 0, hydro: 1)
    #expect(coefficients.count == 12)
    #expect(process.layout.lagCounts == [12, 12])
    #expect(coefficients.suffix(10).allSatisfy { abs($0 - 0.3 * deviation / 9 / 12) < 1e-15 })
  }

  /// A week over the turn of the year shares its noise with the month that it counts in.
  @Test func weeksShareTheNoiseOfTheirMonth() throws {
    let study = try CalendarSystem(seed: 1, stages: .weeks).text.study()
    #expect(study.stages.indices.map { study.noiseGroup(of: $0) } == [0, 0, 2, 2, 4, 5])
    var turning = study
    let days = ["2026-12-22", "2026-12-29", "2027-01-05", "2027-01-12", "2027-01-19", "2027-01-26", "2027-02-02"]
      .compactMap { text -> CalendarDate? in
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return CalendarDate(year: parts[0], month: parts[1], day: parts[2])
      }
    for stage in turning.stages.indices {
      turning.stages[stage].start = days[stage]
      turning.stages[stage].end = days[stage + 1]
      turning.stages[stage].seasonID = stage == 0 ? 11 : 0
    }
    #expect(turning.stages.indices.map { turning.noiseGroup(of: $0) } == [0, 1, 1, 1, 1, 1])
  }
}
