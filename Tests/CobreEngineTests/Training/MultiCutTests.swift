internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// One cut per opening has the same limit as aggregated cuts, and gets there in no more iterations on the whole.
@Suite struct MultiCutTests {
  @Test(arguments: [3, 5, 11, 16, 22, 27, 33, 40])
  func convergesToTheExtensiveForm(seed: Int) throws {
    try check(RandomSystem(seed: UInt64(seed), features: RandomSystemTests.features(seed: seed)).text.study())
  }

  @Test(arguments: 101...106)
  func convergesUnderRisk(seed: Int) throws {
    let study = try RandomSystem(seed: UInt64(seed), features: [.risk, .discount, .blocks, .network]).text.study()
    try #require(study.stages.contains { !$0.riskMeasure.isNeutral })
    try check(study)
  }

  @Test(arguments: [CutSelectionSettings.Method.level1, .lml1, .domination])
  func convergesWithSelection(method: CutSelectionSettings.Method) throws {
    let study = try RandomSystem(seed: 19, features: RandomSystemTests.features(seed: 19)).text.study()
    try check(study) { $0.cutSelection = CutSelectionTests.selection(method, cap: 200) }
  }

  private func check(_ study: StudyCase, adjust: (inout TrainingOptions) -> Void = { _ in }) throws {
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let options = TrainingOptions.adjusted(study) {
      $0.cutFormulation = .multi
      adjust(&$0)
    }
    let run = try TrainingRun(study, iterations: 300, options: options) {
      ($0.lowerBound - optimum) / scale > -2e-8
    }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
    for (stage, pool) in run.policy.pools.enumerated() where stage < study.stages.count - 1 {
      #expect(pool.groups == study.stages[stage + 1].openings)
      #expect(pool.count == run.reports.count * study.configuration.training.forwardPasses * pool.groups)
    }
  }

  @Test func isTighterIterationByIteration() throws {
    let study = try KnownProblem.firstSteps.text.study()
    let single = try TrainingRun(study, iterations: 2)
    let multi = try TrainingRun(
      study, iterations: 2, options: .adjusted(study) { $0.cutFormulation = .multi })
    #expect(multi.lowerBound >= single.lowerBound - 1e-9 * single.lowerBound)
  }
}
