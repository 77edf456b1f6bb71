import CobreBase
import CobreCase
import CobreCommunication
import CobreEngine
import CobreTestSupport
import Testing

extension CaseDraft {
  /// Monthly inflows of plant 7 over the years 2010 to 2016, without one month if it is given.
  mutating func history(without missing: (year: Int, month: Int)? = nil) {
    var rows: [[Double?]] = []
    for year in 2010...2016 {
      for month in 1...12 where missing.map({ $0 != (year, month) }) ?? true {
        let value =
          20 + Double((year * 7 + month * 5) % 11) - (month == 2 ? 4 : 0) + 0.5 * Double((year * 3 + month) % 4)
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        rows.append([7, Self.day(year, month), Self.day(next.0, next.1), value])
      }
    }
    table("scenarios/inflow_history", "hydro_id start_date end_date value_m3s", rows)
  }

  private static func day(_ year: Int, _ month: Int) -> Double {
    CalendarDate.number("\(year)-\(month < 10 ? "0" : "")\(month)-01")
  }

  /// Replays past inflows in the forward passes.
  mutating func replay(years: JSONValue? = nil) {
    var source: JSONValue = ["seed": 5, "inflow": ["scheme": "historical"]]
    if let years { source = ["seed": 5, "inflow": ["scheme": "historical"], "historical_years": years] }
    set("config.json", "training.scenario_source", source)
  }

  /// Openings from past residuals or in another way.
  mutating func openings(_ count: Int64, _ method: String? = nil) {
    for stage in 0...1 {
      set("stages.json", "stages[\(stage)].num_openings", .int(count))
      if let method { set("stages.json", "stages[\(stage)].sampling_method", .string(method)) }
    }
  }
}

/// Past inflows, in forward passes and as openings: both bounds that novomodelo-python 0.19.1 reports.
@Suite("Novomodelo history") struct NovomodeloHistoryTests {
  struct Replay: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var lowerBound: Double
    var upperBound: Double
    var iterations = 20
    var passes = 1
    var edit: @Sendable (inout CaseDraft) -> Void = { $0.replay() }
  }

  static let replays: [Replay] = [
    Replay(testDescription: "all years", lowerBound: 2_980_495.9488496496, upperBound: 3_237_150),
    Replay(
      testDescription: "three passes", lowerBound: 2_980_495.9488496496, upperBound: 5_185_008.183228069, passes: 3),
    Replay(
      testDescription: "listed years", lowerBound: 2_980_495.9488496496, upperBound: 3_189_360,
      edit: { $0.replay(years: [2011, 2013, 2014]) }),
    Replay(
      testDescription: "a range of years", lowerBound: 2_980_495.9488496496, upperBound: 3_189_360,
      edit: { $0.replay(years: ["from": 2012, "to": 2015]) }),
    Replay(
      testDescription: "the first iteration", lowerBound: 1_377_472.2593643868, upperBound: 8_545_080, iterations: 1),
    Replay(
      testDescription: "the seventh iteration", lowerBound: 2_980_495.9488496496, upperBound: 8_290_047.2748421095,
      iterations: 7),
    Replay(
      testDescription: "a year with a gap", lowerBound: 2_980_495.9488496496, upperBound: 3_380_520,
      edit: {
        $0.replay()
        $0.history(without: (2012, 2))
      }),
    Replay(
      testDescription: "openings of past residuals", lowerBound: 3_462_532.5, upperBound: 3_404_010,
      edit: { $0.openings(4, "historical_residuals") }),
    Replay(
      testDescription: "not more such openings than years", lowerBound: 3_362_352.8571428563, upperBound: 3_007_110,
      edit: { $0.openings(20, "historical_residuals") }),
    Replay(
      testDescription: "both", lowerBound: 3_462_532.5, upperBound: 3_237_150,
      edit: {
        $0.replay()
        $0.openings(4, "historical_residuals")
      }),
    Replay(
      testDescription: "at policy nodes", lowerBound: 2_980_495.9488496496, upperBound: 3_237_150,
      edit: {
        $0.replay()
        $0.fork(openings: 4)
      }),
  ]

  @Test(arguments: replays) func reachesBothBounds(_ replay: Replay) throws {
    var draft = CaseDraft.monthly
    draft.addLags()
    draft.history()
    draft.openings(4)
    draft.set("config.json", "training.selection.forward_passes", .int(Int64(replay.passes)))
    replay.edit(&draft)
    let report = draft.read()
    let study = try #require(report.study, "\(report.errors.map(\.description))")
    let run = try TrainingRun(study, iterations: replay.iterations)
    #expect(abs(run.lowerBound - replay.lowerBound) <= 1e-9 * replay.lowerBound, "\(run.lowerBound)")
    let upper = run.result.lastReport.upperBound
    #expect(abs(upper - replay.upperBound) <= 1e-9 * replay.upperBound, "\(upper)")
  }

  @Test func simulationsReplayTheSameYears() throws {
    var draft = CaseDraft.monthly
    draft.addLags()
    draft.history()
    draft.openings(4)
    draft.replay()
    let study = try #require(draft.read().study)
    let run = try TrainingRun(study, iterations: 20)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: TrainingOptions(study: study), communicator: LocalCommunicator())
    // Costs of the wheel's first scenarios, to the seven digits that they were read with.
    let costs = try simulator.run(scenarios: 10).costs
    for (cost, wanted) in zip(
      costs,
      [
        3_237_150, 3_237_150, 6_683_817, 3_189_360, 3_380_520, 8_290_047, 3_189_360, 4_027_827, 3_189_360, 3_380_520,
      ] as [Double])
    {
      #expect(abs(cost - wanted) <= 1, "\(cost) \(wanted)")
    }
  }

  @Test func noYearToReplayIsSaid() {
    var draft = CaseDraft.monthly
    draft.addLags()
    draft.history()
    draft.replay(years: [1950])
    #expect(draft.read().errors.map(\.code) == [420])
  }
}
