import CobreCase
import CobreCommunication
import CobreEngine
import CobreTestSupport
import Foundation
import Testing

/// What happens to a program that the plain attempt does not solve.
@Suite struct RetryLadderTests {
  /// Attempts of a library that only a script exists of.
  private static func climb(
    _ codes: [Int32], _ adjust: (inout RetryRules) -> Void = { _ in }
  ) -> (rungs: [Int], retries: Int, error: LPError?) {
    var ladder = RetryLadder()
    adjust(&ladder.rules)
    var rungs: [Int] = []
    do {
      try ladder.solve("Script") {
        codes[0]
      } rung: {
        rungs.append($0)
        return codes[$0 + 1]
      }
      return (rungs, ladder.retries, nil)
    } catch {
      return (rungs, ladder.retries, error)
    }
  }

  @Test func `every rung is tried in its turn until one succeeds`() {
    for success in 0...5 {
      var codes = [Int32](repeating: 401, count: 6)
      codes[success] = 0
      let climbed = Self.climb(codes)
      #expect(climbed.rungs == Array(0..<success))
      #expect(climbed.retries == (success == 0 ? 0 : 1))
      #expect(climbed.error == nil)
    }
  }

  @Test func `a program that no rung solves is told by the last answer`() {
    let infeasible = Self.climb([400, 400, 400, 400, 400, 100])
    #expect(infeasible.rungs == [0, 1, 2, 3, 4])
    #expect(infeasible.error == LPError(.infeasible, detail: "Script status 100"))
    #expect(Self.climb([400, 400, 400, 400, 400, 202]).error?.code == .unbounded)
    #expect(Self.climb([400, 400, 400, 400, 100, 410]).error == LPError(.notSolved, detail: "Script status 410"))
  }

  @Test func `attempts and their time are bounded`() {
    let codes = [Int32](repeating: 400, count: 6)
    #expect(Self.climb(codes) { $0.attempts = 2 }.rungs == [0, 1])
    #expect(Self.climb(codes) { $0.attempts = 0 }.rungs == [])
    #expect(Self.climb(codes) { $0.attempts = 99 }.rungs == [0, 1, 2, 3, 4])
    // The first further attempt is always made.
    #expect(Self.climb(codes) { $0.seconds = 0 }.rungs == [0])
  }

  @Test func `faults are read from a text`() {
    #expect(SolveFault("7:3") != nil)
    for text in ["", "7", "0:1", "1:0", "1:2:3", "-1:2", "a:b"] { #expect(SolveFault(text) == nil) }
  }

  /// Every rung by itself finds the optimum of a program in Hillier, Lieberman (36), from a basis that its bounds left.
  @Test(arguments: SolverLibrary.built, 1...RetryLadder.height)
  func `every rung of a library solves`(library: SolverLibrary, rung: Int) throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var solver = try ChosenSolver(library)
    try solver.load(storage.view)
    solver.rowUpper[2] = 30
    try solver.solve(.changed)
    #expect(solver.ladder.retries == 0)
    solver.rowUpper[2] = 18
    solver.ladder.rules.fault = SolveFault("1:\(rung)")
    try solver.solve(.hot)
    #expect(solver.ladder.retries == 1)
    #expect(abs(solver.columnValues[0] - 2) < 1e-12 && abs(solver.columnValues[1] - 6) < 1e-12)
    #expect(abs(solver.rowDuals[1] + 1.5) < 1e-12 && abs(solver.rowDuals[2] + 1) < 1e-12)
    // The next solve starts from what the rung left, with the tolerances and the scaling of before.
    solver.ladder.rules.fault = nil
    solver.rowUpper[2] = 24
    try solver.solve(.hot)
    #expect(abs(solver.columnValues[0] - 4) < 1e-12 && solver.ladder.retries == 1)
  }

  /// A training every fourth solve of which is left to a rung reaches the optimum of the extensive form.
  @Test(arguments: SolverLibrary.built, 1...RetryLadder.height)
  func `a training over every rung reaches the optimum`(library: SolverLibrary, rung: Int) throws {
    let features: SystemFeatures = [.blocks, .network, .operatingLimits, .discount, .virtualInflow]
    let study = try RandomSystem(seed: 3, features: features).text.study()
    let optimum = try ExtensiveForm.optimum(study)
    let options = TrainingOptions.adjusted(study) {
      $0.solver = library
      $0.solveFault = SolveFault("4:\(rung)")
    }
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 200, options: options) { ($0.lowerBound - optimum) / scale > -2e-8 }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale)
    let retries = run.reports.reduce(0) { $0 + $1.retries }
    let solves = run.reports.reduce(0) { $0 + $1.ranks.reduce(0) { $0 + $1.solves } }
    #expect(retries > solves / 5 && retries <= solves / 4 + 1)
  }

  @Test func `a program that no rung solves is written down`() throws {
    let study = try RandomSystem(seed: 3, features: [.virtualInflow]).text.study()
    let options = TrainingOptions.adjusted(study) { $0.solveFault = SolveFault("9:6") }
    let directory = try TemporaryDirectory()
    let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
    trainer.problemDirectory = directory.path
    let error = #expect(throws: TrainingError.self) { _ = try trainer.train { _ in true } }
    #expect(error?.cause.code == .notSolved)
    let file = try #require(error?.file)
    #expect(error?.description.contains("The program is in \(file).") == true)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    for section in ["ROWS", "COLUMNS", "RHS", "BOUNDS", "ENDATA"] { #expect(text.contains("\n\(section)")) }
  }
}
