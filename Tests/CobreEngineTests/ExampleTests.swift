internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Foundation
internal import Testing

/// The shipped examples read without a warning and give the bounds that are listed with them.
@Suite struct ExampleTests {
  /// What `expected.json` of an example says.
  struct Expectation: Decodable {
    /// Where the bound comes from.
    let origin: String
    let iterations: Int
    /// In $.
    let lowerBound: Double
    let relativeTolerance: Double

    enum CodingKeys: String, CodingKey {
      case origin, iterations
      case lowerBound = "lower_bound"
      case relativeTolerance = "relative_tolerance"
    }
  }

  static let names = ["single-hydro", "cascade", "four-areas"]

  static func directory(_ name: String) -> String {
    ReferenceCollection.packageRoot + "/examples/" + name
  }

  @Test(arguments: names)
  func readsWithoutFindings(name: String) throws {
    let report = CaseReader.read(directory: ExampleTests.directory(name))
    #expect(report.findings.isEmpty, "\(report.findings)")
    _ = try #require(report.study)
  }

  @Test(arguments: names)
  func givesTheBoundBesideIt(name: String) throws {
    let data = try Data(
      contentsOf: URL(fileURLWithPath: ExampleTests.directory(name) + "/expected.json"))
    let expected = try JSONDecoder().decode(Expectation.self, from: data)
    let study = try #require(CaseReader.read(directory: ExampleTests.directory(name)).study)
    let run = try TrainingRun(study, iterations: expected.iterations)
    #expect(abs(run.lowerBound - expected.lowerBound) <= expected.relativeTolerance * expected.lowerBound)
    #expect(run.largestFall <= 1e-9)
  }

  @Test func smallestExampleReachesItsExtensiveForm() throws {
    let study = try #require(
      CaseReader.read(directory: ExampleTests.directory("single-hydro")).study)
    let optimum = try ExtensiveForm.optimum(study)
    let run = try TrainingRun(study)
    #expect(abs(run.lowerBound - optimum) <= 1e-8 * optimum)
  }
}
