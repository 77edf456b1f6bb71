import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

@Suite("Novomodelo cases") struct NovomodeloReadingTests {
  @Test(arguments: NovomodeloSmallCase.all) func smallCasesReachTheirOptimum(_ small: NovomodeloSmallCase) throws {
    let report = small.draft.read()
    let study = try #require(report.study, "\(report.errors.map(\.description))")
    let run = try TrainingRun(study, iterations: 60)
    #expect(abs(run.lowerBound - small.optimum) <= 1e-9 * max(1, abs(small.optimum)), "\(run.lowerBound)")
    #expect(run.largestFall <= 1e-9)
  }
}
