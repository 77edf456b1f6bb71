import CobreBase
import CobreCase
import CobreEngine
import CobreTestSupport
import Foundation
import Testing

/// Markov states out of a history: the split, the chain, and the case that is made of them.
@Suite struct MarkovLatticeTests {
  /// Every split of sorted values into groups, tried one by one.
  private static func leastSpread(_ values: [Double], _ groups: Int, _ least: Int) -> Double {
    guard groups > 1 else {
      guard values.count >= least else { return .infinity }
      let mean = values.reduce(0, +) / Double(values.count)
      return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    return (1..<max(2, values.count)).map { cut in
      leastSpread(Array(values[..<min(cut, values.count)]), 1, least)
        + leastSpread(Array(values[min(cut, values.count)...]), groups - 1, least)
    }.min() ?? .infinity
  }

  @Test(arguments: 1...12) func splitsAreTheBestOfAll(seed: UInt64) {
    var random = SplitMix(state: seed)
    let count = 6 + Int(seed) % 6
    let values: [Double] = (0..<count).map { _ in 1000 + Double(random.next() % 50_000) / 1000 }.sorted()
    for (groups, least) in [(2, 1), (3, 1), (3, 2), (2, 3)] {
      let ranges = MarkovLattice.partition(values, into: groups, least: least)
      #expect(ranges.count == groups && ranges.allSatisfy { $0.count >= least })
      #expect(ranges.flatMap { Array($0) } == Array(values.indices))
      let spread = ranges.reduce(0) { $0 + Self.leastSpread(Array(values[$1]), 1, 1) }
      #expect(abs(spread - Self.leastSpread(values, groups, least)) <= 1e-9 * max(1, spread))
    }
  }

  /// Six years of two seasons, dry or wet in each: D W, D D, W W, W D, D D, W W by hand.
  @Test func countsWhatFollows() throws {
    let wetness: [Double] = [1, 10, 2, 1, 9, 11, 8, 2, 1, 1, 9, 12]
    let odd = Array(stride(from: 0, to: 12, by: 2))
    let lattice = try MarkovLattice(
      wetness: wetness, seasons: [odd, odd.map { $0 + 1 }, odd], follows: (0..<12).map { $0 < 11 }, states: 2, least: 2)
    let members: [[[Int]]] = lattice.nodes.map { place in place.map(\.members) }
    #expect(members[0] == [[0, 2, 4, 6, 8, 10]])
    #expect(members[1] == [[3, 7, 9], [1, 5, 11]])
    #expect(members[2] == [[0, 2, 8], [4, 6, 10]])
    // Of all years half become wet; after a dry second season 4, 8 and 10 follow, after a wet one 2 and 6.
    let third: Double = 1.0 / 3
    #expect(lattice.transitions[0] == [[0.5, 0.5]])
    #expect(lattice.transitions[1] == [[third, 2 * third], [0.5, 0.5]])
    let known = try MarkovLattice(
      wetness: wetness, seasons: [odd.map { $0 + 1 }, odd], follows: (0..<12).map { $0 < 11 }, states: 2, least: 2,
      before: (8.0, odd))
    // The study begins after a wet first season: years 4, 6 and 10, followed by 6 (wet) and 8 (dry).
    #expect(known.nodes[0][0].members == [5, 7, 11])
    #expect(known.transitions[0] == [[0.5, 0.5]])
    #expect(throws: MarkovLattice.Failure.self) {
      try MarkovLattice(wetness: wetness, seasons: [odd, odd], follows: wetness.map { _ in true }, states: 2, least: 4)
    }
  }

  /// Eight years of three seasons, counted by hand: after a dry season before, the first is followed by dry ones alone.
  @Test func leavesOutStatesThatNothingReaches() throws {
    // By year: the season before, first, second and third; dry years stay dry until the third season.
    let years: [[Double]] = [
      [1, 2, 1, 9], [1, 1, 2, 1], [2, 2, 1, 8], [1, 1, 2, 2], [9, 8, 9, 9], [8, 9, 8, 1], [9, 9, 9, 2], [8, 8, 8, 9],
    ]
    let wetness = years.flatMap { $0 }
    let season = { (place: Int) in Array(stride(from: place, to: 32, by: 4)) }
    let lattice = try MarkovLattice(
      wetness: wetness, seasons: [season(1), season(2), season(3)], follows: (0..<32).map { $0 < 31 }, states: 2,
      least: 2, before: (1.0, season(0)))
    #expect(lattice.nodes[0][0].members == [1, 5, 9, 13])
    // The wet second season (years 5 to 8) follows wet first ones alone.
    let second: [[Int]] = lattice.nodes[1].map(\.members)
    #expect(second == [[2, 6, 10, 14]])
    #expect(lattice.transitions[0] == [[1]])
    // Years 1 and 3 become wet, 2 and 4 stay dry; both states of the third season stay with all of their observations.
    #expect(lattice.transitions[1] == [[0.5, 0.5]])
    let third: [[Int]] = lattice.nodes[2].map(\.members)
    #expect(third == [[7, 15, 23, 27], [3, 11, 19, 31]])
    #expect(lattice.unreached == [0, 1, 0])
  }

