/// A stage LP as it was solved, with what its columns and rows are.
package struct SolvedStage: Sendable {
  package var lp: SolvedLP
  /// Column of the template by column of the program.
  package var origins: [Int]
  /// Rows before those of cuts: those of the template, of the lazy ones those that were in the program.
  package var templateRows: Int
  package let stage: Int
  /// Columns of the template from which on the state and then the future costs stand.
  package let firstStateColumn: Int
  package let futureCostColumn: Int

  /// Value of each state component at the end of the stage, in $ of this stage per unit: what the cuts in force say.
  package var stateValues: [Double] {
    var values = [Double](repeating: 0, count: futureCostColumn - firstStateColumn)
    for (column, origin) in origins.enumerated() where origin >= firstStateColumn && origin < futureCostColumn {
      for entry in Int(lp.model.starts[column])..<Int(lp.model.starts[column + 1]) {
        let row = Int(lp.model.rowIndices[entry])
        guard row >= templateRows else { continue }
        values[origin - firstStateColumn] +=
          lp.rowDuals[row] * lp.model.values[entry] / StageLPTemplate.objectiveScale
      }
    }
    return values
  }
}
