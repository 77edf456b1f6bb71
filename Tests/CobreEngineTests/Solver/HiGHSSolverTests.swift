internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Foundation
internal import Testing

/// The second solver library, in builds with the trait `HiGHS` (`make test-highs`).
@Suite(.enabled(if: SolverLibrary.built.contains(.highs), "built without HiGHS"))
struct HiGHSSolverTests {
  @Test func solvesATextbookProgramWithItsDuals() throws {
    let solution = try LPModel.wyndorGlass.solved(by: .highs)
    #expect(abs(solution.objective + 36) < 1e-12)
    #expect(abs(solution.columnValues[0] - 2) < 1e-12 && abs(solution.columnValues[1] - 6) < 1e-12)
    #expect(abs(solution.rowDuals[0]) < 1e-12)
    #expect(abs(solution.rowDuals[1] + 1.5) < 1e-12)
    #expect(abs(solution.rowDuals[2] + 1) < 1e-12)
  }

  @Test func theObjectiveIsThatOfTheDual() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var solver = try ChosenSolver(.highs)
    try solver.load(storage.view)
    try solver.solve(.changed)
    #expect(abs(solver.dualityGap) < 1e-9)
    solver.rowUpper[2] = 24
    try solver.solve(.hot)
    #expect(abs(solver.dualityGap) < 1e-9)
  }

  @Test func hotSolvesFollowTheBoundsAndAddedRows() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var solver = try ChosenSolver(.highs)
    try solver.load(storage.view)
    try solver.solve(.changed)
    solver.rowUpper[2] = 24
    try solver.solve(.hot)
    #expect(abs(solver.columnValues[0] - 4) < 1e-12 && abs(solver.columnValues[1] - 6) < 1e-12)
    // x + y ≤ 7 cuts the corner off: x = 1, y = 6.
    try [-Double.infinity].withUnsafeBufferPointer { lower in
      try [7.0].withUnsafeBufferPointer { upper in
        try solver.addRows(lower: lower, upper: upper, starts: [0, 2], columns: [0, 1], values: [1, 1])
      }
    }
    try solver.solve(.changed)
    #expect(abs(solver.columnValues[0] - 1) < 1e-12 && abs(solver.columnValues[1] - 6) < 1e-12)
    // y ≤ 5 moves it to (2, 5).
    solver.columnUpper[1] = 5
    try solver.solve(.hot)
    #expect(abs(solver.columnValues[0] - 2) < 1e-12 && abs(solver.columnValues[1] - 5) < 1e-12)
    #expect(abs(solver.rowDuals[3] + 3) < 1e-12)
  }

  @Test func saysWhyThereIsNoSolution() {
    let infeasible = LPModel(
      columnLower: [0], columnUpper: [1], objective: [1], rowLower: [2], rowUpper: [3], entries: [(0, 0, 1)])
    #expect(performing: { try infeasible.solved(by: .highs) }, throws: { ($0 as? LPError)?.code == .infeasible })
    let unbounded = LPModel(
      columnLower: [0], columnUpper: [.infinity], objective: [-1], rowLower: [0], rowUpper: [.infinity],
      entries: [(0, 0, 1)])
    #expect(performing: { try unbounded.solved(by: .highs) }, throws: { ($0 as? LPError)?.code == .unbounded })
  }

  @Test func aLoadForgetsWhatWasSolvedBeforeAndABasisComesBack() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var used = try ChosenSolver(.highs)
    try used.load(storage.view)
    for step in 0..<20 {
      used.rowUpper[2] = 10 + Double(step)
      try used.solve(step == 0 ? .changed : .hot)
    }
    try used.load(storage.view)
    try used.solve(.changed)
    let fresh = try LPModel.wyndorGlass.solved(by: .highs)
    #expect(used.columnValues[0] == fresh.columnValues[0] && used.columnValues[1] == fresh.columnValues[1])
    #expect((0..<3).allSatisfy { used.rowDuals[$0] == fresh.rowDuals[$0] })
    // Both columns and the first row are basic. The other rows are at their upper bounds.
    let basis = (0..<5).map { used.basis[$0] }
    #expect(basis == [1, 1, 1, 2, 2])
    try used.load(storage.view)
    used.setBasis(basis)
    #expect((0..<5).map { used.basis[$0] } == basis)
    try used.solve(.changed)
    #expect(abs(used.columnValues[0] - 2) < 1e-12)
    // A basis with too many members is put right.
    try used.load(storage.view)
    used.setBasis([1, 1, 1, 1, 1])
    try used.solve(.changed)
    #expect(abs(used.columnValues[0] - 2) < 1e-12 && abs(used.columnValues[1] - 6) < 1e-12)
  }

  @Test func writesTheProgramAtHand() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var solver = try ChosenSolver(.highs)
    try solver.load(storage.view)
    solver.rowUpper[2] = 17.5
    let path = NSTemporaryDirectory() + "cobre-highs-\(UUID().uuidString).mps"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let isWritten = solver.writeMPS(to: path)
    #expect(isWritten)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("17.5"))
  }

  /// Both libraries reach the optimum of the extensive form, and HiGHS twice with the same bits.
  @Test(arguments: 1...12)
  func trainsToTheSameOptimum(seed: Int) throws {
    let features: [SystemFeatures] = [
      [.blocks, .network, .operatingLimits, .discount], [.risk, .discount, .contracts, .sources],
      [.productionPlanes, .evaporation, .withdrawal, .virtualInflow], [.autoregression, .virtualInflow, .network],
    ]
    let study = try RandomSystem(seed: UInt64(seed), features: features[seed % 4]).text.study()
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    func run(_ library: SolverLibrary) throws -> TrainingRun {
      try TrainingRun(study, iterations: 200, options: .adjusted(study) { $0.solver = library }) {
        ($0.lowerBound - optimum) / scale > -2e-8
      }
    }
    let clp = try run(.clp)
    let highs = try run(.highs)
    #expect(abs(clp.lowerBound - optimum) <= 1e-6 * scale)
    #expect(abs(highs.lowerBound - optimum) <= 1e-6 * scale)
    #expect(highs.reports.allSatisfy { $0.lowerBound <= optimum + 1e-6 * scale })
    #expect(highs.largestFall <= 1e-8)
    let again = try run(.highs)
    #expect(again.reports.map(\.lowerBound) == highs.reports.map(\.lowerBound))
    #expect(again.policy == highs.policy)
  }

  @Test(arguments: KnownProblem.fast + [.firstSteps, .dearSpill(stages: 4, optimum: 45.833333333333336), .stock])
  func reachesPublishedOptimum(problem: KnownProblem) throws {
    let study = try problem.text.study()
    let run = try TrainingRun(study, options: .adjusted(study) { $0.solver = .highs })
    #expect(abs(run.lowerBound - problem.optimum) <= problem.tolerance)
  }
}

