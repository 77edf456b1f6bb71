import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Programs with only the supply around the price against programs with every column.
@Suite struct SupplyStackTests {
  private static func example() throws -> StudyCase {
    let report = CaseReader.read(directory: ReferenceCollection.packageRoot + "/examples/four-areas")
    return try #require(report.study)
  }

  @Test func stacksHoldMostThermalsOfFourAreas() throws {
    let study = try Self.example()
    let tree = OpeningTree(study: study, seed: 42)
    let template = StageLPTemplate.all(study: study, tree: tree)[0]
    #expect(template.stacks.map(\.columns.count).reduce(0, +) > study.thermals.count / 2)
    for stack in template.stacks {
      let costs = stack.columns.map { template.model.objective[$0] }
      #expect(costs == costs.sorted())
    }
  }

  /// Warm starts from other states leave the windows in the wrong position.
  ///
  /// The optimum must not change.
  @Test func windowsDoNotChangeTheOptimum() throws {
    let study = try Self.example()
    let tree = OpeningTree(study: study, seed: 42)
    let windowed = StageLPTemplate.all(study: study, tree: tree)
    let whole = StageLPTemplate.all(study: study, tree: tree, stackMinimum: .max)
    #expect(whole.allSatisfy { $0.stacks.isEmpty } && windowed.contains { !$0.stacks.isEmpty })
    var random = TestRandom(seed: 3)
    for stage in [0, 5, windowed.count - 1] {
      let narrow = try StageSolver(template: windowed[stage])
      let wide = try StageSolver(template: whole[stage])
      var start = WarmStart()
      for _ in 0..<12 {
        let state = study.hydros.map { random.number($0.limits.minStorage, $0.limits.maxStorage) }
        try narrow.begin(state: state, pool: nil, start: start, openings: 0..<1)
        try wide.begin(state: state, pool: nil, start: WarmStart(), openings: 0..<1)
        for opening in 0..<windowed[stage].openingCount {
          try narrow.solve(opening: opening, pool: nil)
          try wide.solve(opening: opening, pool: nil)
          #expect(abs(narrow.objective - wide.objective) <= 1e-10 * max(1, abs(wide.objective)))
          var slopes = [Double](repeating: 0, count: study.hydros.count)
          narrow.addSlopes(weight: 1, to: &slopes)
          // Another optimal dual is as good. What it must not do is cut the value off elsewhere.
          let other = study.hydros.map { random.number($0.limits.minStorage, $0.limits.maxStorage) }
          let probe = try StageSolver(template: whole[stage])
          try probe.begin(state: other, pool: nil, start: WarmStart(), openings: 0..<1)
          try probe.solve(opening: opening, pool: nil)
          var bound = narrow.objective
          for hydro in slopes.indices { bound += slopes[hydro] * (other[hydro] - state[hydro]) }
          #expect(bound <= probe.objective + 1e-9 * max(1, abs(probe.objective)))
        }
        narrow.store(into: &start, onlyMarked: false)
      }
    }
  }
}
