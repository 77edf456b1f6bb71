internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Training against the deterministic equivalent of small random systems.
@Suite struct RandomSystemTests {
  /// Feature sets by which the seeds go in turn, so that every feature meets many systems.
  static let variants: [SystemFeatures] = [
    .basic,
    [.blocks, .network, .noiseOpenings, .uncertainLoad, .discount, .operatingLimits],
    [.unequalProbabilities, .operatingLimits],
    [.network, .deficitSteps, .penaltyOverrides, .stageBounds, .discount],
    [.blocks, .noiseOpenings, .stageBounds, .penaltyOverrides, .operatingLimits, .deficitSteps],
    [.blocks, .network, .operatingLimits, .stageBounds, .unequalProbabilities],
    [.blocks, .network, .virtualInflow, .uncertainLoad],
  ]

  static func features(seed: Int) -> SystemFeatures { variants[seed % variants.count] }

  @Test(arguments: 1...48)
  func convergesToTheExtensiveForm(seed: Int) throws {
    let features = RandomSystemTests.features(seed: seed)
    let study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    // Stopping where the bound has arrived saves time. An iteration limit it never reaches fails the test.
    let run = try TrainingRun(study, iterations: 300) { ($0.lowerBound - optimum) / scale > -2e-8 }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
  }
}