/// What choosing a library comes to.
@Suite struct SolverLibraryTests {
  @Test func asksOnlyForWhatIsThere() throws {
    #expect(try RequestedSolver.auto.library(among: [.clp]) == .clp)
    #expect(try RequestedSolver.auto.library(among: [.clp, .highs]) == .clp)
    #expect(try RequestedSolver.auto.library(among: [.clp, .highs, .simplex]) == .simplex)
    #expect(try RequestedSolver.auto.library() == SolverLibrary.preferred)
    #expect(try RequestedSolver.highs.library(among: [.clp, .highs]) == .highs)
    let error = #expect(throws: LPError.self) { try RequestedSolver.highs.library(among: [.clp]) }
    #expect(error?.code == .notBuilt)
    #expect(error?.detail.contains("COBRE_HIGHS=1") == true)
  }

  @Test func theOwnSimplexIsThereOrSaysWhyNot() throws {
    #expect(try RequestedSolver.simplex.library(among: [.clp, .simplex]) == .simplex)
    let error = #expect(throws: LPError.self) { try RequestedSolver.simplex.library(among: [.clp]) }
    #expect(error?.code == .notBuilt && error?.detail.contains("AVX2") == true)
  }

  @Test func thisBuildHasClp() { #expect(SolverLibrary.built.first == .clp) }
}
