import CobreBase
import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Water that rain brings, that months take, and that is not for sale.
@Suite struct WaterTests {
  /// One reservoir of 10 km² at any volume, whose plant cannot run.
  private func reservoir(depth: Double) -> CaseDraft {
    var draft = CaseDraft.smallest
    let months = [JSONValue](repeating: .double(depth), count: 12)
    draft.set(F.hydros, "hydros[0].evaporation", ["coefficients_mm": .array(months)])
    draft.set(F.hydros, "hydros[0].generation.max_turbined_m3s", 0.0)
    draft.set(F.hydros, "hydros[0].generation.max_generation_mw", 0.0)
    draft.write(F.geometry, "hydro_id,volume_hm3,height_m,area_km2\n7,10,5,10\n7,150,9,10\n")
    draft.set(F.stages, "stages[0].season_id", 0)
    draft.set(F.stages, "stages[1].season_id", 1)
    draft.write(
      F.inflowOpenings,
      "stage_id,opening_index,probability,hydro_id,value_m3s\n0,0,,7,0\n1,0,0.4,7,0\n1,1,0.6,7,0\n")
    draft.write(F.loadStats, "bus_id,stage_id,mean_mw,std_mw\n1,0,10,0\n1,1,10,0\n")
    return draft
  }

  /// hm³ that evaporate in a stage.
  private func volume(_ study: StudyCase, stage: Int) throws -> Double {
    let line = try #require(study.evaporation(stage: stage, hydro: 0))
    return line.flow(at: 60) * study.stages[stage].hours * 0.0036
  }

  private struct Span: Sendable {
    var start: String
    var end: String
    var season: Int
    var share: Double
  }

  private static let spans: [Span] = [
    Span(start: "2027-01-01", end: "2027-01-08", season: 0, share: 7 / 31.0),
    Span(start: "2027-01-22", end: "2027-02-01", season: 0, share: 10 / 31.0),
    Span(start: "2027-01-01", end: "2027-02-01", season: 0, share: 1),
    Span(start: "2027-02-01", end: "2027-03-01", season: 1, share: 1),
    Span(start: "2028-02-01", end: "2028-03-01", season: 1, share: 1),
    // A week across two months is one of the month that its season names.
    Span(start: "2027-01-29", end: "2027-02-05", season: 0, share: 7 / 31.0),
    Span(start: "2027-01-29", end: "2027-02-05", season: 1, share: 7 / 28.0),
    // A season whose id is only a name: the days give the month.
    Span(start: "2027-06-01", end: "2027-07-01", season: 0, share: 1),
  ]

  /// 100 mm on 10 km² are 1 hm³ in a month, and 7/31 of it in a week.
  @Test(arguments: spans.indices) func monthsAreSharedByDays(index: Int) throws {
    let (start, end) = (Self.spans[index].start, Self.spans[index].end)
    let (season, expected) = (Self.spans[index].season, Self.spans[index].share)
    func date(_ text: String) throws -> CalendarDate {
      let parts = text.split(separator: "-").compactMap { Int($0) }
      let date = CalendarDate(year: parts[0], month: parts[1], day: parts[2])
      return try #require(date)
    }
    let days = CalendarDate.days(from: try date(start), to: try date(end))
    var draft = reservoir(depth: 100)
    draft.set(F.stages, "stages[0].start_date", .string(start))
    draft.set(F.stages, "stages[0].end_date", .string(end))
    draft.set(F.stages, "stages[0].season_id", .int(Int64(season)))
    draft.set(F.stages, "stages[0].blocks[0].hours", .int(Int64(24 * days)))
    draft.set(F.stages, "stages[1].start_date", .string(end))
    draft.set(F.stages, "stages[1].end_date", "2029-01-01")
    draft.set(F.stages, "stages[1].season_id", 11)
    let study = try #require(draft.read().study)
    #expect(abs(try volume(study, stage: 0) - expected) < 1e-14)
  }

