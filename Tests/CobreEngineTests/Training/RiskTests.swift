internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Foundation
internal import Testing

/// Risk measures: their values by hand, and training against the nested risk-averse extensive form.
@Suite struct RiskTests {
  private static let costs = [10.0, 20, 30, 40]
  private static let equal = [0.25, 0.25, 0.25, 0.25]

  /// `Mathematics.md` 4.2.
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

  @Test func theWorstOfWhatMayOccur() {
    let weights = RiskMeasure.worstCase.weights(costs: [5, 4, 9, 5, 1], probabilities: [0.1, 0.2, 0, 0.4, 0.3])
    #expect(weights == [1, 0, 0, 0, 0])
  }

  /// Two outcomes 0 and 1 of equal probability: log((1 + e^γ) / 2) / γ; for small γ E + γ·Var/2, for large the worst
  /// case.
  @Test(arguments: [1e-12, 1e-6, 0.1, 1, 30, 1e5]) func entropicOfTwoOutcomes(gamma: Double) {
    let value = RiskMeasure.entropic(gamma: gamma).value(costs: [0, 1], probabilities: [0.5, 0.5])
    let exact = gamma < 1e-3 ? 0.5 + gamma / 8 : gamma > 500 ? 1 - log(2) / gamma : log((1 + exp(gamma)) / 2) / gamma
    #expect(abs(value - exact) <= 1e-14, "\(value) \(exact)")
  }

  /// The entropic measure of a tangent's costs is never below the tangent.
  @Test func entropicTangentsLieBelow() {
    let measure = RiskMeasure.entropic(gamma: 0.05)
    let tangent = measure.weighting(costs: Self.costs, probabilities: Self.equal)
    #expect(tangent.offset < 0)
    for other in [[0.0, 0, 0, 0], [40, 10, 0, 100], [10, 20, 30, 41]] {
      #expect(measure.value(costs: other, probabilities: Self.equal) >= tangent.value(other) - 1e-12)
    }
  }

  /// Mean and standard deviation of 10, 20, 30, 40 are 25 and √125, as long as no weight would be negative.
  @Test func chiSquaredIsMeanAndDeviation() {
    let value = RiskMeasure.modifiedChiSquared(radius: 0.5).value(costs: Self.costs, probabilities: Self.equal)
    #expect(abs(value - (25 + 0.5 * 125.0.squareRoot())) < 1e-12)
    let same = RiskMeasure.modifiedChiSquared(radius: 0.5).weights(costs: [7, 7, 7, 7], probabilities: Self.equal)
    #expect(same == Self.equal)
    let impossible = RiskMeasure.modifiedChiSquared(radius: 0.1).weights(
      costs: [1, 1, 2], probabilities: [0.5, 0, 0.5])
    #expect(impossible[1] == 0 && abs(impossible[2] - 0.55) < 1e-12)
  }

  /// An outcome written twice with half its probability each counts as one.
  @Test(
    arguments: [
      .entropic(gamma: 0.1), .modifiedChiSquared(radius: 0.9), .modifiedChiSquared(radius: 1.5), .worstCase,
      .cvar(alpha: 0.3, lambda: 0.6),
    ] as [RiskMeasure])
  func splitOutcomesCountOnce(measure: RiskMeasure) {
    let once = measure.value(costs: Self.costs, probabilities: Self.equal)
    let twice = measure.value(costs: [10, 10, 20, 30, 40], probabilities: [0.125, 0.125, 0.25, 0.25, 0.25])
    #expect(abs(once - twice) < 1e-12)
  }

  /// 0.5·25 + 0.3·35 + 0.2·40 = 31.
  @Test func combinationsMixValues() {
    let measure = RiskMeasure.combination([
      .init(weight: 0.5, measure: .expectation), .init(weight: 0.3, measure: .cvar(alpha: 0.5, lambda: 1)),
      .init(weight: 0.2, measure: .worstCase),
    ])
    #expect(abs(measure.value(costs: Self.costs, probabilities: Self.equal) - 31) < 1e-12)
    #expect(measure.names == ["cvar", "worst_case"] && !measure.isNeutral && measure.isSmallProgram)
  }

