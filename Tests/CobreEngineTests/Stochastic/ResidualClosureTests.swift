import Testing

@testable import CobreCase
@testable import CobreEngine

/// Residual ratios of release 0.19.1 of Novomodelo, read back from the inflows of its simulations.
@Suite struct ResidualClosureTests {
  /// Twelve seasons of which the first three have coefficients.
  @Test func ratiosFollowFromTheCoefficientsOfAllSeasons() throws {
    let models = [[0.5, 0.3], [0.5, 0.3], [0.2, 0.4]] + [[Double]](repeating: [], count: 9)
    let ratios = try ResidualClosure(models).ratios
    for (ratio, expected) in zip(ratios, [0.8124038404635942, 0.7141428428542906, 0.8342661445845825]) {
      #expect(abs(ratio - expected) < 1e-12)
    }
    #expect(ratios.dropFirst(3).allSatisfy { $0 == 1 })
  }

  /// φ = 0.5 in every season leaves √0.75.
  ///
  /// Two lags in one season are the textbook's AR(2).
  @Test func simpleModelsHaveTheirClosedForm() throws {
    let first = try ResidualClosure([[Double]](repeating: [0.5], count: 12)).ratios
    #expect(first.allSatisfy { abs($0 - 0.75.squareRoot()) < 1e-14 })
    // ρ₁ = φ₁/(1 − φ₂), ρ₂ = φ₁ρ₁ + φ₂ (Box and Jenkins 1970).
    let (a, b) = (0.5, 0.3)
    let rho = (a / (1 - b), a * a / (1 - b) + b)
    let second = try ResidualClosure([[a, b]]).ratios
    #expect(abs(second[0] - (1 - a * rho.0 - b * rho.1).squareRoot()) < 1e-14)
    #expect(try ResidualClosure([[], []]).ratios == [1, 1])
    #expect(try ResidualClosure([]).ratios == [])
  }

  @Test(arguments: [[[1.2]], [[1.0]], [[0.5, 0.5]], [[2.0], [0.6]]])
  func explosiveModelsAreRefused(models: [[Double]]) {
    #expect(throws: ResidualClosure.Failure.self) { try ResidualClosure(models) }
  }

  private static func study() throws -> StudyCase {
    var study = try NoisyCase(hydros: [3, 5], stages: 3).study()
    study.conventions = .novomodelo
    // Seasons without a stage count as well.
    study.seasons = SeasonDefinitions(
      cycle: .monthly,
      seasons: (0..<12).map {
        Season(id: $0, label: "M", monthStart: $0 + 1, dayStart: 1, monthEnd: $0 + 1, dayEnd: 28)
      })
    study.inflowModelSource = .given
    study.autoregressiveCoefficients = [
      (0, 1, 0.5), (0, 2, 0.3), (1, 1, 0.5), (1, 2, 0.3), (2, 1, 0.2), (2, 2, 0.4),
    ].map { AutoregressiveCoefficient(hydro: 1, stageID: $0.0, lag: $0.1, coefficient: $0.2, residualRatio: 0.123) }
    return study
  }

  private static func resolved(_ study: StudyCase) -> StudyCase {
    var given = GivenCase(study)
    return given.resolved()
  }

  @Test func coefficientsOfACaseGetTheirRatios() throws {
    let study = try Self.study()
    let derived = Self.resolved(study)
    let ratios = derived.autoregressiveCoefficients.filter { $0.lag == 1 }.map(\.residualRatio)
    for (ratio, expected) in zip(ratios, [0.8124038404635942, 0.7141428428542906, 0.8342661445845825]) {
      #expect(abs(ratio - expected) < 1e-12)
    }
    #expect(ratios.count == 3)
    #expect(derived.residualFaults.isEmpty)
    var unstable = study
    unstable.autoregressiveCoefficients[0].coefficient = 3
    let tree = OpeningTree(study: Self.resolved(unstable), seed: 1)
    #expect(tree.problem?.description.contains("hydro 5") == true)
    var ours = study
    ours.conventions = .cobre
    #expect(Self.resolved(ours).autoregressiveCoefficients.allSatisfy { $0.residualRatio == 0.123 })
  }

