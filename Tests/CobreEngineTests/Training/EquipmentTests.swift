internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Training against the deterministic equivalent of small random systems, one kind of equipment at a time and together.
@Suite struct EquipmentTests {
  struct Variant: Sendable, CustomTestStringConvertible {
    let name: String
    let features: SystemFeatures
    var testDescription: String { name }
  }

  static let everything: SystemFeatures = [
    .withdrawal, .diversion, .pumping, .contracts, .sources, .exchangeFactors, .chronological, .productionPlanes,
    .changingModels, .evaporation, .wideConstraints, .virtualInflow, .filling, .penaltyOverrides, .stageBounds,
  ]

  static let variants = [
    Variant(name: "generic constraints", features: [.genericConstraints]),
    Variant(
      name: "constraints over all variables",
      features: [
        .wideConstraints, .withdrawal, .diversion, .pumping, .contracts, .sources, .uncertainSources, .noiseOpenings,
        .evaporation,
      ]),
    Variant(
      name: "constraints where plants come and go",
      features: [.wideConstraints, .serviceLife, .chronological, .productionPlanes]),
    Variant(name: "evaporation", features: [.evaporation]),
    Variant(name: "evaporation in chronological blocks", features: [.evaporation, .chronological]),
    Variant(name: "production planes", features: [.productionPlanes]),
    Variant(name: "planes in chronological blocks", features: [.productionPlanes, .chronological]),
    Variant(name: "models that change", features: [.changingModels]),
    Variant(name: "fitted planes", features: [.fittedPlanes]),
    Variant(name: "fitted planes with evaporation", features: [.fittedPlanes, .evaporation, .chronological]),
    Variant(name: "filling", features: [.filling]),
    Variant(
      name: "filling beside other equipment",
      features: [.filling, .evaporation, .withdrawal, .diversion, .pumping, .chronological, .productionPlanes]),
    Variant(name: "everything", features: everything),
    Variant(name: "everything with past inflows", features: everything.union(.autoregression)),
    Variant(name: "everything under risk", features: everything.union([.risk, .serviceLife])),
  ]

  @Test(arguments: variants, 201...210)
  func convergesToTheExtensiveForm(variant: Variant, seed: Int) throws {
    let features = variant.features.union([.blocks, .network, .operatingLimits, .discount])
    let study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 400) { ($0.lowerBound - optimum) / scale > -2e-8 }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
  }
}
