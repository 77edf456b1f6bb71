internal import Foundation
internal import GRDB

/// The last completed iteration with all that training needs to go on from there.
package struct StoredCheckpoint: Sendable, Equatable {
  package var iteration: Int
  /// As `TrainingCheckpoint` wrote it.
  package var contents: [UInt8]
  /// What the clock of the training showed, in s.
  package var elapsedSeconds: Double
  /// All cuts up to that iteration, by pool.
  package var cuts: [CutBatch]
  /// Trial states up to that iteration by pool, flat, where they are kept.
  package var states: [Int: [Double]]

  package init(
    iteration: Int, contents: [UInt8], elapsedSeconds: Double, cuts: [CutBatch], states: [Int: [Double]]
  ) {
    self.iteration = iteration
    self.contents = contents
    self.elapsedSeconds = elapsedSeconds
    self.cuts = cuts
    self.states = states
  }
}

extension RunStore {
  private static let format = 1

  static func write(_ contents: [UInt8], iteration: Int, at now: Double, to database: Database) throws {
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO checkpoint (iteration, format, checksum, contents, recorded_at) VALUES (?, ?, ?, ?, ?)
        """,
      arguments: [iteration, format, checksum(contents), Data(contents), now])
    // The one before is kept, should this one ever turn out to be unreadable.
    try database.execute(sql: "DELETE FROM checkpoint WHERE iteration < ?", arguments: [iteration - 1])
  }

  /// The newest checkpoint that can be read; `nil` where there is none.
  package func latestCheckpoint() throws -> StoredCheckpoint? {
    let found: (iteration: Int, contents: [UInt8], elapsed: Double)? = try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT c.iteration, c.checksum, c.contents, i.elapsed_seconds FROM checkpoint AS c
          JOIN convergence AS i ON i.iteration = c.iteration WHERE c.format = ? ORDER BY c.iteration DESC
          """,
        arguments: [Self.format])
      for row in rows {
        let data: Data = row[2]
        if Self.checksum([UInt8](data)) == row[1] { return (row[0], [UInt8](data), row[3]) }
      }
      return nil
    }
    guard let found else { return nil }
    return StoredCheckpoint(
      iteration: found.iteration, contents: found.contents, elapsedSeconds: found.elapsed,
      cuts: try cuts(upTo: found.iteration), states: try trialStates(upTo: found.iteration))
  }

  /// Forgets what was written after an iteration, so that it can be computed anew.
  package func rewind(to iteration: Int) throws {
    try write { database in
      for table in ["convergence", "cut", "trial_states", "checkpoint"] {
        try database.execute(sql: "DELETE FROM \(table) WHERE iteration > ?", arguments: [iteration])
      }
    }
  }

  private static func checksum(_ contents: [UInt8]) -> String {
    var hash = ContentHash()
    hash.combine(contents)
    return hash.text
  }
}
