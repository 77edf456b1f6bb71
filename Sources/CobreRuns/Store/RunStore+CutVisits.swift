internal import CobreEngine
internal import Foundation
internal import GRDB

/// One cut as stored.
///
/// It means that the cost-to-go after the stage is at least intercept + slopes · state.
package struct StoredCut: Sendable, Equatable {
  package var stage: Int
  /// Position in the pool of the stage.
  package var position: Int
  /// Iteration that made it.
  package var iteration: Int
  /// In $.
  package var intercept: Double
  /// In $ per unit of state.
  package var slopes: [Double]
}

extension RunStore {
  /// Calls `body` with one cut after the other, by stage and position, until it returns false.
  ///
  /// Only cuts of the pool of `stage`, or of all pools if that is nil.
  ///
  /// - Throws: `RunError`, also if all were visited and differ from what was written.
  package func visitCuts(stage: Int? = nil, _ body: (StoredCut) throws -> Bool) throws {
    try read { database in
      let digests = Digests()
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT stage, position, iteration, coefficients FROM cut WHERE stage = ? OR ? IS NULL ORDER BY stage, position
          """,
        arguments: [stage, stage])
      while let row = try rows.next() {
        let bytes: Data = try row.value(3)
        let coefficients = DoubleBlob.decode(bytes)
        guard let intercept = coefficients.first else {
          throw RunError(.storage, "The run's database \(path) holds a cut without coefficients; it is damaged.")
        }
        let cut = try StoredCut(
          stage: row.value(0), position: row.value(1), iteration: row.value(2), intercept: intercept,
          slopes: Array(coefficients.dropFirst()))
        digests.addCut(cut.iteration, stage: cut.stage, position: cut.position, bytes)
        if try !body(cut) { return }
      }
      guard stage == nil else { return }
      _ = try readTrialStates(upTo: .max, from: database, digests)
      if let damaged = try firstDamage(upTo: .max, digests, in: database) { throw damage(of: damaged) }
    }
  }
}
