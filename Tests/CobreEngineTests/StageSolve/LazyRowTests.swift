import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Programs into which production planes come only where they are violated, against programs with all of them.
@Suite struct LazyRowTests {
  /// Optima of Novomodelo 0.19.1, or by hand.
  @Test(arguments: NovomodeloSmallCase.planes, SolverLibrary.built)
  func violatedPlanesSufficeForTheOptimum(small: NovomodeloSmallCase, library: SolverLibrary) throws {
    let study = try #require(small.draft.read().study)
    let options = TrainingOptions.adjusted(study) {
      $0.fewestLazyPlanes = 1
      $0.solver = library
    }
    let run = try TrainingRun(study, iterations: 60, options: options)
    #expect(abs(run.lowerBound - small.optimum) <= 1e-9 * max(1, abs(small.optimum)), "\(run.lowerBound)")
    #expect(run.largestFall <= 1e-9)
    #expect(try TrainingRun(study, iterations: 60, options: options).policy == run.policy)
  }

  /// Few planes are not worth the extra rounds, and results of such cases stay what they were.
  @Test func planesOfSmallCasesStandInEveryProgram() throws {
    let study = try #require(NovomodeloSmallCase.planes[0].draft.read().study)
    let tree = OpeningTree(study: study, seed: 1)
    #expect(StageLPTemplate.all(study: study, tree: tree).allSatisfy { $0.lazyRows.isEmpty })
    let lazy = StageLPTemplate.all(study: study, tree: tree, fewestLazyPlanes: 1)
    for template in lazy {
      #expect(template.lazyRows.rows.count == study.planes(stage: template.stage, hydro: 0).count)
      #expect(template.lazyRows.rows.upperBound == template.model.rowCount)
      #expect(template.noiseRows.allSatisfy { !template.lazyRows.rows.contains($0) })
    }
  }

  /// Warm starts from other states hold the wrong planes; the optimum must not notice.
  @Test(arguments: [0, 2, 6]) func planesOfOtherStatesDoNotChangeTheOptimum(number: Int) throws {
    let study = try #require(NovomodeloSmallCase.planes[number].draft.read().study)
    let tree = OpeningTree(study: study, seed: 1)
    let lazy = StageLPTemplate.all(study: study, tree: tree, fewestLazyPlanes: 1)
    let whole = StageLPTemplate.all(study: study, tree: tree)
    var random = TestRandom(seed: 5)
    for stage in lazy.indices where !lazy[stage].lazyRows.isEmpty {
      let few = try StageSolver(template: lazy[stage])
      let all = try StageSolver(template: whole[stage])
      var start = WarmStart()
      for round in 0..<20 {
        let state = study.hydros.map { random.number($0.limits.minStorage, $0.limits.maxStorage) }
        try few.begin(state: state, pool: nil, start: start, openings: 0..<1)
        try all.begin(state: state, pool: nil, start: WarmStart(), openings: 0..<1)
        try few.solve(opening: 0, pool: nil)
        try all.solve(opening: 0, pool: nil)
        #expect(abs(few.objective - all.objective) <= 1e-10 * max(1, abs(all.objective)))
        var slopes = [Double](repeating: 0, count: study.hydros.count)
        few.addSlopes(weight: 1, to: &slopes)
        let other = study.hydros.map { random.number($0.limits.minStorage, $0.limits.maxStorage) }
        let probe = try StageSolver(template: whole[stage])
        try probe.begin(state: other, pool: nil, start: WarmStart(), openings: 0..<1)
        try probe.solve(opening: 0, pool: nil)
        var bound = few.objective
        for hydro in slopes.indices { bound += slopes[hydro] * (other[hydro] - state[hydro]) }
        #expect(bound <= probe.objective + 1e-9 * max(1, abs(probe.objective)))
        few.markBindingRows()
        few.store(into: &start, onlyMarked: round % 2 == 0)
      }
    }
  }
}