  /// Two openings at inflows 10 and 30 with load 50 always: one standard deviation is 10, so they are 2 apart.
  @Test func distancesAreInStandardDeviations() {
    let openings = StageOpenings(
      probabilities: [0.5, 0.5], isUniform: true, inflows: NumberTable([10, 30]), loads: NumberTable([50, 50]),
      availabilities: NumberTable([]))
    let distances = OutcomeDistances(openings: [openings])
    #expect(distances == OutcomeDistances(count: 2, distances: [0, 2, 2, 0]))
    // Half of the distance that would bring all of the first opening to the second.
    let weights = RiskMeasure.wasserstein(radius: 0.5).weights(
      costs: [1, 5], probabilities: [0.5, 0.5], distances: distances)
    #expect(weights == [0.25, 0.75])
  }

  /// Prices that are 10 and 14 $/MWh with equal probability are 2 deviations of 2 apart, as inflows would be; with
  /// inflows 2 apart as well the mean square stays.
  @Test(arguments: [[], [10.0, 30]])
  func pricesAreDistancesToo(inflows: [Double]) {
    var openings = StageOpenings(
      probabilities: [0.5, 0.5], isUniform: true, inflows: NumberTable(inflows), loads: NumberTable([50, 50]),
      availabilities: NumberTable([]))
    openings.prices = [10, 14]
    #expect(OutcomeDistances(openings: [openings]) == OutcomeDistances(count: 2, distances: [0, 2, 2, 0]))
  }

  private static func measures(scale: Double) -> [RiskMeasure] {
    [
      .worstCase, .entropic(gamma: 5 / scale), .wasserstein(radius: 0.4), .modifiedChiSquared(radius: 0.6),
      .modifiedChiSquared(radius: 1.4),
      .combination([
        .init(weight: 0.4, measure: .entropic(gamma: 2 / scale)),
        .init(weight: 0.3, measure: .wasserstein(radius: 0.7)),
        .init(weight: 0.2, measure: .worstCase), .init(weight: 0.1, measure: .cvar(alpha: 0.4, lambda: 0.8)),
      ]),
    ]
  }

  /// Another measure at each stage, against the nested form of the whole tree.
  @Test(arguments: 101...103, 0..<6)
  func othersConvergeToTheNestedExtensiveForm(seed: Int, first: Int) throws {
    let features: SystemFeatures = [.discount, .blocks, .network, .operatingLimits]
    var study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    let neutral = try ExtensiveForm.optimum(study)
    let measures = Self.measures(scale: max(1, abs(neutral)))
    for stage in study.stages.indices { study.stages[stage].riskMeasure = measures[(first + stage) % measures.count] }
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    #expect(optimum >= neutral - 1e-9 * scale)
    for formulation in [CutFormulation.single, .multi] {
      let options = TrainingOptions.adjusted(study) { $0.cutFormulation = formulation }
      let run = try TrainingRun(study, iterations: 400, options: options) { ($0.lowerBound - optimum) / scale > -2e-8 }
      #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale, "\(formulation): \(run.lowerBound), \(optimum)")
      #expect(run.largestFall <= 1e-9)
      #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale && $0.gap.isNaN })
    }
  }

  /// A worst case at every stage costs what the dearest history costs with its own decisions at least.
  @Test func oneMeasureThroughout() throws {
    var study = try KnownProblem.firstSteps.text.study()
    for stage in study.stages.indices { study.stages[stage].riskMeasure = .worstCase }
    let run = try TrainingRun(study, iterations: 20)
    // No inflow at all, 200 in store, 150 needed in each of three stages: 50, 100 and 150 of thermal cost for what
    // lacks.
    #expect(abs(run.lowerBound - 17_500) <= 1e-6 * 17_500)
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
