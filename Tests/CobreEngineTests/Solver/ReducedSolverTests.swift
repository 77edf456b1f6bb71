import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Programs that are solved without the columns that a row alone sets, against values by hand and against whole
/// programs.
@Suite struct ReducedSolverTests {
  /// min θ + x with x in [0, 4], θ ≥ 0, 2z = 6 and θ + 2x − 5z ≥ 0: z is 3, so that θ + 2x ≥ 15 and x = 4, θ = 7.
  private static let remembered = LPModel(
    columnLower: [0, -.infinity, 0], columnUpper: [4, .infinity, .infinity], objective: [1, 0, 1],
    rowLower: [6, 0], rowUpper: [6, .infinity], entries: [(0, 1, 2), (1, 0, 2), (1, 1, -5), (1, 2, 1)])

  @Test(arguments: SolverLibrary.built)
  func valuesAndDualsAreThoseOfTheWholeProgram(library: SolverLibrary) throws {
    let storage = LPModelStorage(Self.remembered)
    let given = GivenColumn.all(in: Self.remembered, columns: 1..<3, rows: 0..<2)
    #expect(given == [GivenColumn(row: 0, column: 0, coefficient: 2)])
    var solver = try ReducedSolver(library, given: given)
    try solver.load(storage.view, firstColumn: 1)
    try solver.solve(.changed)
    expect([4, 3, 7], solver.columnValues)
    // A unit more of the first bound is half a unit of z, and 2.5 of θ.
    expect([2.5, 1], solver.rowDuals)
    // θ ≥ 4z joins: θ = 12, x = 1.5; each of the two rows carries a half.
    try [0.0].withUnsafeBufferPointer { lower in
      try [Double.infinity].withUnsafeBufferPointer { upper in
        try solver.addRows(lower: lower, upper: upper, starts: [0, 2], columns: [1, 2], values: [-4, 1])
      }
    }
    try solver.solve(.changed)
    expect([1.5, 3, 12], solver.columnValues)
    expect([2.25, 0.5, 0.5], solver.rowDuals)
    let basis = (0..<6).map { solver.basis[$0] }
    #expect(basis.count { $0 == BasisStatus.basic } == 3 && basis[1] == BasisStatus.basic)
    // z = 4: all of it grows by the dual of its row, 2 · 2.25.
    solver.rowLower[0] = 8
    solver.rowUpper[0] = 8
    try solver.solve(.hot)
    expect([2, 4, 16], solver.columnValues)
  }

  @Test func aValueThatIsNoNumberIsRefused() throws {
    let storage = LPModelStorage(Self.remembered)
    let given = GivenColumn.all(in: Self.remembered, columns: 1..<3, rows: 0..<2)
    var solver = try ReducedSolver(.clp, given: given)
    try solver.load(storage.view, firstColumn: 1)
    for wrong in [Double.nan, .infinity] {
      solver.rowLower[0] = wrong
      solver.rowUpper[0] = wrong
      #expect(performing: { try solver.solve(.changed) }, throws: { ($0 as? LPError)?.code == .notSolved })
    }
  }

  /// A column that has a bound or a cost, or shares its rows, or whose row is a range, stays.
  @Test func onlyFreeColumnsWithARowOfTheirOwnAreLeftOut() {
    func found(_ edit: (inout LPModel) -> Void) -> Int {
      var model = Self.remembered
      edit(&model)
      return GivenColumn.all(in: model, columns: 1..<3, rows: 0..<2).count
    }
    #expect(found { _ in } == 1)
    #expect(found { $0.columnLower[1] = 0 } == 0)
    #expect(found { $0.columnUpper[1] = 9 } == 0)
    #expect(found { $0.objective[1] = 1 } == 0)
    #expect(found { $0.rowUpper[0] = 7 } == 0)
    #expect(GivenColumn.all(in: Self.remembered, columns: 1..<3, rows: 1..<2).isEmpty)
    let shared = LPModel(
      columnLower: [0, -.infinity], columnUpper: [4, .infinity], objective: [1, 0], rowLower: [6], rowUpper: [6],
      entries: [(0, 0, 1), (0, 1, 2)])
    #expect(GivenColumn.all(in: shared, columns: 1..<2, rows: 0..<1).isEmpty)
  }

