import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Answers of bases against duals and second solves.
@Suite struct SolvedLPTests {
  private func solved(_ model: LPModel, _ library: SolverLibrary = .clp) throws -> SolvedLP {
    let storage = LPModelStorage(model)
    var solver = try ChosenSolver(library)
    try solver.load(storage.view)
    try solver.solve(.changed)
    return SolvedLP(
      model: model, columnValues: (0..<model.columnCount).map { solver.columnValues[$0] },
      rowDuals: (0..<model.rowCount).map { solver.rowDuals[$0] },
      basis: (0..<(model.columnCount + model.rowCount)).map { solver.basis[$0] })
  }

  /// Two plants of 10 and 20 $/MWh with 50 MW each at two buses, a line of 30 MW: 60 MW of load at the second bus take
  /// 30 from afar and 30 from the dear plant, which answers the next MW alone.
  @Test func theMarginalPlantAnswers() throws {
    let program = try solved(
      LPModel(
        columnLower: [0, 0, 0], columnUpper: [50, 50, 30], objective: [10, 20, 0], rowLower: [5, 60],
        rowUpper: [5, 60],
        entries: [(0, 0, 1), (0, 2, -1), (1, 1, 1), (1, 2, 1)]))
    let changes = try #require(program.response(toRow: 1))
    #expect(changes == [0, 1, 0])
    let end = try #require(program.reach(changes, sign: 1, row: 1))
    #expect(end.distance == 20)
    #expect(end.place == 1)
    #expect(program.reach(changes, sign: -1, row: 1)?.distance == 30)
    #expect(program.response(toRow: 0) == [1, 0, 0])
    let moved = try program.dual(ofRow: 1, movedBy: -31)
    #expect(moved.dual == 10)
    #expect(moved.objective == 340)
  }

  /// Costs of the answers add up to the dual in random programs, of each solver.
  @Test(arguments: [SolverLibrary.clp, .simplex]) func answersCostTheDual(library: SolverLibrary) throws {
    var random = TestRandom(seed: 5)
    var answered = 0
    for _ in 0..<40 {
      let (rows, columns) = (12, 25)
      var entries: [(row: Int, column: Int, value: Double)] = []
      for row in 0..<rows {
        for column in 0..<columns where random.number(0, 1, digits: 6) < 0.3 {
          entries.append((row, column, random.number(-2, 3, digits: 6)))
        }
      }
      // A dear slack on either side keeps every program feasible.
      for row in 0..<rows { entries += [(row, columns + row, 1), (row, columns + rows + row, -1)] }
      let right = (0..<rows).map { _ in random.number(-5, 10, digits: 6) }
      let count = columns + 2 * rows
      let model = LPModel(
        columnLower: .init(repeating: 0, count: count),
        columnUpper: (0..<columns).map { _ in random.number(1, 4, digits: 6) }
          + .init(repeating: .infinity, count: 2 * rows),
        objective: (0..<columns).map { _ in random.number(1, 9, digits: 6) } + .init(repeating: 100, count: 2 * rows),
        rowLower: right, rowUpper: right.enumerated().map { $0 % 3 == 0 ? .infinity : $1 }, entries: entries)
      let program = try solved(model, library)
      for row in 0..<rows {
        let changes = try #require(program.response(toRow: row))
        var cost = 0.0
        for (change, price) in zip(changes, model.objective) { cost += change * price }
        let distance: Double = abs(cost - program.rowDuals[row])
        #expect(distance <= 1e-7 * max(1, abs(cost)))
        if changes.contains(where: { $0 != 0 }) { answered += 1 }
      }
    }
    #expect(answered > 200)
  }

  @Test func aSystemIsSolvedWhateverItsShape() throws {
    var random = TestRandom(seed: 8)
    for size in [1, 2, 7, 30] {
      for density in [0.1, 0.5, 1] {
        var system = SquareSystem(size: size)
        let truth = (0..<size).map { _ in random.number(-1, 1, digits: 6) }
        var right = [Double](repeating: 0, count: size)
        for row in 0..<size {
          for column in 0..<size where row == column || random.number(0, 1, digits: 6) < density {
            let value =
              row == column ? 3 + random.number(0, 1, digits: 6) : random.number(-1, 1, digits: 6) / Double(size)
            system.add(value, equation: row, unknown: column)
            right[row] += value * truth[column]
          }
        }
        let found = try #require(system.solve(right))
        for (one, other) in zip(found, truth) { #expect(abs(one - other) < 1e-9) }
      }
    }
    var singular = SquareSystem(size: 2)
    for (equation, unknown) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
      singular.add(1, equation: equation, unknown: unknown)
    }
    #expect(singular.solve([1, 2]) == nil)
  }
}
