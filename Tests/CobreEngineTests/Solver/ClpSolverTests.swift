import CobreCase
import CobreEngine
import Testing

@Suite struct ClpSolverTests {
  @Test func solvesATextbookProgramWithItsDuals() throws {
    let solution = try LPModel.wyndorGlass.solved()
    #expect(abs(solution.objective + 36) < 1e-12)
    #expect(abs(solution.columnValues[0] - 2) < 1e-12 && abs(solution.columnValues[1] - 6) < 1e-12)
    // Duals are derivatives of the minimum, hence negative for binding upper bounds.
    #expect(abs(solution.rowDuals[0]) < 1e-12)
    #expect(abs(solution.rowDuals[1] + 1.5) < 1e-12)
    #expect(abs(solution.rowDuals[2] + 1) < 1e-12)
  }

  @Test func hotSolvesFollowTheBoundsAndAddedRows() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var solver = try ClpSolver()
    try solver.load(storage.view)
    try solver.solve(.changed)
    solver.rowUpper[2] = 24
    try solver.solve(.hot)
    #expect(abs(solver.columnValues[0] - 4) < 1e-12 && abs(solver.columnValues[1] - 6) < 1e-12)
    // x + y ≤ 7 cuts the corner off: x = 1, y = 6.
    let starts: [Int32] = [0, 2]
    let columns: [Int32] = [0, 1]
    let values = [1.0, 1.0]
    try [-Double.infinity].withUnsafeBufferPointer { lower in
      try [7.0].withUnsafeBufferPointer { upper in
        try solver.addRows(lower: lower, upper: upper, starts: starts, columns: columns, values: values)
      }
    }
    try solver.solve(.changed)
    #expect(abs(solver.columnValues[0] - 1) < 1e-12 && abs(solver.columnValues[1] - 6) < 1e-12)
  }

  /// A solve that goes on and on ends by the number of its pivots: two are needed here.
  @Test func pivotsAreLimited() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var solver = try ClpSolver()
    try solver.load(storage.view)
    solver.limitPivots(1)
    solver.ladder.rules.attempts = 0
    #expect(performing: { try solver.solve(.changed) }, throws: { ($0 as? LPError)?.code == .notSolved })
    solver.limitPivots(nil)
    try solver.solve(.changed)
    #expect(abs(solver.columnValues[0] - 2) < 1e-12 && abs(solver.columnValues[1] - 6) < 1e-12)
  }

  /// What Clp judges wrong is refused before Clp sees it.
  @Test(arguments: [1e20, -1e20, .nan, .infinity]) func numbersBeyondTheLibraryAreRefused(number: Double) {
    var models = [LPModel.wyndorGlass, .wyndorGlass]
    models[0].objective[1] = number
    models[1].values[2] = number
    for model in models {
      #expect(performing: { try model.solved() }, throws: { ($0 as? LPError)?.code == .outOfRange })
    }
  }

  @Test(arguments: [1e6, 1e9, 1e12, 1e15, 1e18]) func largeCostsAreSolved(unit: Double) throws {
    var model = LPModel.wyndorGlass
    model.objective = [-3 * unit, -5 * unit]
    #expect(abs(try model.solved().objective / (-36 * unit) - 1) < 1e-12)
  }

  @Test func saysWhyThereIsNoSolution() {
    let infeasible = LPModel(
      columnLower: [0], columnUpper: [1], objective: [1], rowLower: [2], rowUpper: [3], entries: [(0, 0, 1)])
    #expect(performing: { try infeasible.solved() }, throws: { ($0 as? LPError)?.code == .infeasible })
    let unbounded = LPModel(
      columnLower: [0], columnUpper: [.infinity], objective: [-1], rowLower: [0], rowUpper: [.infinity],
      entries: [(0, 0, 1)])
    #expect(performing: { try unbounded.solved() }, throws: { ($0 as? LPError)?.code == .unbounded })
  }

  @Test func aLoadForgetsWhatWasSolvedBefore() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var used = try ClpSolver()
    try used.load(storage.view)
    for step in 0..<20 {
      used.rowUpper[2] = 10 + Double(step)
      try used.solve(step == 0 ? .changed : .hot)
    }
    try used.load(storage.view)
    try used.solve(.changed)
    let fresh = try LPModel.wyndorGlass.solved()
    #expect(used.columnValues[0] == fresh.columnValues[0] && used.columnValues[1] == fresh.columnValues[1])
    #expect((0..<3).allSatisfy { used.rowDuals[$0] == fresh.rowDuals[$0] })
  }
}
