import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Starts from the basis of another stage.
@Suite struct WarmStartTests {
  private let basic = BasisStatus.basic
  private let atLower = BasisStatus.atLower

  @Test func cutsAndSlackRowsOfAnotherStageAreLeftOut() {
    var other = WarmStart()
    #expect(WarmStart(basisOf: other) == nil)
    other.status = [basic, atLower, BasisStatus.keptBasic]
    other.cuts = [4]
    other.cutStatus = [basic]
    other.release = [1]
    let start = WarmStart(basisOf: other)
    #expect(start?.status == [basic, atLower, basic])
    #expect(start?.cuts == [])
    #expect(start?.cutStatus == [])
    #expect(start?.release == [])
    // Without the row of a tight cut this is no basis.
    other.cutStatus = [atLower]
    #expect(WarmStart(basisOf: other) == nil)
  }

  /// The basis of another stage, met at another state, is a start like any other: the optimum is that of a cold start.
  @Test(arguments: NovomodeloSmallCase.planes.indices) func aForeignBasisDoesNotChangeTheOptimum(number: Int) throws {
    let study = try #require(NovomodeloSmallCase.planes[number].draft.read().study)
    let tree = OpeningTree(study: study, seed: 1)
    let lazy = StageLPTemplate.all(study: study, tree: tree, fewestLazyPlanes: 1)
    let whole = StageLPTemplate.all(study: study, tree: tree)
    for stage in lazy.indices {
      #expect(lazy[stage].isAlike(lazy[stage]))
      #expect(lazy[stage].isAlike(whole[stage]) == lazy[stage].lazyRows.isEmpty)
    }
    for stage in lazy.indices.dropLast() where lazy[stage].isAlike(lazy[stage + 1]) {
      let first = try StageSolver(template: lazy[stage])
      let full = study.hydros.map(\.limits.maxStorage)
      try first.begin(state: full, pool: nil, start: WarmStart(), openings: 0..<1)
      try first.solve(opening: 0, pool: nil)
      var stored = WarmStart()
      first.store(into: &stored, onlyMarked: false)
      let start = try #require(WarmStart(basisOf: stored))
      let empty = study.hydros.map(\.limits.minStorage)
      let warm = try StageSolver(template: lazy[stage + 1])
      try warm.begin(state: empty, pool: nil, start: start, openings: 0..<1)
      try warm.solve(opening: 0, pool: nil)
      let cold = try StageSolver(template: whole[stage + 1])
      try cold.begin(state: empty, pool: nil, start: WarmStart(), openings: 0..<1)
      try cold.solve(opening: 0, pool: nil)
      #expect(abs(warm.objective - cold.objective) <= 1e-10 * max(1, abs(cold.objective)))
    }
  }
}
