import CobreEngine
import CobreTestSupport
import Testing

/// The cases beside the package: what that program accepts is accepted, and converged bounds agree.
@Suite(
  "Novomodelo collection",
  .enabled(if: NovomodeloCollection.areAvailable, "\(NovomodeloCollection.absence)"))
struct NovomodeloCollectionTests {
  @Test(arguments: NovomodeloCollection.names) func isAccepted(name: String) {
    let report = CaseReader.read(directory: NovomodeloCollection.path(name: name))
    // 607: what cannot be modelled yet.
    let wrong = report.errors.filter { $0.code != 607 }
    #expect(wrong.isEmpty, "\(wrong.map(\.description).joined(separator: "\n"))")
  }

  /// Cases whose tolerance says that the program had converged.
  private static let converged = NovomodeloCollection.names.filter {
    NovomodeloCollection.expectations[$0]?.tolerance != nil
  }

  @Test(arguments: converged) func reachesTheConvergedBound(name: String) throws {
    let report = CaseReader.read(directory: NovomodeloCollection.path(name: name))
    guard let study = report.study else { return }
    let expected = try #require(NovomodeloCollection.expectations[name])
    let bound = try #require(expected.lowerBound)
    let run = try TrainingRun(study, iterations: 40)
    #expect(abs(run.lowerBound - bound) <= expected.tolerance ?? 0, "\(run.lowerBound)")
  }
}