  /// A lag that is left out keeps the others where they are.
  ///
  /// With a₀, a₁, a₂ at lag 1 and c at lag 3 of the last season the explained variance is a₂² + c² + 2·a₂·c·a₁·a₀,
  /// since the month before and the one three months back have the correlation a₁·a₀.
  @Test func coefficientsBelongToTheirOwnLags() throws {
    var study = try Self.study()
    study.autoregressiveCoefficients = [(0, 1, 0.5), (1, 1, 0.6), (2, 1, 0.4), (2, 3, 0.3)].map {
      AutoregressiveCoefficient(hydro: 1, stageID: $0.0, lag: $0.1, coefficient: $0.2, residualRatio: 1)
    }
    let ratios = Self.resolved(study).autoregressiveCoefficients.map(\.residualRatio)
    let explained = 0.4 * 0.4 + 0.3 * 0.3 + 2 * 0.4 * 0.3 * 0.6 * 0.5
    for (ratio, square) in zip(ratios, [1 - 0.25, 1 - 0.36, 1 - explained, 1 - explained]) {
      #expect(abs(ratio - square.squareRoot()) < 1e-12)
    }
    #expect(ratios.count == 4)
  }

  /// December of a study that starts in January: whole months, halves from observations and history, nothing at all.
  @Test func lagsStartFromObservedWindows() throws {
    var study = try Self.study()
    func date(_ text: String) throws -> CalendarDate {
      let parts = text.split(separator: "-").compactMap { Int($0) }
      return try #require(CalendarDate(year: parts[0], month: parts[1], day: parts[2]))
    }
    func seeds(_ recent: [(String, String, Double)], _ past: [(String, String, Double)]) throws -> ([Double], [Int]) {
      study.initialConditions.recentObservations = try recent.map {
        RecentObservation(hydro: 1, start: try date($0.0), end: try date($0.1), value: $0.2)
      }
      study.inflowHistory = try past.map {
        InflowObservation(hydro: 1, date: try date($0.0), value: $0.2, end: try date($0.1))
      }
      let process = InflowProcess(study: study)
      let seeds = LagSeeds(study: study, calendar: process.calendar, counts: process.layout.lagCounts)
      #expect(seeds.values[1] == (1...2).map { process.initialState[process.layout.lag($0, hydro: 1)] })
      return (seeds.values[1], seeds.gaps[1])
    }
    // The study starts on 2024-01-01.
    let history = [("2023-11-01", "2023-12-01", 50.0), ("2023-12-01", "2024-01-01", 20.0)]
    var (values, gaps) = try seeds([("2023-12-01", "2024-01-01", 33)], history)
    #expect(values == [33, 50])
    #expect(gaps == [])
    (values, gaps) = try seeds([("2023-12-16", "2024-01-01", 33)], history)
    #expect(abs(values[0] - (20 * 15 + 33 * 16) / 31) < 1e-12)
    #expect(values[1] == 50)
    (values, gaps) = try seeds([("2023-12-01", "2023-12-11", 10), ("2023-12-11", "2024-01-01", 40)], [])
    #expect(abs(values[0] - (100 + 40 * 21) / 31) < 1e-12)
    #expect(values[1] == 0)
    #expect(gaps == [2])
    #expect(OpeningTree(study: study, seed: 1).problem?.description.contains("Lag 2") == true)
    (values, gaps) = try seeds([("2023-11-10", "2023-12-21", 7)], [])
    #expect(values == [7, 7])
    #expect(gaps == [1, 2])
  }

  /// Values 0…6 + c have the mean 3 + c and the population deviation 2.
  @Test func trainingWithExternalScenariosTakesTheirMoments() throws {
    var study = try NoisyCase(hydros: [3, 5], stages: 2, openings: 9).study()
    study.conventions = .novomodelo
    study.configuration.training.scenarioSource.inflow = .external
    let values = (0..<14).flatMap { row in [20 + Double(row % 7), 40 + Double(row % 7)] }
    study.externalInflows = ScenarioTable(
      entities: 2, firstRow: [0, 7, 14], probabilities: .init(repeating: 1 / 7, count: 14), values: values)
    let result = study.takingExternalMoments()
    #expect(result.inflowStatistics == [23, 43, 23, 43].map { SeriesStatistics(mean: $0, deviation: 2) })
    #expect(result.stages.map(\.openings) == [7, 7])
    #expect(result.loadStatistics == study.loadStatistics)
    study.conventions = .cobre
    #expect(study.takingExternalMoments().stages.map(\.openings) == [9, 9])
  }
}
