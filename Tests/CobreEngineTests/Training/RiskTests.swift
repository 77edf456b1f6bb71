internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Risk measures: their values by hand, and training against the nested risk-averse extensive form.
@Suite struct RiskTests {
  private static let costs = [10.0, 20, 30, 40]
  private static let equal = [0.25, 0.25, 0.25, 0.25]

  /// Mathematical reference 4.5.
  ///
  /// The combination is not a CVaR of another level (31.25).
  @Test(arguments: [(1.0, 35.0), (0.5, 30.0), (0.0, 25.0)])
  func valuesByHand(lambda: Double, expected: Double) {
    let measure = RiskMeasure.cvar(alpha: 0.5, lambda: lambda)
    #expect(measure.value(costs: Self.costs, probabilities: Self.equal) == expected)
  }

  /// Probabilities 0.1, 0.6, 0.3 of costs 5, 1, 3 at level 0.25: 0.1 of the first and 0.15 of the third, over 0.25.
  @Test func partOfAnOutcomeMayBeAmongTheWorst() {
    let measure = RiskMeasure.cvar(alpha: 0.25, lambda: 1)
    let weights = measure.weights(costs: [5, 1, 3], probabilities: [0.1, 0.6, 0.3])
    #expect(abs(weights[0] - 0.4) < 1e-15 && weights[1] == 0 && abs(weights[2] - 0.6) < 1e-15)
  }

  @Test func ofEqualCostsTheFirstCounts() {
    let measure = RiskMeasure.cvar(alpha: 0.25, lambda: 1)
    #expect(measure.weights(costs: [7, 7, 7, 1], probabilities: Self.equal) == [1, 0, 0, 0])
  }

  @Test(arguments: 101...112)
  func convergesToTheNestedExtensiveForm(seed: Int) throws {
    let features: SystemFeatures = [.risk, .discount, .blocks, .network, .operatingLimits]
    let study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    try #require(study.stages.contains { !$0.riskMeasure.isNeutral })
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 400) { ($0.lowerBound - optimum) / scale > -2e-8 }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
    // A mean of sampled costs bounds no risk-adjusted value.
    #expect(run.reports.allSatisfy { $0.gap.isNaN })
  }

  @Test(arguments: KnownProblem.riskAverse + KnownProblem.riskAverseBehindRoot, SolverLibrary.built)
  func reachesPublishedOptimum(problem: KnownProblem, library: SolverLibrary) throws {
    let study = try problem.text.study()
    #expect(abs(try ExtensiveForm.optimum(study) - problem.optimum) <= problem.tolerance)
    let run = try TrainingRun(study, options: .adjusted(study) { $0.solver = library })
    #expect(abs(run.lowerBound - problem.optimum) <= problem.tolerance)
    #expect(run.reports.allSatisfy { $0.lowerBound <= problem.optimum + problem.tolerance })
  }
}