  /// The template `single-hydro` with a history of its own.
  private static func draft(months: Int, years: Int) -> CaseDraft {
    var draft = CaseDraft(CaseTemplate.singleHydro.files())
    draft.files["scenarios/inflow_seasonal_stats.csv"] = nil
    // Without lags a history need not reach the start of the study.
    draft.set("config.json", "estimation", ["max_order": 0])
    var random = SplitMix(state: 5)
    var rows = "hydro_id,date,value_m3s\n"
    for year in 0..<years {
      let wet = random.next() % 2 == 0
      for month in 1...12 {
        let value = (wet ? 80 : 40) + Double(random.next() % 20)
        rows += "1,\(1980 + year)-\(month < 10 ? "0" : "")\(month)-01,\(value)\n"
      }
    }
    draft.write("scenarios/inflow_history.csv", rows)
    for stage in stride(from: 11, through: months, by: -1) { draft.set("stages.json", "stages[\(stage)]", nil) }
    for table in ["scenarios/load_seasonal_stats.csv"] {
      let lines = String(decoding: draft.files[table] ?? [], as: UTF8.self).split(separator: "\n")
      draft.write(table, lines.prefix(months + 1).joined(separator: "\n") + "\n")
    }
    return draft
  }

  /// The bound of the case with states is the optimum of its tree, written out in full.
  @Test func theCaseWithStatesReachesItsExtensiveForm() throws {
    let draft = Self.draft(months: 3, years: 6)
    let files = CaseFiles(contents: draft.files)
    let source = try #require(draft.read().study, "\(draft.read().findings)")
    let made = try MarkovCase(files: files, study: source, states: 2, least: 2)
    let report = CaseReader.read(CaseFiles(contents: made.files.mapValues { Array($0.utf8) }))
    let study = try #require(report.study, "\(report.findings)")
    #expect(study.stages.count == 5)
    let months: [Int] = study.stages.map(\.start.month)
    #expect(months == [1, 2, 2, 3, 3])
    #expect(made.stageIDs(2) == 3..<5)
    // A place of any size beyond the end means no stage.
    #expect(made.stageIDs(3) == 5..<6 && made.stageIDs(.max).lowerBound > 5)
    let sizes: [Int] = made.lattice.nodes.joined().map(\.members.count)
    let openings: [Int] = study.stages.map(\.openings)
    #expect(openings == sizes)
    // Loads of a month are those of its states.
    #expect(study.loadStatistics(stage: 3, bus: 0).mean == source.loadStatistics(stage: 2, bus: 0).mean)
    let optimum = try ExtensiveForm.optimum(study)
    let run = try TrainingRun(study, iterations: 120) { $0.lowerBound > optimum * (1 - 1e-9) }
    #expect(abs(run.lowerBound - optimum) <= 1e-8 * optimum)
    // The same bits again.
    #expect(try MarkovCase(files: files, study: source, states: 2, least: 2).files == made.files)
  }

  @Test func refusesWhatCannotHaveStates() throws {
    let draft = Self.draft(months: 3, years: 6)
    let study = try #require(draft.read().study)
    #expect(throws: MarkovLattice.Failure.self) {
      try MarkovCase(files: CaseFiles(contents: draft.files), study: study, states: 3, least: 3)
    }
    let other = CaseDraft(CaseTemplate.markov.files())
    let failure = #expect(throws: MarkovLattice.Failure.self) {
      try MarkovCase(
        files: CaseFiles(contents: other.files), study: try #require(other.read().study), states: 2, least: 2)
    }
    #expect(failure?.sentence.contains("inflow_history.csv") == true)
  }
}
