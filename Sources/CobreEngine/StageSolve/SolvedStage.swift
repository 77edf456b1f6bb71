/// A whole stage LP as it was solved: the columns and rows of its template, then cuts.
package struct SolvedStage: Sendable {
  package var lp: SolvedLP
  /// Rows before those of cuts.
  package var templateRows: Int
  package let stage: Int
  /// Columns from which on the state and then the future costs stand.
  package let firstStateColumn: Int
  package let futureCostColumn: Int

  /// Value of each state component at the end of the stage, in $ of this stage per unit: what the cuts in force say.
  package var stateValues: [Double] {
    var values = [Double](repeating: 0, count: futureCostColumn - firstStateColumn)
    for column in firstStateColumn..<futureCostColumn {
      for entry in Int(lp.model.starts[column])..<Int(lp.model.starts[column + 1]) {
        let row = Int(lp.model.rowIndices[entry])
        guard row >= templateRows else { continue }
        values[column - firstStateColumn] +=
          lp.rowDuals[row] * lp.model.values[entry] / StageLPTemplate.objectiveScale
      }
    }
    return values
  }
}
