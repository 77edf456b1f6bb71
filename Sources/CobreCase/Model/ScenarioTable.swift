/// Values per stage, scenario (or opening) and entity, as given by an opening or external table.
///
/// Scenario s of stage t is row `firstRow[t] + s`. A row holds `entities` values.
package struct ScenarioTable: Sendable, Equatable {
  /// Number of values in a row: all hydros, buses or sources of the case, or the noise dimension.
  package var entities: Int
  /// First row of each stage, and the number of rows at the end; T + 1 values.
  package var firstRow: [Int]
  /// Probability of each row.
  ///
  /// Within a stage they sum to 1.
  package var probabilities: [Double]
  /// Row after row, `[row * entities + entity]`.
  ///
  /// Entities without a row in the file hold 0.
  package var values: [Double]

  /// Number of scenarios of the stage.
  package func count(_ stage: Int) -> Int { firstRow[stage + 1] - firstRow[stage] }

  /// Probability of a scenario of the stage.
  package func probability(_ stage: Int, _ scenario: Int) -> Double { probabilities[firstRow[stage] + scenario] }

  /// Value of an entity in a scenario of the stage.
  package func value(_ stage: Int, _ scenario: Int, _ entity: Int) -> Double {
    values[(firstRow[stage] + scenario) * entities + entity]
  }

  /// The range of the values of all scenarios of a stage.
  package func rows(_ stage: Int) -> Range<Int> { (firstRow[stage] * entities)..<(firstRow[stage + 1] * entities) }
}