  /// 10 MW from gas at 75 $/MWh for 1,416 h: rain costs nothing and is worth nothing here.
  @Test(arguments: [-50.0, 0]) func rainIsFree(depth: Double) throws {
    let report = reservoir(depth: depth).read()
    #expect(report.warnings.isEmpty)
    let run = try TrainingRun(try #require(report.study), iterations: 3)
    #expect(abs(run.lowerBound - 1_062_000) < 1e-3)
  }

  /// 50 mm on 10 km² are 0.5 hm³ a month and no more, however dear power is: 1.8 MWh from each thousandth of a hm³.
  @Test func rainIsWater() throws {
    var draft = reservoir(depth: -50)
    draft.set(F.hydros, "hydros[0].generation.max_turbined_m3s", 50.0)
    draft.set(F.hydros, "hydros[0].generation.max_generation_mw", 45.0)
    draft.set(F.hydros, "hydros[0].reservoir.min_storage_hm3", 60.0)
    draft.set(F.hydros, "hydros[0].penalties", ["evaporation_violation_cost": 1.0])
    let run = try TrainingRun(try #require(draft.read().study), iterations: 10)
    // 1 hm³ = 10⁶/3600 m³/s·h at 0.9 MW per m³/s instead of gas at 75 $/MWh.
    #expect(abs(run.lowerBound - (1_062_000 - 0.9 * 75 * 1e6 / 3600)) < 1e-3)
  }

  /// A plant without water and 900 $/MWh of deficit: 1 m³/s·h is worth 1,350 $, above the 1,000 $ of virtual inflow.
  private func empty(_ values: [String]) -> CaseDraft {
    var draft = CaseDraft.smallest
    draft.set(F.hydros, "hydros[0].reservoir.min_storage_hm3", 0.0)
    draft.set(F.hydros, "hydros[0].generation.productivity_mw_per_m3s", 1.5)
    draft.set(F.hydros, "hydros[0].generation.max_generation_mw", 75.0)
    draft.set(F.initial, "storage[0].value_hm3", 0.0)
    draft.set(F.thermals, "thermals[0].generation.max_mw", 0.0)
    draft.write(F.loadStats, "bus_id,stage_id,mean_mw,std_mw\n1,0,15,0\n1,1,15,0\n")
    draft.write(
      F.inflowOpenings,
      "stage_id,opening_index,probability,hydro_id,value_m3s\n0,0,,7,\(values[0])\n"
        + "1,0,0.4,7,\(values[1])\n1,1,0.6,7,\(values[2])\n")
    return draft
  }

  @Test func nothingIsBoughtWhereNothingIsMissing() throws {
    let run = try TrainingRun(try #require(empty(["2", "2", "2"]).read().study), iterations: 10)
    // 12 MW unserved for 1,416 h.
    #expect(abs(run.lowerBound - 15_292_800) < 1e-3)
  }

  /// In the dry opening 1 m³/s is missing for 672 h and no more than that is bought.
  ///
  /// Kept water would be worth 0.4 · 1,000 + 0.6 · 1,350 = 1,210 $, less than the 1,350 $ it brings at once.
  @Test func whatIsMissingIsBought() throws {
    let run = try TrainingRun(try #require(empty(["2", "-1", "2"]).read().study), iterations: 20)
    // 12 MW are shed for 744 h. Then 15 MW and 1 m³/s bought, or 12 MW, for 672 h.
    let first: Double = 12 * 900 * 744
    let dry: Double = (15 * 900 + 1000) * 672
    let wet: Double = 12 * 900 * 672
    let expected = first + 0.4 * dry + 0.6 * wet
    #expect(abs(run.lowerBound - expected) < 1e-3)
  }

  /// A minimum storage that rises has to be met: the virtual inflow stays free there, as nothing else is.
  @Test func risingMinimumStorageStaysFeasible() throws {
    var draft = empty(["0", "0", "0"])
    draft.write(F.hydroBounds, "hydro_id,stage_id,min_storage_hm3\n7,1,0.36\n")
    let run = try TrainingRun(try #require(draft.read().study), iterations: 5)
    // 0.36 hm³ are 100 m³/s·h. Beyond them water is bought for power as well.
    #expect(run.lowerBound.isFinite && run.lowerBound > 0)
  }

  /// A line that is closed in one block carries nothing there.
  @Test func aLineMayBeClosedInOneBlock() throws {
    var draft = CaseDraft.valley
    draft.replace(F.exchangeFactors, "0.8", "0.0")
    let report = draft.read()
    let study = try #require(report.study, "\(report.findings)")
    let open = try TrainingRun(try #require(CaseDraft.valley.read().study), iterations: 20)
    let closed = try TrainingRun(study, iterations: 20)
    #expect(closed.lowerBound >= open.lowerBound - 1e-6)
    #expect(study.directExchangeFactors[0, 0, 1] == 0)
  }

  /// Bounds of truncated inflows with lags are never called certified.
  @Test func gapsOfHeuristicBoundsHaveTheirName() throws {
    let study = try CalendarSystem(seed: 5, stages: .annual, method: "truncation").text.study()
    var options = TrainingOptions(study: study)
    options.otherRules = [.targetGap(tolerance: 0.9, iterations: 1)]
    options.iterationLimit = 30
    let run = try TrainingRun(study, options: options)
    #expect(run.result.stopReason == .heuristicGap)
    #expect(run.result.warnings.contains { $0.contains("heuristic") })
    let exact = try CalendarSystem(seed: 5, stages: .annual, method: "penalty").text.study()
    #expect(try TrainingRun(exact, options: options).result.stopReason == .targetGap)
  }
}
