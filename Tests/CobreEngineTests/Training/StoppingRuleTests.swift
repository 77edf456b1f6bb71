internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Stopping rules made alone and fed by hand.
///
/// The numbers are worked out in the comments.
@Suite struct StoppingRuleTests {
  private static func evidence(
    _ lowerBounds: [Double], gap: BoundGap? = nil, costs: [Double] = [], isRiskNeutral: Bool = true, steps: Int = 1,
    simulated: [Double] = []
  ) -> StoppingEvidence {
    StoppingEvidence(
      iteration: lowerBounds.count, lowerBounds: lowerBounds, gap: gap, costs: costs, isRiskNeutral: isRiskNeutral,
      steps: steps
    ) { count, _ in (0..<(count * steps)).map { simulated[$0 % simulated.count] } }
  }

  private static func holds(_ rule: some ConvergenceCondition, _ evidence: StoppingEvidence) throws -> Bool {
    var memory: [Double] = []
    return try rule.holds(evidence, memory: &memory)
  }

  /// 0.5 / 110.5 = 0.0045 over two bounds, 10.5 / 110.5 = 0.095 over three, and there is no fourth.
  @Test(arguments: [(2, 0.0046, true), (2, 0.0045, false), (3, 0.096, true), (3, 0.095, false), (4, 1, false)])
  func boundStalling(iterations: Int, tolerance: Double, expected: Bool) throws {
    let rule = BoundStalling(iterations: iterations, tolerance: tolerance)
    #expect(try Self.holds(rule, Self.evidence([100, 110, 110.5])) == expected)
  }

  /// Two trajectories of two steps: means (2, 20), then (2.2, 20): √(0.2² / 2²) = 0.1.
  @Test(arguments: [(0.11, true), (0.09, false)])
  func simulationComparesMeansByStep(tolerance: Double, expected: Bool) throws {
    let rule = SimulationStalling(
      replications: 2, period: 2, boundWindow: 1, distanceTolerance: tolerance, boundTolerance: 0.01)
    var memory: [Double] = []
    let first = Self.evidence([100, 100], steps: 2, simulated: [1, 10, 3, 30])
    #expect(try !rule.holds(first, memory: &memory))
    #expect(memory == [2, 20])
    // Off the period nothing is simulated and nothing is forgotten.
    #expect(try !rule.holds(Self.evidence([100, 100, 100], steps: 2, simulated: [9, 9, 9, 9]), memory: &memory))
    #expect(memory == [2, 20])
    let second = Self.evidence([100, 100, 100, 100], steps: 2, simulated: [1.2, 10, 3.2, 30])
    #expect(try rule.holds(second, memory: &memory) == expected)
  }

  /// Mean 5, squares 32 over 7: deviation 2.1381; (5 + 1.96 · 2.1381 / √8 − 4) / 5 = 0.4963.
  @Test(arguments: [(0.4964, true, true), (0.4962, true, false), (0.4964, false, false)])
  func statisticalGap(tolerance: Double, isRiskNeutral: Bool, expected: Bool) throws {
    let costs: [Double] = [2, 4, 4, 4, 5, 5, 7, 9]
    let own = StatisticalGap(replications: 0, period: 1, deviations: 1.96, tolerance: tolerance)
    #expect(try Self.holds(own, Self.evidence([4], costs: costs, isRiskNeutral: isRiskNeutral)) == expected)
  }

