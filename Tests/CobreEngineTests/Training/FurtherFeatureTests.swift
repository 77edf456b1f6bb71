internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Features beyond the basic ones: the bound agrees with the extensive form.
@Suite struct FurtherFeatureTests {
  /// One feature on top of a system with blocks and a network.
  struct Variant: Sendable, CustomTestStringConvertible {
    let name: String
    let features: SystemFeatures
    var testDescription: String { name }
  }

  static let variants = [
    Variant(name: "virtual inflow", features: [.virtualInflow, .noiseOpenings]),
    Variant(name: "withdrawal", features: [.withdrawal]),
    Variant(name: "diversion", features: [.diversion]),
    Variant(name: "pumping", features: [.pumping]),
    Variant(name: "contracts", features: [.contracts]),
    Variant(name: "sources", features: [.sources]),
    Variant(name: "uncertain sources and loads", features: [.uncertainSources, .uncertainLoad, .noiseOpenings]),
    Variant(name: "exchange factors", features: [.exchangeFactors]),
    Variant(name: "chronological blocks", features: [.chronological]),
    Variant(name: "entry and exit", features: [.serviceLife]),
    Variant(name: "voltage angles", features: [.angles]),
    Variant(name: "angles with factors and batteries", features: [.angles, .exchangeFactors, .batteries, .sources]),
    Variant(name: "losses by resistance", features: [.resistances, .exchangeFactors, .stageBounds]),
    Variant(name: "losses on angles", features: [.resistances, .angles, .sources]),
    Variant(name: "batteries", features: [.batteries]),
    Variant(name: "batteries that enter late", features: [.batteries, .serviceLife, .sources, .genericConstraints]),
    Variant(name: "batteries with limits by stage", features: [.batteries, .stageBounds, .serviceLife]),
    Variant(name: "operating rules", features: [.operatingRules, .diversion]),
    Variant(
      name: "operating rules by block",
      features: [.operatingRules, .chronological, .serviceLife, .withdrawal, .virtualInflow]),
    Variant(name: "risk", features: [.risk, .discount]),
    Variant(
      name: "many elements",
      features: [
        .withdrawal, .diversion, .pumping, .contracts, .sources, .exchangeFactors, .chronological, .serviceLife,
        .virtualInflow,
      ]),
  ]

  @Test(arguments: variants, 101...104)
  func isRight(variant: Variant, seed: Int) throws {
    let features = variant.features.union([.blocks, .network, .operatingLimits, .discount])
    let report = CaseReader.read(
      RandomSystem(seed: UInt64(seed), features: features).text.caseFiles)
    let study = try #require(report.study, "\(report.findings)")
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 400) { ($0.lowerBound - optimum) / scale > -2e-8 }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
  }

  @Test(arguments: KnownProblem.riskAverse + [.dearSpill(stages: 4, optimum: 45.833333333333336)])
  func knownProblemIsRight(problem: KnownProblem) throws {
    let report = CaseReader.read(problem.text.caseFiles)
    let study = try #require(report.study, "\(report.findings)")
    #expect(abs(try ExtensiveForm.optimum(study) - problem.optimum) <= problem.tolerance)
    #expect(abs(try TrainingRun(study).lowerBound - problem.optimum) <= problem.tolerance)
  }
}
