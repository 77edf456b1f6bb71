import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// The project's own simplex on programs whose optimum is known.
@Suite(.enabled(if: SolverLibrary.built.contains(.simplex), "this processor lacks AVX2"))
struct SimplexSolverTests {
  @Test func solvesATextbookProgramWithItsDuals() throws {
    let solution = try LPModel.wyndorGlass.solved(by: .simplex)
    #expect(abs(solution.objective + 36) < 1e-12)
    #expect(abs(solution.columnValues[0] - 2) < 1e-12 && abs(solution.columnValues[1] - 6) < 1e-12)
    #expect(abs(solution.rowDuals[0]) < 1e-12)
    #expect(abs(solution.rowDuals[1] + 1.5) < 1e-12)
    #expect(abs(solution.rowDuals[2] + 1) < 1e-12)
  }

  @Test func hotSolvesFollowTheBoundsAndAddedRows() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var solver = try SimplexSolver()
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
    // y ≤ 5 moves it to (2, 5), where a unit of the sum is worth 3.
    solver.columnUpper[1] = 5
    try solver.solve(.hot)
    #expect(abs(solver.columnValues[0] - 2) < 1e-12 && abs(solver.columnValues[1] - 5) < 1e-12)
    #expect(abs(solver.rowDuals[3] + 3) < 1e-12)
    #expect(solver.fallbacks == 0)
  }

  @Test func saysWhyThereIsNoSolution() {
    let infeasible = LPModel(
      columnLower: [0], columnUpper: [1], objective: [1], rowLower: [2], rowUpper: [3], entries: [(0, 0, 1)])
    #expect(performing: { try infeasible.solved(by: .simplex) }, throws: { ($0 as? LPError)?.code == .infeasible })
    let unbounded = LPModel(
      columnLower: [0], columnUpper: [.infinity], objective: [-1], rowLower: [0], rowUpper: [.infinity],
      entries: [(0, 0, 1)])
    #expect(performing: { try unbounded.solved(by: .simplex) }, throws: { ($0 as? LPError)?.code == .unbounded })
  }

  /// Clp's short cuts accept a column of which the upper bound is below the lower one, and NaN anywhere.
  @Test(arguments: [SolverLibrary.clp, .simplex])
  func boundsThatContradictOrAreNoNumbersAreRefused(library: SolverLibrary) throws {
    func expect(
      _ code: LPError.Code, _ row: (Double, Double) = (0, 9), column: (Double, Double) = (0, 1),
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let model = LPModel(
        columnLower: [column.0], columnUpper: [column.1], objective: [1], rowLower: [row.0], rowUpper: [row.1],
        entries: [(0, 0, 1)])
      #expect(
        sourceLocation: sourceLocation, performing: { try model.solved(by: library) },
        throws: { ($0 as? LPError)?.code == code })
    }
    expect(.infeasible, column: (3, 1))
    expect(.infeasible, (3, 1), column: (0, 9))
    expect(.infeasible, column: (.infinity, .infinity))
    expect(.infeasible, (-.infinity, -.infinity))
    // Which code says so is the solver's. That there is no optimum is what counts.
    for wrong in [[Double.nan, 1, 0, 9], [0, 1, 0, .nan]] {
      let model = LPModel(
        columnLower: [wrong[0]], columnUpper: [wrong[1]], objective: [1], rowLower: [wrong[2]], rowUpper: [wrong[3]],
        entries: [(0, 0, 1)])
      #expect(throws: LPError.self) { try model.solved(by: library) }
    }
    // Bounds that change between two solves are checked again, and the solver survives.
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var solver = try ChosenSolver(library)
    try solver.load(storage.view)
    try solver.solve(.changed)
    solver.columnLower[0] = 7
    solver.columnUpper[0] = 6.5
    #expect(performing: { try solver.solve(.hot) }, throws: { ($0 as? LPError)?.code == .infeasible })
    solver.columnLower[0] = 0
    solver.columnUpper[0] = .infinity
    try solver.solve(.changed)
    #expect(abs(solver.columnValues[0] - 2) < 1e-12)
    // By rounding they may cross.
    solver.columnLower[0] = 2
    solver.columnUpper[0] = 2 - 1e-15
    try solver.solve(.changed)
    #expect(abs(solver.columnValues[1] - 6) < 1e-9)
  }

  @Test func elementsAndCostsThatAreNotFiniteAreRefused() throws {
    for wrong in [Double.nan, .infinity, -.infinity] {
      let element = LPModel(
        columnLower: [0], columnUpper: [1], objective: [1], rowLower: [0], rowUpper: [3], entries: [(0, 0, wrong)])
      #expect(performing: { try element.solved(by: .simplex) }, throws: { ($0 as? LPError)?.code == .notSolved })
      let cost = LPModel(
        columnLower: [0], columnUpper: [1], objective: [wrong], rowLower: [0], rowUpper: [3], entries: [(0, 0, 1)])
      #expect(performing: { try cost.solved(by: .simplex) }, throws: { ($0 as? LPError)?.code == .notSolved })
      let storage = LPModelStorage(LPModel.wyndorGlass)
      var solver = try SimplexSolver()
      try solver.load(storage.view)
      try solver.solve(.changed)
      try [0].withUnsafeBufferPointer { lower in
        try [7].withUnsafeBufferPointer { upper in
          try solver.addRows(lower: lower, upper: upper, starts: [0, 1], columns: [1], values: [wrong])
        }
      }
      #expect(performing: { try solver.solve(.changed) }, throws: { ($0 as? LPError)?.code == .notSolved })
    }
  }

  /// Within a dual tolerance of 10⁻⁹ a column may stay at the wrong bound.
  ///
  /// Where its range is huge that costs a lot.
  ///
  /// min y − 5·10⁻¹⁰ x, y = 1, x in [0, 10⁹]: the optimum is 0.5, at x = 0 it would be 1.
  @Test func whatWrongSignsCostOverAWideRangeCounts() throws {
    let model = LPModel(
      columnLower: [0, 0], columnUpper: [10, 1e9], objective: [1, -5e-10], rowLower: [1, -.infinity],
      rowUpper: [1, 1e9], entries: [(0, 0, 1), (1, 1, 1)])
    #expect(abs(try model.solved(by: .simplex).objective - 0.5) < 1e-12)
  }

  @Test func aLoadForgetsWhatWasSolvedBeforeAndABasisComesBack() throws {
    let storage = LPModelStorage(LPModel.wyndorGlass)
    var used = try SimplexSolver()
    try used.load(storage.view)
    for step in 0..<20 {
      used.rowUpper[2] = 10 + Double(step)
      try used.solve(step == 0 ? .changed : .hot)
    }
    try used.load(storage.view)
    try used.solve(.changed)
    let fresh = try LPModel.wyndorGlass.solved(by: .simplex)
    #expect(used.columnValues[0] == fresh.columnValues[0] && used.columnValues[1] == fresh.columnValues[1])
    #expect((0..<3).allSatisfy { used.rowDuals[$0] == fresh.rowDuals[$0] })
    let basis = (0..<5).map { used.basis[$0] }
    #expect(basis == [1, 1, 1, 2, 2])
    // Any statuses give a basis: too many members, too few, two dependent columns.
    for wrong: [UInt8] in [basis, [1, 1, 1, 1, 1], [3, 3, 3, 3, 3], [19, 1, 1, 2, 2]] {
      try used.load(storage.view)
      used.setBasis(wrong)
      try used.solve(.changed)
      #expect(abs(used.columnValues[0] - 2) < 1e-12 && abs(used.columnValues[1] - 6) < 1e-12)
    }
    #expect(used.fallbacks == 0)
  }

  /// min x + 2y − z, x + y = 4, y − z ≥ −1, an empty row, a row that binds nothing.
  ///
  /// X free, y in [1, 3], z fixed at 2.
  @Test func knowsFreeAndFixedVariablesEqualitiesAndEmptyRows() throws {
    let model = LPModel(
      columnLower: [-.infinity, 1, 2], columnUpper: [.infinity, 3, 2], objective: [1, 2, -1],
      rowLower: [4, -1, -5, -.infinity], rowUpper: [4, .infinity, 5, .infinity],
      entries: [(0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 2, -1), (3, 0, 7)])
    let solution = try model.solved(by: .simplex)
    // y falls to 1, where y − z = −1 binds too. X = 3.
    #expect(abs(solution.objective - (3 + 2 - 2)) < 1e-12)
    #expect(abs(solution.columnValues[0] - 3) < 1e-12 && abs(solution.columnValues[1] - 1) < 1e-12)
    #expect(abs(solution.rowDuals[0] - 1) < 1e-12 && solution.rowDuals[2] == 0)
  }

  /// A program without rows is solved by the signs of its costs.
  @Test func solvesWithoutRows() throws {
    let model = LPModel(
      columnLower: [1, -4], columnUpper: [5, 6], objective: [2, -3], rowLower: [], rowUpper: [], entries: [])
    #expect(try model.solved(by: .simplex).objective == 2 - 18)
  }

  /// Beale's program (1955), on which the simplex method with the largest cost cycles: optimum −1/20.
  @Test func doesNotCycle() throws {
    let model = LPModel(
      columnLower: [0, 0, 0, 0], columnUpper: [.infinity, .infinity, .infinity, .infinity],
      objective: [-0.75, 150, -0.02, 6], rowLower: [-.infinity, -.infinity, -.infinity], rowUpper: [0, 0, 1],
      entries: [
        (0, 0, 0.25), (0, 1, -60), (0, 2, -0.04), (0, 3, 9), (1, 0, 0.5), (1, 1, -90), (1, 2, -0.02), (1, 3, 3),
        (2, 2, 1),
      ])
    #expect(abs(try model.solved(by: .simplex).objective + 0.05) < 1e-12)
  }

  /// One step of the dual method passes over as many boxed columns as the demand takes.
  ///
  /// The optimum is the sum of the cheapest steps, the dual the cost of the last one.
  @Test func fillsALadder() throws {
    let steps = 60
    let storage = LPModelStorage(
      LPModel(
        columnLower: Array(repeating: 0, count: steps), columnUpper: Array(repeating: 10, count: steps),
        objective: (0..<steps).map { Double($0 * 7 % steps) }, rowLower: [5], rowUpper: [5],
        entries: (0..<steps).map { (0, $0, 1) }))
    var solver = try SimplexSolver()
    try solver.load(storage.view)
    for full in [0, 40, 3, 59, 17] {
      solver.rowLower[0] = Double(full) * 10 + 5
      solver.rowUpper[0] = Double(full) * 10 + 5
      try solver.solve(.hot)
      var cost = 0.0
      for column in 0..<steps { cost += storage.view.objective[column] * solver.columnValues[column] }
      #expect(abs(cost - (5 * Double(full * (full - 1)) + 5 * Double(full))) < 1e-9)
      #expect(abs(solver.rowDuals[0] - Double(full)) < 1e-12)
    }
    #expect(solver.fallbacks == 0)
  }

  /// Two cuts that differ by a billionth in slope, costs in thousands and slopes of a million: the future cost at the
  /// best point is given by the higher cut, which follows by hand.
  @Test func tellsNearlyParallelCutsApart() throws {
    // min θ + 3 x: θ ≥ 10⁹ − 10⁶ v, θ ≥ 10⁹ + 0.5 − (10⁶ + 10⁻³) v, v + x = 900, v ≤ 800.
    let model = LPModel(
      columnLower: [0, 0, 0], columnUpper: [.infinity, .infinity, 800], objective: [1, 3, 0],
      rowLower: [1e9, 1e9 + 0.5, 900], rowUpper: [.infinity, .infinity, 900],
      entries: [(0, 0, 1), (0, 2, 1e6), (1, 0, 1), (1, 2, 1e6 + 1e-3), (2, 1, 1), (2, 2, 1)])
    let solution = try model.solved(by: .simplex)
    // At v = 800 the first cut gives 2·10⁸, the second 2·10⁸ + 0.5 − 0.8.
    #expect(abs(solution.objective - (2e8 + 300)) <= 1e-9 * 2e8)
    #expect(abs(solution.rowDuals[0] - 1) < 1e-9 && abs(solution.rowDuals[1]) < 1e-9)
  }

  /// Large programs are Clp's.
  ///
  /// The calls are the same.
  @Test func leavesLargeProgramsToClp() throws {
    let rows = 51
    let model = LPModel(
      columnLower: Array(repeating: 0, count: rows), columnUpper: Array(repeating: .infinity, count: rows),
      objective: Array(repeating: 2, count: rows), rowLower: (0..<rows).map(Double.init),
      rowUpper: Array(repeating: .infinity, count: rows), entries: (0..<rows).map { ($0, $0, 1) })
    let storage = LPModelStorage(model)
    var own = try SimplexSolver(denseRows: 20, largestRows: rows - 1)
    var clp = try ClpSolver()
    try own.load(storage.view)
    try clp.load(storage.view)
    try own.solve(.changed)
    try clp.solve(.changed)
    #expect((0..<rows).allSatisfy { own.columnValues[$0] == clp.columnValues[$0] && own.rowDuals[$0] == 2 || $0 == 0 })
    #expect((0..<2 * rows).allSatisfy { own.basis[$0] == clp.basis[$0] })
    own.unload()
    let small = LPModelStorage(LPModel.wyndorGlass)
    try own.load(small.view)
    try own.solve(.changed)
    #expect(abs(own.columnValues[1] - 6) < 1e-12)
  }

  /// Rows that are added one by one outgrow the room made at first, then the dense inverse.
  ///
  /// min x over 0 ≤ x, x ≥ k / 10 for every row k that was added: the optimum is the last level, its dual 1.
  @Test func addedRowsFindRoomUntilFactorsAreSparse() throws {
    let storage = LPModelStorage(
      LPModel(
        columnLower: [0, 0], columnUpper: [.infinity, 5], objective: [1, -1], rowLower: [0], rowUpper: [.infinity],
        entries: [(0, 0, 1), (0, 1, -1)]))
    var solver = try SimplexSolver()
    try solver.load(storage.view)
    try solver.solve(.changed)
    let added = SimplexSolver.denseRows + 220
    for step in 1...added {
      try [Double(step) / 10 + 5].withUnsafeBufferPointer { lower in
        try [Double.infinity].withUnsafeBufferPointer { upper in
          try solver.addRows(lower: lower, upper: upper, starts: [0, 1], columns: [0], values: [1])
        }
      }
      try solver.solve(.changed)
      guard abs(solver.columnValues[0] - (Double(step) / 10 + 5)) < 1e-9, abs(solver.rowDuals[step] - 1) < 1e-9,
        solver.basis[2 + step] != 1
      else {
        Issue.record("after \(step) rows: \(solver.columnValues[0])")
        return
      }
    }
    #expect(solver.fallbacks == 0)
    // Bounds of rows added before and after the hand-over can still be moved.
    solver.rowLower[added] = 0
    try solver.solve(.hot)
    #expect(abs(solver.columnValues[0] - (Double(added - 1) / 10 + 5)) < 1e-9)
    try solver.load(storage.view)
    try solver.solve(.changed)
    #expect(solver.rowLower[0] == 0 && abs(solver.columnValues[0] - solver.columnValues[1]) < 1e-12)
  }
}