  /// The sample grows to the size that decides.
  ///
  /// The interval of 8 costs is just too wide for 0.4962: with room 0.4962 · 5 − 1 = 1.481 it takes (1.96 · 2.1381 /
  /// 1.481)² = 8.007, so 10 trajectories, whose mean is 4.6 and whose share is 0.416. Mean and bound 20 % apart never
  /// meet 0.19, and 0.21 takes (1.96 · 2.1381 / 0.05)² = 7,024.5.
  @Test func theStatisticalSampleGrows() throws {
    let costs: [Double] = [2, 4, 4, 4, 5, 5, 7, 9]
    func judge(_ tolerance: Double) throws -> (holds: Bool, memory: [Double], sizes: [Int]) {
      var sizes: [Int] = []
      var memory: [Double] = []
      let rule = StatisticalGap(replications: 8, period: 1, deviations: 1.96, tolerance: tolerance)
      let evidence = StoppingEvidence(iteration: 1, lowerBounds: [4], gap: nil) { count, _ in
        sizes.append(count)
        return (0..<count).map { costs[$0 % costs.count] }
      }
      let holds = try rule.holds(evidence, memory: &memory)
      if memory.first ?? 0 > 2000 { #expect(rule.shortfall(memory)?.contains("7026") == true) }
      return (holds, memory, sizes)
    }
    #expect(try judge(0.4964) == (true, [0], [8]))
    #expect(try judge(0.4962) == (true, [0], [8, 10]))
    #expect(try judge(0.19) == (false, [0], [8]))
    #expect(try judge(0.21) == (false, [7026], [8]))
  }

  /// One lucky draw near the bound is no gap while its interval is wide, and an upper bound below the lower one none at
  /// all.
  ///
  /// A sampled one may lie below by chance. The lower bound is 100; nil for the half width of a proven upper bound.
  @Test(
    arguments: [
      (100.5, 0.9, true), (100.5, 2, false), (100.5, .infinity, false), (99.5, 0.5, true), (98, 0, false),
      (100.5, nil, true), (101.5, nil, false), (98, nil, false), (100 - 1e-7, nil, true),
    ] as [(Double, Double?, Bool)])
  func targetGap(upper: Double, halfWidth: Double?, expected: Bool) throws {
    let rule = TargetGap(tolerance: 0.01, iterations: 1)
    let gap =
      halfWidth.map { BoundGap(lower: 100, mean: upper, halfWidth: $0) } ?? BoundGap(lower: 100, proven: upper)
    #expect(try Self.holds(rule, Self.evidence([100], gap: gap)) == expected)
    // Against proven bounds alone.
    let exact = ExactGap(absolute: nil, relative: 0.01)
    #expect(try Self.holds(exact, Self.evidence([100], gap: gap)) == (expected && halfWidth == nil))
  }

  /// Without expectations a mean cost bounds nothing, and there may be no other bound.
  @Test func noBoundIsNoGap() throws {
    #expect(try !Self.holds(TargetGap(tolerance: 10, iterations: 1), Self.evidence([100])))
  }

  /// 103 − 100 = 3, which is 3 % of the lower bound.
  @Test(
    arguments: [
      (3, nil, true), (2.9, nil, false), (nil, 0.03, true), (nil, 0.029, false), (nil, nil, false),
    ] as [(Double?, Double?, Bool)])
  func exactGap(absolute: Double?, relative: Double?, expected: Bool) throws {
    let rule = ExactGap(absolute: absolute, relative: relative)
    #expect(try Self.holds(rule, Self.evidence([90, 100], gap: BoundGap(lower: 100, proven: 103))) == expected)
    #expect(try !Self.holds(rule, Self.evidence([90, 100])))
  }

  private static func history(
    _ rules: [StoppingRule], needsAll: Bool = false, isLimitApart: Bool = false, iterations: Int = 100,
    seconds: Double? = nil
  ) throws -> StoppingHistory {
    let study = try RandomSystem(seed: 31, features: [.basic], forwardPasses: 2).text.study()
    var options = TrainingOptions(study: study)
    options.otherRules = rules
    options.needsAllRules = needsAll
    options.isLimitApart = isLimitApart
    options.iterationLimit = iterations
    options.timeLimitSeconds = seconds
    return StoppingHistory(options: options)
  }

  /// Judges a lower bound of 100 with a gap that is this share of the upper one.
  private static func judge(_ history: inout StoppingHistory, gap: Double) throws {
    try history.judge(100) { Self.evidence($0, gap: BoundGap(lower: 100, proven: 100 / (1 - gap))) }
  }

  /// Each rule keeps its own count: the looser one holds at the second iteration, the tighter one never twice in a row.
  @Test func rulesOfAKindRememberApart() throws {
    var history = try Self.history([
      .targetGap(tolerance: 0.01, iterations: 2), .targetGap(tolerance: 0.1, iterations: 2),
    ])
    let seen = try [0.05, 0.005, 0.05, 0.5].map { gap in
      try Self.judge(&history, gap: gap)
      return history.verdict(iteration: history.lowerBounds.count, elapsedSeconds: 0)
    }
    // Position 0 is the iteration limit.
    #expect(seen == [.goesOn, .rule(2), .rule(2), .goesOn])
  }

  @Test func limitsComeFirstAndAllMeansAll() throws {
    var any = try Self.history([.targetGap(tolerance: 0.1, iterations: 1)], iterations: 3, seconds: 10)
    #expect(any.verdict(iteration: 3, elapsedSeconds: 0) == .rule(0))
    #expect(any.verdict(iteration: 2, elapsedSeconds: 10) == .rule(1))
    #expect(any.verdict(iteration: 2, elapsedSeconds: 9) == .goesOn)
    try Self.judge(&any, gap: 0)
    #expect(any.verdict(iteration: 1, elapsedSeconds: 0) == .rule(2))
    #expect(any.verdict(iteration: 3, elapsedSeconds: 20) == .rule(0))
    #expect([.iterationLimit, .timeLimit, .targetGap, nil] == (0..<4).map { any.reason(.rule($0)) })

    var all = try Self.history([.targetGap(tolerance: 0.1, iterations: 1)], needsAll: true, iterations: 2)
    try Self.judge(&all, gap: 0)
    #expect(all.verdict(iteration: 1, elapsedSeconds: 0) == .goesOn)
    #expect(all.verdict(iteration: 2, elapsedSeconds: 0) == .allRules)
    // A rule that is alone gives its own reason.
    #expect(try Self.history([], needsAll: true, iterations: 2).verdict(iteration: 2, elapsedSeconds: 0) == .rule(0))
  }

  private struct EvenIterations: TrainingLimit {
    var reason: StopReason { StopReason(rawValue: "even") }
    func isReached(iteration: Int, elapsedSeconds _: Double) -> Bool { iteration % 2 == 0 }
  }

  /// A limit of a kind that is not known here is judged like the others, before the conditions.
  @Test func otherLimitsCount() throws {
    var history = try Self.history([
      .targetGap(tolerance: 0.1, iterations: 1), StoppingRule(EvenIterations()),
    ])
    #expect(history.verdict(iteration: 3, elapsedSeconds: 0) == .goesOn)
    #expect(history.reason(history.verdict(iteration: 4, elapsedSeconds: 0))?.rawValue == "even")
    try Self.judge(&history, gap: 0)
    #expect(history.reason(history.verdict(iteration: 3, elapsedSeconds: 0)) == .targetGap)
  }

  /// As in cases of Novomodelo, where the iteration limit is no rule that must hold, and a time limit is one.
  @Test func aLimitThatIsApartEndsTrainingByItself() throws {
    var history = try Self.history(
      [.targetGap(tolerance: 0.1, iterations: 1)], needsAll: true, isLimitApart: true, iterations: 3)
    #expect(history.verdict(iteration: 2, elapsedSeconds: 0) == .goesOn)
    #expect(history.verdict(iteration: 3, elapsedSeconds: 0) == .rule(0))
    try Self.judge(&history, gap: 0)
    #expect(history.verdict(iteration: 1, elapsedSeconds: 0) == .rule(1))
    #expect(history.reason(.rule(1)) == .targetGap)

    var timed = try Self.history(
      [.targetGap(tolerance: 0.1, iterations: 1)], needsAll: true, isLimitApart: true, iterations: 3, seconds: 10)
    #expect(timed.verdict(iteration: 1, elapsedSeconds: 11) == .goesOn)
    try Self.judge(&timed, gap: 0)
    #expect(timed.verdict(iteration: 1, elapsedSeconds: 9) == .goesOn)
    #expect(timed.verdict(iteration: 1, elapsedSeconds: 11) == .allRules)
    let alone = try Self.history([], needsAll: true, isLimitApart: true, iterations: 2)
    #expect([1, 2].map { alone.verdict(iteration: $0, elapsedSeconds: 0) } == [.goesOn, .rule(0)])
  }

  @Test func verdictsSurviveTheExchange() {
    for verdict in [StoppingHistory.Verdict.goesOn, .cancelled, .allRules, .rule(0), .rule(7)] {
      #expect(StoppingHistory.Verdict(code: verdict.code) == verdict)
    }
  }

  @Test func checkpointsBringEveryMemoryBack() throws {
    let rules: [StoppingRule] = [
      .targetGap(tolerance: 0.01, iterations: 2), .targetGap(tolerance: 0.1, iterations: 3),
      .boundStalling(iterations: 9, tolerance: 0.1),
    ]
    var history = try Self.history(rules)
    for gap in [0.05, 0.005] { try Self.judge(&history, gap: gap) }
    let section = history.section
    #expect(section.lowerBounds == [100, 100] && section.holds == [false, false, false])
    #expect(section.memories == ["hits": [1], "hits.2": [2]])
    var later = try Self.history(rules)
    later.restore(section)
    try Self.judge(&later, gap: 0.005)
    #expect(later.holds == [true, true, false] && later.lowerBounds == [100, 100, 100])
  }
}
