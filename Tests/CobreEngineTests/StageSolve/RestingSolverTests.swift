import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct RestingSolverTests {
  @Test func `a solver that has rested solves as before, and holds no program meanwhile`() throws {
    let report = CaseReader.read(directory: ReferenceCollection.packageRoot + "/examples/four-areas")
    let study = try #require(report.study, "\(report.findings)")
    let template = StageLPTemplate.all(study: study, tree: OpeningTree(study: study, seed: 1))[1]
    let solver = try StageSolver(template: template)
    let state = study.hydros.map { ($0.limits.minStorage + $0.limits.maxStorage) / 2 } + [0]
    func objective() throws -> UInt64 {
      try solver.begin(state: state, pool: nil, start: WarmStart(), openings: 0..<1)
      try solver.solve(opening: 0, pool: nil)
      return solver.objective.bitPattern
    }
    let before = try objective()
    solver.rest()
    #expect(!solver.writeMPS(to: "/dev/null"))
    #expect(try objective() == before)
  }
}
