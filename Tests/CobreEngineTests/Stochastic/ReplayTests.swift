import CobreBase
import CobreCase
import CobreEngine
import Testing

/// Known scenarios, of the past or given, as noise.
@Suite struct ReplayTests {
  /// Inflow of a plant in a month of the history: a number that shows where it comes from.
  private static func past(_ hydro: Int, _ year: Int, _ month: Int) -> Double {
    80 + Double(hydro) + Double(month) + Double((year * 37 + month * 11 + hydro * 5) % 29)
  }

  /// A case of three months with a history of 1991 … 1998, from which July 1994 is missing.
  private static func historical(_ lags: Bool, method: String = "saa", scheme: String? = "historical") -> CaseDraft {
    var source = NoisyCase(buses: [1], stages: 3, openings: 20, method: method)
    if let scheme { source.source = ["seed": 5, "inflow": ["scheme": .string(scheme)]] }
    source.dates = ["2024-07-01", "2024-08-01", "2024-09-01", "2024-10-01"]
    source.seasons = [6, 7, 8]
    var draft = source.draft
    var rows = ["hydro_id,date,value_m3s"]
    for year in 1991...1998 {
      for month in 1...12 where (year, month) != (1994, 7) {
        for hydro in [3, 5] {
          rows.append("\(hydro),\(year)-\(month < 10 ? "0" : "")\(month)-01,\(past(hydro, year, month))")
        }
      }
    }
    draft.write("scenarios/inflow_history.csv", rows.joined(separator: "\n") + "\n")
    var coefficients = ["hydro_id,stage_id,lag,coefficient,residual_std_ratio"]
    if lags {
      for stage in 0..<3 {
        coefficients += ["3,\(stage),1,0.5,0.8", "3,\(stage),2,-0.2,0.8", "5,\(stage),1,0.3,0.9"]
      }
    } else {
      // A given model needs a table of coefficients besides the history. This one has no effect.
      coefficients += (0..<3).flatMap { ["3,\($0),1,0,1", "5,\($0),1,0,1"] }
    }
    draft.write("scenarios/inflow_ar_coefficients.csv", coefficients.joined(separator: "\n") + "\n")
    draft.set(
      "initial_conditions.json", "past_inflows",
      [["hydro_id": 3, "values_m3s": [101, 99]], ["hydro_id": 5, "values_m3s": [103]]])
    return draft
  }

  private static func sampler(_ study: StudyCase, count: Int, use: ForwardSampler.Use = .training, iteration: Int = 1)
    throws -> ForwardSampler
  {
    var sampler = try ForwardSampler(
      study: study, tree: OpeningTree(study: study, seed: 11), source: study.configuration.training.scenarioSource,
      treeSeed: 11, use: use, count: count, kept: 0..<count)
    sampler.prepare(iteration: iteration)
    return sampler
  }

  /// Inflows of a trajectory by the model, fed with its noise, `[stage][hydro]`.
  private static func inflows(_ study: StudyCase, _ sampler: inout ForwardSampler, _ trajectory: Int) -> [[Double]] {
    let process = OpeningTree(study: study, seed: 11).inflow
    var state = sampler.initialState(trajectory: trajectory)
    return study.stages.indices.map { stage in
      var sample = NoiseSample(study: study)
      sampler.realise(stage: stage, step: stage, trajectory: trajectory, into: &sample)
      let values = study.hydros.indices.map {
        process.inflow(stage: stage, hydro: $0, innovation: sample.inflows[$0], state: state)
      }
      for hydro in study.hydros.indices where process.layout.lagCounts[hydro] > 0 {
        let lags = process.layout.lagCounts[hydro]
        for lag in stride(from: lags, to: 1, by: -1) {
          state[process.layout.lag(lag, hydro: hydro)] = state[process.layout.lag(lag - 1, hydro: hydro)]
        }
        state[process.layout.lag(1, hydro: hydro)] = values[hydro]
      }
      return values
    }
  }

  private static func isClose(_ left: [[Double]], _ right: [[Double]]) -> Bool {
    zip(left.joined(), right.joined()).allSatisfy { abs($0 - $1) < 1e-9 }
  }

