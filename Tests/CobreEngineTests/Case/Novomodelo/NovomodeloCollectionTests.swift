import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// The cases next to the package: what that program accepts is accepted, and converged bounds agree.
@Suite(
  "Novomodelo collection",
  .enabled(if: NovomodeloCollection.areAvailable, "\(NovomodeloCollection.absence)"))
struct NovomodeloCollectionTests {
  @Test(arguments: NovomodeloCollection.names) func isAccepted(name: String) {
    let report = CaseReader.read(directory: NovomodeloCollection.path(name: name))
    #expect(report.errors.isEmpty, "\(report.errors.map(\.description).joined(separator: "\n"))")
    #expect(report.study != nil)
  }

  /// Expected numbers are from the tables that release 0.19.1 exports.
  @Test func fitsTheInflowsOfADeck() throws {
    let report = CaseReader.read(directory: NovomodeloCollection.path(name: "newave-mini"))
    let study = try #require(report.study)
    func coefficients(_ hydro: Int, _ stage: Int) -> [Double] {
      study.autoregressiveCoefficients.filter { study.hydros[$0.hydro].id == hydro && $0.stageID == stage }
        .map(\.coefficient)
    }
    func annual(_ hydro: Int, _ stage: Int) -> Double? {
      study.annualComponents.first { study.hydros[$0.hydro].id == hydro && $0.stageID == stage }?.coefficient
    }
    #expect(zip(coefficients(0, 0), [1.0674223843462802, -0.2922900929834654]).allSatisfy { abs($0 - $1) < 1e-11 })
    #expect(coefficients(0, 0).count == 2)
    #expect(coefficients(34, 5).count == 1)
    #expect(abs((coefficients(34, 5).first ?? 0) - 0.5921028324687791) < 1e-11)
    #expect(abs((annual(34, 5) ?? 0) - 0.20977726121792128) < 1e-11)
    // The first coefficient of order 4 is negative. Its annual coefficient stays.
    #expect(coefficients(6, 2).allSatisfy { $0 == 0 })
    #expect(abs((annual(6, 2) ?? 0) - 0.043064378500259265) < 1e-11)
    let correlation = try #require(study.correlation)
    let group = correlation.profiles[correlation.profileOfStage[0]].groups[0]
    let plants = group.entities.map { study.hydros[$0].id }
    let (first, third) = (try #require(plants.firstIndex(of: 0)), try #require(plants.firstIndex(of: 2)))
    #expect(abs(group.matrix[first * plants.count + third] - 0.45107292443144603) < 1e-11)
  }

  /// Without load the cost comes from the water that does not fit into the reservoir: 0.01 $ for each m³/s and hour.
  ///
  /// The expected inflows follow from the openings by hand.
  @Test(arguments: [
    ("d29-weekly-par-noise-sharing", 688.2623682833), ("d30-multi-resolution-monthly-quarterly", 12_994.0509305197),
  ])
  func countsSeasonsAsLags(name: String, bound: Double) throws {
    let study = try #require(CaseReader.read(directory: NovomodeloCollection.path(name: name)).study)
    let run = try TrainingRun(study, iterations: 20)
    #expect(abs(run.lowerBound - bound) <= 1e-9 * bound, "\(run.lowerBound)")
  }

  /// Cases whose tolerance says that the program had converged.
  private static let converged = NovomodeloCollection.names.filter {
    NovomodeloCollection.expectations[$0]?.tolerance != nil
  }

  @Test(arguments: converged) func reachesTheConvergedBound(name: String) throws {
    let report = CaseReader.read(directory: NovomodeloCollection.path(name: name))
    let study = try #require(report.study)
    let expected = try #require(NovomodeloCollection.expectations[name])
    let bound = try #require(expected.lowerBound)
    let run = try TrainingRun(study, iterations: 40)
    #expect(abs(run.lowerBound - bound) <= expected.tolerance ?? 0, "\(run.lowerBound)")
  }

  /// A study of the sector: five nodes, enumerated paths, planes from geometry, stored energies in constraints.
  ///
  /// That program's bounds after as many iterations. Its exact upper bound is 1e-5 above its lower one.
  @Test(.enabled(if: NovomodeloCollection.names.contains("decomp-mini"))) func closesTheGapOfTheSectorsStudy() throws {
    let report = CaseReader.read(directory: NovomodeloCollection.path(name: "decomp-mini"))
    let run = try TrainingRun(try #require(report.study), iterations: 15)
    #expect(abs(run.lowerBound / 429_070_791_142.3965 - 1) < 1e-5)
    let upper = try #require(run.reports.map(\.upperBound).min())
    #expect(abs(upper / 429_074_880_612.7139 - 1) < 1e-5)
  }
}
