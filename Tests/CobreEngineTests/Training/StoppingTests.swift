internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Each stopping rule fires when its definition says so, computed here from the reported bounds.
@Suite struct StoppingTests {
  private static func study() throws -> StudyCase {
    try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 2).text.study()
  }

  private static func run(iterations: Int, _ adjust: (inout TrainingOptions) -> Void) throws -> TrainingRun {
    let study = try study()
    return try TrainingRun(study, iterations: iterations, options: .adjusted(study, adjust))
  }

  private static func relativeMovement(_ reports: [IterationReport], _ k: Int, _ j: Int) -> Double {
    abs(reports[k - 1].lowerBound - reports[j - 1].lowerBound) / max(1, abs(reports[k - 1].lowerBound))
  }

  @Test func boundStallingLooksAtAWindow() throws {
    let run = try Self.run(iterations: 200) {
      $0.otherRules = [.boundStalling(iterations: 4, tolerance: 1e-5)]
    }
    #expect(run.result.stopReason == .boundStalling)
    let last = run.reports.count
    try #require(last > 4)
    for k in 4...last {
      #expect((Self.relativeMovement(run.reports, k, k - 3) < 1e-5) == (k == last))
    }
  }

  @Test func allRulesMustHoldAtOnce() throws {
    let alone = try Self.run(iterations: 200) {
      $0.otherRules = [.boundStalling(iterations: 3, tolerance: 1e-3)]
    }
    let later = alone.reports.count + 5
    let run = try Self.run(iterations: later) {
      $0.otherRules = [.boundStalling(iterations: 3, tolerance: 1e-3)]
      $0.needsAllRules = true
    }
    #expect(run.result.stopReason == .allRules)
    #expect(run.reports.count >= later)
    let last = run.reports.count
    #expect(Self.relativeMovement(run.reports, last, last - 2) < 1e-3)
  }

  /// Period 3 and window 2: the first check that finds the bound still only stores, the next one can stop.
  @Test func simulationComparesWithTheCheckBefore() throws {
    let run = try Self.run(iterations: 300) {
      $0.otherRules = [
        .simulation(replications: 20, period: 3, boundWindow: 2, distanceTolerance: 1e-2, boundTolerance: 1e-4)
      ]
    }
    #expect(run.result.stopReason == .simulation)
    let last = run.reports.count
    #expect(last % 3 == 0)
    let still = stride(from: 3, through: last, by: 3).filter { Self.relativeMovement(run.reports, $0, $0 - 2) < 1e-4 }
    #expect(still.count >= 2 && still.last == last)
  }

  @Test func aDistanceOfZeroIsNeverBelowZero() throws {
    let run = try Self.run(iterations: 40) {
      $0.otherRules = [
        .simulation(replications: 5, period: 1, boundWindow: 1, distanceTolerance: 0, boundTolerance: 1)
      ]
    }
    #expect(run.result.stopReason == .iterationLimit)
  }

  @Test func statisticalRuleWantsTheBoundInsideTheInterval() throws {
    let run = try Self.run(iterations: 300) {
      $0.otherRules = [.statistical(replications: 0, period: 1, deviations: 1.96, tolerance: 0.05)]
    }
    #expect(run.result.stopReason == .statistical)
    for report in run.reports {
      let gap = (report.upperBound + report.upperBoundHalfWidth - report.lowerBound) / max(1, abs(report.upperBound))
      #expect((gap <= 0.05) == (report.iteration == run.reports.count))
    }
    let fresh = try Self.run(iterations: 300) {
      $0.otherRules = [.statistical(replications: 50, period: 2, deviations: 1.96, tolerance: 0.5)]
    }
    #expect(fresh.result.stopReason == .statistical)
    #expect(fresh.reports.count % 2 == 0)
  }

  @Test func targetGapMustHoldInARow() throws {
    let run = try Self.run(iterations: 300) {
      $0.otherRules = [.targetGap(tolerance: 0.5, iterations: 2)]
      $0.forwardPasses = 40
    }
    #expect(run.result.stopReason == .targetGap)
    // The interval has to be as narrow as the gap, so that one lucky draw is not enough.
    let within = run.reports.map { abs($0.gap) <= 0.5 && $0.upperBoundHalfWidth <= 0.5 * max(1, abs($0.upperBound)) }
    #expect(Array(within.suffix(2)) == [true, true])
    #expect(!zip(within.dropLast(), within.dropLast().dropFirst()).contains { $0 && $1 })
  }
}