  /// The noise of a window makes the model give the inflows of the past, whatever its order.
  @Test(arguments: [false, true])
  func windowsGiveThePastInflowsBack(lags: Bool) throws {
    let study = try NoisyCase.study(of: Self.historical(lags))
    // 1994 has no July. The lags of 1991 are in May and June of that year.
    let years = [1991, 1992, 1993, 1995, 1996, 1997, 1998]
    let known = years.map { year in (7...9).map { month in [3, 5].map { Self.past($0, year, month) } } }
    for (use, iteration) in [(ForwardSampler.Use.training, 1), (.training, 2), (.simulation, 1)] {
      var sampler = try Self.sampler(study, count: 14, use: use, iteration: iteration)
      let found = (0..<14).map { Self.inflows(study, &sampler, $0) }
      // Each window once before any comes again.
      for half in [found[..<7], found[7...]] {
        for window in known { #expect(half.filter { Self.isClose($0, window) }.count == 1) }
      }
      #expect(!zip(found[..<7], found[7...]).allSatisfy { Self.isClose($0, $1) })
    }
  }

  @Test func lagsBeforeAWindowAreThoseOfThePast() throws {
    let study = try NoisyCase.study(of: Self.historical(true))
    var sampler = try Self.sampler(study, count: 7)
    for trajectory in 0..<7 {
      let first = Self.inflows(study, &sampler, trajectory)[0][0]
      let year = try #require((1991...1998).first { abs(Self.past(3, $0, 7) - first) < 1e-9 && $0 != 1994 })
      let state = sampler.initialState(trajectory: trajectory)
      #expect(Array(state[2...]) == [Self.past(3, year, 6), Self.past(3, year, 5), Self.past(5, year, 6)])
    }
  }

  @Test func yearsMayBeChosen() throws {
    var draft = Self.historical(true)
    draft.set("config.json", "training.scenario_source.historical_years", ["from": 1993, "to": 1995])
    let study = try NoisyCase.study(of: draft)
    var sampler = try Self.sampler(study, count: 2)
    let found = (0..<2).map { Self.inflows(study, &sampler, $0)[2][1] }.sorted()
    let expected = [1993, 1995].map { Self.past(5, $0, 9) }.sorted()
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  /// Openings of residuals: each window once, the same in every stage, with loads and sources at their means.
  @Test func openingsMayBeThePast() throws {
    let study = try NoisyCase.study(of: Self.historical(true, method: "historical_residuals", scheme: nil))
    #expect(study.stages.map(\.openings) == [7, 7, 7])
    let tree = OpeningTree(study: study, seed: 11)
    #expect(tree.problem == nil)
    var windows: Set<Int> = []
    for opening in 0..<7 {
      // In the first stage η = (x − b − Σ ψ·lag)/σ with the lags of the window.
      let noise = (0..<3).map { stage in
        (tree.stages[stage].inflows[opening * 2 + 1] - tree.inflow.base(stage: stage, hydro: 1))
          / tree.inflow.deviation(stage: stage, hydro: 1)
      }
      let year = try #require(
        (1991...1998).filter { $0 != 1994 }.first { year in
          (0..<3).allSatisfy { stage in
            let lagged = tree.inflow.coefficients(stage: stage, hydro: 1)[0] * Self.past(5, year, 6 + stage)
            let expected =
              (Self.past(5, year, 7 + stage) - tree.inflow.base(stage: stage, hydro: 1) - lagged)
              / tree.inflow.deviation(stage: stage, hydro: 1)
            return abs(expected - noise[stage]) < 1e-9
          }
        })
      windows.insert(year)
      #expect(tree.stages[1].loads[opening] == 50)
      #expect(tree.stages[1].availabilities[opening] == 5)
    }
    #expect(windows.count == 7)
    #expect(tree.stages != OpeningTree(study: study, seed: 12).stages)
  }

  /// Lags that are fitted to the history count as lags that the case gives: 1991 has no months before its first one.
  @Test func windowsOfAFittedModelNeedItsLags() throws {
    var draft = Self.historical(true, method: "historical_residuals", scheme: nil)
    draft.files["scenarios/inflow_seasonal_stats.csv"] = nil
    draft.files["scenarios/inflow_ar_coefficients.csv"] = nil
    draft.set("config.json", "estimation", ["max_order": 1])
    let months: [JSONValue] = (1...12).map {
      ["id": .int(Int64($0) - 1), "label": .string("m\($0)"), "month_start": .int(Int64($0))]
    }
    draft.set("stages.json", "season_definitions", ["cycle_type": "monthly", "seasons": .array(months)])
    // July to September follow the month before them, as far as 29 of noise by year against 11 by month says; 1991 to 2010.
    var rows = ["hydro_id,date,value_m3s"]
    for year in 1991...2010 {
      for month in 1...12 where (year, month) >= (1991, 7) {
        let june = 100 + Double((year * 37) % 29)
        for hydro in [3, 5] {
          let noise = Double((year * 7 + month * 13 + hydro * 5 + year / 3) % 11)
          let value = (6...9).contains(month) ? june + noise : 80 + noise
          rows.append("\(hydro),\(year)-\(month < 10 ? "0" : "")\(month)-01,\(value)")
        }
      }
    }
    draft.write("scenarios/inflow_history.csv", rows.joined(separator: "\n") + "\n")
    draft.set("stages.json", "stages[0].num_scenarios", 20)
    let report = draft.read()
    let study = try #require(report.study, "\(report.findings)")
    #expect(InflowProcess(study: study).layout.lagCounts.contains(1))
    // 20 Julys, of which the first has no June before it.
    #expect(study.stages.map(\.openings) == [19, 19, 19])
    #expect(OpeningTree(study: study, seed: 11).stages.map(\.probabilities.count) == [19, 19, 19])
    #expect(report.findings.contains { $0.code == 541 && $0.message.contains("only 19 historical windows") })
  }

  /// A history without the months that the study needs is refused by name.
  @Test func historyWithoutAWindowIsSaidSo() throws {
    var draft = Self.historical(true)
    draft.write("scenarios/inflow_history.csv", "hydro_id,date,value_m3s\n3,1991-07-01,5\n5,1991-08-01,5\n")
    #expect(draft.read().errors.map(\.code).contains(423))
  }

  private static func external(_ lags: Bool) -> CaseDraft {
    var source = NoisyCase(stages: 3, openings: 9)
    source.source = [
      "seed": 8, "inflow": ["scheme": "external"], "load": ["scheme": "external"], "ncs": ["scheme": "external"],
    ]
    var draft = source.draft
    func table(_ file: String, _ head: String, _ ids: [Int], _ scenarios: [Int], _ value: (Int, Int, Int) -> Double) {
      var rows = [head]
      for stage in 0..<3 {
        for scenario in 0..<scenarios[stage] {
          rows += ids.map { "\(stage),\(scenario),\($0),\(value($0, stage, scenario))" }
        }
      }
      draft.write(file, rows.joined(separator: "\n") + "\n")
    }
    table("scenarios/external_inflow_scenarios.csv", "stage_id,scenario_id,hydro_id,value_m3s", [3, 5], [4, 4, 2]) {
      90 + Double($0 + 3 * $1 + 7 * $2)
    }
    table("scenarios/external_load_scenarios.csv", "stage_id,scenario_id,bus_id,value_mw", [1, 4], [4, 4, 4]) {
      40 + Double($0 + $1 + 2 * $2)
    }
    table("scenarios/external_ncs_scenarios.csv", "stage_id,scenario_id,ncs_id,value", [8], [3, 3, 3]) {
      0.2 + 0.1 * Double($2) + 0.01 * Double($1)
    }
    if lags {
      draft.write(
        "scenarios/inflow_ar_coefficients.csv",
        "hydro_id,stage_id,lag,coefficient,residual_std_ratio\n3,0,1,0.5,0.8\n3,1,1,0.5,0.8\n3,2,1,0.4,0.8\n3,2,2,0.1,0.8\n"
      )
      draft.set("initial_conditions.json", "past_inflows", [["hydro_id": 3, "values_m3s": [101, 99]]])
    }
    return draft
  }

  /// External values come back from their noise.
  ///
  /// Stages with fewer scenarios repeat them.
  @Test(arguments: [false, true])
  func externalScenariosAreReplayed(lags: Bool) throws {
    let study = try NoisyCase.study(of: Self.external(lags))
    #expect(study.stages.map(\.openings) == [3, 3, 2], "no more openings than scenarios")
    var sampler = try Self.sampler(study, count: 4)
    var scenarios: Set<Int> = []
    for trajectory in 0..<4 {
      let found = Self.inflows(study, &sampler, trajectory)
      let scenario = try #require(
        (0..<4).first { scenario in
          let counts = [4, 4, 2]
          let known = (0..<3).map { stage in
            [3, 5].map { 90 + Double($0 + 3 * stage + 7 * (scenario % counts[stage])) }
          }
          return Self.isClose(known, found)
        })
      scenarios.insert(scenario)
      var sample = NoiseSample(study: study)
      sampler.realise(stage: 1, step: 1, trajectory: trajectory, into: &sample)
      // Four scenarios of both classes go together.
      for (bus, id) in [(0, 1), (1, 4)] { #expect(abs(sample.loads[bus] - Double(41 + id + 2 * scenario)) < 1e-12) }
      let shares = (0..<3).map { 2 + Double($0) + 0.1 }
      #expect(shares.contains { abs($0 - sample.availabilities[0]) < 1e-12 })
    }
    #expect(scenarios.count == 4)
  }

  /// With opening tables external values are taken as they are.
  @Test func externalValuesBesideOpeningTablesAreTakenAsTheyAre() throws {
    var draft = CaseDraft.smallest
    draft.set("config.json", "training.scenario_source", ["seed": 8, "inflow": ["scheme": "external"]])
    draft.write(
      "scenarios/external_inflow_scenarios.csv",
      "stage_id,scenario_id,hydro_id,value_m3s\n0,0,7,13.5\n0,1,7,-2\n1,0,7,17\n1,1,7,19\n")
    let study = try NoisyCase.study(of: draft)
    #expect(study.stages.map(\.openings) == [1, 2])
    var sampler = try Self.sampler(study, count: 2)
    var found: Set<[Double]> = []
    for trajectory in 0..<2 {
      found.insert(
        (0..<2).map { stage in
          var sample = NoiseSample(study: study)
          sampler.realise(stage: stage, step: stage, trajectory: trajectory, into: &sample)
          #expect(sample.loads == [study.loadStatistics(stage: stage, bus: 0).mean])
          return sample.inflows[0]
        })
    }
    #expect(found == [[13.5, 17], [-2, 19]])
  }
}