  /// Random programs of two decisions, 20 remembered values and 6 cuts, of which two join later, by Clp as a whole.
  @Test(arguments: SolverLibrary.built)
  func randomProgramsHaveTheOptimumOfTheWhole(library: SolverLibrary) throws {
    var random = TestRandom(seed: 19)
    for _ in 0..<50 {
      let memory = 20
      var entries = (0..<memory).map { (row: $0, column: 2 + $0, value: random.number(0.5, 2)) }
      for cut in 0..<6 {
        entries.append((memory + cut, 0, random.number(0.1, 9)))
        entries.append((memory + cut, 1, random.number(0.1, 9)))
        for column in 0..<memory where random.chance(0.7) {
          entries.append((memory + cut, 2 + column, random.number(-3, 3)))
        }
        entries.append((memory + cut, 2 + memory, 1))
      }
      let bounds = (0..<memory).map { _ in random.number(-20, 20) }
      let cuts = (0..<6).map { _ in random.number(50, 90) }
      func model(cutCount: Int) -> LPModel {
        LPModel(
          columnLower: [0, 0] + .init(repeating: -.infinity, count: memory) + [-1e6],
          columnUpper: [8, 8] + .init(repeating: .infinity, count: memory + 1),
          objective: [1.7, 2.3] + .init(repeating: 0, count: memory) + [1],
          rowLower: bounds + cuts.prefix(cutCount), rowUpper: bounds + .init(repeating: .infinity, count: cutCount),
          entries: entries.filter { $0.row < memory + cutCount })
      }
      let whole = try model(cutCount: 6).solved(by: .clp)
      let start = LPModelStorage(model(cutCount: 4))
      let given = GivenColumn.all(in: model(cutCount: 4), columns: 2..<(2 + memory), rows: 0..<memory)
      #expect(given.count == memory)
      var solver = try ReducedSolver(library, given: given)
      try solver.load(start.view, firstColumn: 2)
      try solver.solve(.changed)
      let added = entries.filter { $0.row >= memory + 4 }.sorted { $0.row < $1.row }
      let first = Int32(added.count { $0.row == memory + 4 })
      try Array(cuts[4...]).withUnsafeBufferPointer { lower in
        try [Double.infinity, .infinity].withUnsafeBufferPointer { upper in
          try solver.addRows(
            lower: lower, upper: upper, starts: [0, first, Int32(added.count)],
            columns: added.map { Int32($0.column) }, values: added.map(\.value))
        }
      }
      try solver.solve(.changed)
      let columns = memory + 3
      let objective = [1.7, 2.3] + .init(repeating: 0, count: memory) + [1.0]
      let value = (0..<columns).reduce(0) { $0 + objective[$1] * solver.columnValues[$1] }
      #expect(abs(value - whole.objective) <= 1e-9 * max(1, abs(whole.objective)))
      expect((0..<columns).map { whole.columnValues[$0] }, solver.columnValues, within: 1e-7)
      expect((0..<(memory + 6)).map { whole.rowDuals[$0] }, solver.rowDuals, within: 1e-7)
      // The basis starts the same program again.
      let basis = (0..<(columns + memory + 6)).map { solver.basis[$0] }
      let all = LPModelStorage(model(cutCount: 6))
      var again = try ReducedSolver(library, given: given)
      try again.load(all.view, firstColumn: 2)
      again.setBasis(basis)
      try again.solve(.changed)
      expect((0..<columns).map { whole.columnValues[$0] }, again.columnValues, within: 1e-7)
    }
  }

  private func expect(
    _ expected: [Double], _ found: UnsafePointer<Double>, within tolerance: Double = 1e-12,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (index, value) in expected.enumerated() {
      #expect(abs(found[index] - value) <= tolerance * max(1, abs(value)), sourceLocation: sourceLocation)
    }
  }
}
