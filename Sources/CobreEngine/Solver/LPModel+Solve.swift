/// An optimal point of a program that was solved once.
package struct LPSolution: Sendable {
  package var objective: Double
  package var columnValues: [Double]
  /// Change of the optimum per unit of each row's bound.
  package var rowDuals: [Double]
}

extension LPModel {
  /// Solves the program from scratch.
  package func solved(by library: SolverLibrary = .clp) throws(LPError) -> LPSolution {
    let storage = LPModelStorage(self)
    var solver = try ChosenSolver(library)
    try solver.load(storage.view)
    try solver.solve(.changed)
    var solution = LPSolution(objective: 0, columnValues: [], rowDuals: [])
    solution.columnValues = (0..<columnCount).map { solver.columnValues[$0] }
    solution.rowDuals = (0..<rowCount).map { solver.rowDuals[$0] }
    for column in 0..<columnCount { solution.objective += objective[column] * solution.columnValues[column] }
    return solution
  }
}
