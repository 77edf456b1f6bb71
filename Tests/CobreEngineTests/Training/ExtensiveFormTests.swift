internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// The extensive form is the yardstick of the training tests, so it is held against values that come from elsewhere.
@Suite struct ExtensiveFormTests {
  /// Optimal costs derived by hand (`expected.json` of the reference cases, mathematical reference section 7).
  @Test(
    .enabled(if: ReferenceCollection.areAvailable, "\(ReferenceCollection.absence)"),
    arguments: [
      "d01-thermal-dispatch", "d02-single-hydro", "d03-two-hydro-cascade", "d04-transmission",
      "d05-fpha-constant-head", "d06-fpha-variable-head", "d08-evaporation", "d13-generic-constraint",
      "d10-inflow-nonnegativity", "d14-block-factors", "d20-operational-violations", "d22-per-block-min-outflow",
      "d25-discount-rate",
    ])
  func matchesHandCalculatedOptima(name: String) throws {
    let report = CaseReader.read(directory: ReferenceCollection.path(name: name))
    let study = try #require(report.study, "\(report.findings)")
    let expected = try ReferenceCollection.expectation(name)
    let optimum = try ExtensiveForm.optimum(study)
    // Hand-calculated values carry no solver tolerance. A program of this size is solved to a few parts in 10¹⁰.
    #expect(abs(optimum - expected.cost) <= max(expected.tolerance, 2e-9 * expected.cost))
  }

  @Test(arguments: KnownProblem.fast + [.firstSteps])
  func matchesPublishedOptima(problem: KnownProblem) throws {
    let optimum = try ExtensiveForm.optimum(problem.text.study())
    #expect(abs(optimum - problem.optimum) <= problem.tolerance)
  }

  /// Optima of the same case files found by another program altogether.
  ///
  /// It has its own reader and its own model in Python, solved by HiGHS (scipy 1.17, both tolerances 1e-9). That
  /// program buys virtual inflow without limit, so systems in which it pays to buy more than is missing (such as 13)
  /// are not among them.
  static let foundElsewhere: [(seed: Int, optimum: Double)] = [
    (2, 37686760.544822),
    (7, 36221366.372852),
    (9, 934107.578078),
    (14, 16719479.290429),
    (19, 73190985.890705),
    (23, 606901.632000),
    (26, 23992239.854855),
    (31, 10115241.640483),
    (35, 123604113.406728),
    (36, 1518210.711471),
    (48, 58479067.579623),
  ]

  @Test(arguments: foundElsewhere)
  func matchesAnotherImplementation(seed: Int, optimum: Double) throws {
    let system = RandomSystem(seed: UInt64(seed), features: RandomSystemTests.features(seed: seed))
    #expect(abs(try ExtensiveForm.optimum(system.text.study()) - optimum) <= 1e-8 * optimum)
  }

  /// The tree has a node per history, in order of stage, with probabilities that add up in every stage.
  @Test func treeCoversEveryHistory() throws {
    let study = try RandomSystem(seed: 7).text.study()
    let tree = try ScenarioTree(study)
    var histories = 1
    for stage in study.stages.indices {
      let nodes = tree.nodes.filter { $0.stage == stage }
      histories *= study.inflowOpenings?.count(stage) ?? 0
      #expect(nodes.count == histories)
      let total = nodes.reduce(0.0) { $0 + $1.weight }
      #expect(total <= 1 + 1e-12)
      #expect(stage > 0 || abs(total - 1) < 1e-12)
    }
  }
}
