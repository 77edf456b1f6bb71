internal import GRDB

extension RunStore {
  /// The last iteration that was completed; `nil` where none was.
  func lastIteration() throws -> ConvergenceRow? {
    guard let last = try read({ try Int.fetchOne($0, sql: "SELECT max(iteration) FROM convergence") }) else {
      return nil
    }
    return try convergence(at: last)
  }

  /// Takes over all that another run has learnt up to an iteration, in one transaction.
  ///
  /// - Parameters:
  ///   - source: the database of the other run.
  ///   - iteration: the last that is taken over.
  /// - Throws: `RunError`.
  func copyTraining(of source: RunStore, upTo iteration: Int) throws {
    try write { database in
      try source.read { other in
        for table in ["convergence", "cut", "trial_states", "iteration_checksum", "checkpoint"] {
          let columns = try database.columns(in: table).map(\.name)
          let list = columns.joined(separator: ", ")
          let insert = try database.makeStatement(
            sql:
              "INSERT OR REPLACE INTO \(table) (\(list)) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))")
          let rows = try Row.fetchCursor(
            other, sql: "SELECT \(list) FROM \(table) WHERE iteration <= ?", arguments: [iteration])
          while let row = try rows.next() { try insert.execute(arguments: StatementArguments(row.databaseValues)) }
        }
      }
    }
  }
}
