internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Training against optimal costs derived by hand and against published optima.
@Suite struct KnownOptimumTests {
  @Test(
    .enabled(if: ReferenceCollection.areAvailable, "\(ReferenceCollection.absence)"),
    arguments: [
      "d01-thermal-dispatch", "d02-single-hydro", "d03-two-hydro-cascade", "d04-transmission",
      "d05-fpha-constant-head", "d06-fpha-variable-head", "d08-evaporation", "d13-generic-constraint",
      "d10-inflow-nonnegativity", "d14-block-factors", "d16-par1-lag-shift", "d20-operational-violations",
      "d22-per-block-min-outflow",
      "d25-discount-rate",
    ], SolverLibrary.built)
  func reachesHandCalculatedOptimum(name: String, library: SolverLibrary) throws {
    let report = CaseReader.read(directory: ReferenceCollection.path(name: name))
    let study = try #require(report.study, "\(report.findings)")
    let expected = try ReferenceCollection.expectation(name)
    let options = TrainingOptions.adjusted(study) { $0.solver = library }
    let run = try TrainingRun(study, iterations: 20, options: options)
    #expect(abs(run.lowerBound - expected.cost) <= expected.tolerance)
    #expect(run.largestFall <= 1e-9)
    // Each library gives the same bits again.
    #expect(try TrainingRun(study, iterations: 20, options: options).policy == run.policy)
  }

  @Test(
    arguments: KnownProblem.fast + [
      .firstSteps, .dearSpill(stages: 2, optimum: 21.38888888888889),
      .dearSpill(stages: 4, optimum: 45.833333333333336),
      .dearSpill(stages: 20, optimum: 241.38888888888889, tolerance: 0.024),
      .stock,
    ], SolverLibrary.built)
  func reachesPublishedOptimum(problem: KnownProblem, library: SolverLibrary) throws {
    let study = try problem.text.study()
    let run = try TrainingRun(study, options: .adjusted(study) { $0.solver = library })
    #expect(abs(run.lowerBound - problem.optimum) <= problem.tolerance)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= problem.optimum + problem.tolerance })
  }

  /// Twenty stages of three outcomes, where single cuts are 2e-4 short after 300 iterations: with a cut for each
  /// outcome the published value is reached.
  @Test(arguments: SolverLibrary.built)
  func reachesThePublishedOptimumOfALongHorizon(library: SolverLibrary) throws {
    let problem = KnownProblem.dearSpill(stages: 20, optimum: 241.38888888888889)
    let study = try problem.text.study()
    let options = TrainingOptions.adjusted(study) {
      $0.cutFormulation = .multi
      $0.solver = library
    }
    let run = try TrainingRun(study, iterations: 40, options: options) { $0.lowerBound > problem.optimum - 1e-6 }
    #expect(abs(run.lowerBound - problem.optimum) <= problem.tolerance)
    #expect(run.reports.allSatisfy { $0.lowerBound <= problem.optimum + problem.tolerance })
  }

  /// Problems with several reservoirs, held against the extensive form too.
  @Test(
    arguments: [KnownProblem.fuelNoise, .valley(isStochastic: false), .valley(isStochastic: true)],
    SolverLibrary.built)
  func reachesPublishedOptimumOfSystem(problem: KnownProblem, library: SolverLibrary) throws {
    let study = try problem.text.study()
    #expect(abs(try ExtensiveForm.optimum(study) - problem.optimum) <= problem.tolerance)
    let options = TrainingOptions.adjusted(study) { $0.solver = library }
    let run = try TrainingRun(study, iterations: 60, options: options) {
      $0.lowerBound > problem.optimum - 0.5 * problem.tolerance
    }
    #expect(abs(run.lowerBound - problem.optimum) <= problem.tolerance)
    #expect(run.largestFall <= 1e-9)
  }

  /// Prices as a Markov chain, and with rain and risk besides: a stage of the graph for each time and price.
  @Test(
    arguments: [
      KnownProblem.valleyWithPrices(isStochastic: false, risk: nil, optimum: -851.8),
      .valleyWithPrices(isStochastic: true, risk: nil, optimum: -855),
      .valleyWithPrices(isStochastic: true, risk: (0.66, 0.5), optimum: -828.157254),
    ], SolverLibrary.built)
  func reachesPublishedOptimumWithPricesOfAMarkovChain(problem: KnownProblem, library: SolverLibrary) throws {
    let study = try problem.text.study()
    #expect(abs(try ExtensiveForm.optimum(study) - problem.optimum) <= problem.tolerance)
    let options = TrainingOptions.adjusted(study) { $0.solver = library }
    let run = try TrainingRun(study, iterations: 80, options: options) {
      $0.lowerBound > problem.optimum - 0.5 * problem.tolerance
    }
    #expect(abs(run.lowerBound - problem.optimum) <= problem.tolerance)
    #expect(run.reports.allSatisfy { $0.lowerBound <= problem.optimum + problem.tolerance })
  }

  /// Too many histories for an extensive form.
  @Test(arguments: SolverLibrary.built)
  func reachesPublishedOptimumOfThreeStocks(library: SolverLibrary) throws {
    let problem = KnownProblem.threeStocks
    let study = try problem.text.study()
    let options = TrainingOptions.adjusted(study) { $0.solver = library }
    let run = try TrainingRun(study, iterations: 150, options: options) {
      $0.lowerBound > problem.optimum - 0.5 * problem.tolerance
    }
    #expect(abs(run.lowerBound - problem.optimum) <= problem.tolerance)
    #expect(run.reports.allSatisfy { $0.lowerBound <= problem.optimum + 1e-6 })
  }

  /// Case D02 of the mathematical reference: the first cut is α = 2,555,000, β = −125,000/9, and the bound is exact at
  /// once.
  @Test(.enabled(if: ReferenceCollection.areAvailable, "\(ReferenceCollection.absence)"))
  func firstCutOfSingleHydroIsTheOneByHand() throws {
    let report = CaseReader.read(directory: ReferenceCollection.path(name: "d02-single-hydro"))
    let run = try TrainingRun(#require(report.study), iterations: 1)
    #expect(abs(run.policy.pools[0].intercepts[0] - 2_555_000) <= 1e-9 * 2_555_000)
    #expect(abs(run.policy.pools[0].slopes[0] + 125_000 / 9) <= 1e-9 * 125_000 / 9)
    #expect(abs(run.lowerBound - 23_635_000 / 9) <= 1e-4)
  }
}
