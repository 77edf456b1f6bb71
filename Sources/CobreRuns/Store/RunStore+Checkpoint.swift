internal import CobreBase
internal import CobreEngine
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
    let insert = try database.cachedStatement(
      sql: """
        INSERT OR REPLACE INTO checkpoint (iteration, format, checksum, contents, recorded_at) VALUES (?, ?, ?, ?, ?)
        """)
    try insert.execute(arguments: [iteration, format, checksum(contents), Data(contents), now])
    // The previous one is kept in case this one turns out to be unreadable.
    let forget = try database.cachedStatement(sql: "DELETE FROM checkpoint WHERE iteration < ?")
    try forget.execute(arguments: [iteration - 1])
  }

  /// The newest checkpoint that can be resumed from.
  ///
  /// `nil` if there is none.
  ///
  /// - Throws: `RunError`, also if cuts differ from what was written: nothing must be computed from them.
  package func latestCheckpoint() throws -> StoredCheckpoint? {
    try read { database in
      let intact = try readCheckpoints(from: database)
      guard let newest = intact.first else { return nil }
      let (cuts, states, damaged) = try readTraining(upTo: newest.iteration, from: database)
      guard let damaged else {
        return StoredCheckpoint(
          iteration: newest.iteration, contents: newest.contents, elapsedSeconds: newest.elapsed, cuts: cuts,
          states: states)
      }
      guard let earlier = intact.first(where: { $0.iteration < damaged }) else { throw damage(of: damaged) }
      return StoredCheckpoint(
        iteration: earlier.iteration, contents: earlier.contents, elapsedSeconds: earlier.elapsed,
        cuts: try readCuts(upTo: earlier.iteration, from: database),
        states: try readTrialStates(upTo: earlier.iteration, from: database))
    }
  }

  /// Keeps what the simulation of a policy of another run starts from, so that its scenarios can be walked again.
  ///
  /// It stands at iteration 0, where no training has a checkpoint.
  func recordStarts(_ starts: [WarmStart], at now: Double) throws {
    let contents = TrainingCheckpoint(
      iteration: 0, stages: starts.count, forwardPasses: 1, starts: starts, boundStarts: []
    ).encoded()
    try write { try Self.write(contents, iteration: 0, at: now, to: $0) }
  }

  /// What `recordStarts` kept, or empty.
  func recordedStarts() throws -> [WarmStart] {
    let contents = try read { database -> [UInt8]? in
      guard
        let row = try Row.fetchOne(
          database, sql: "SELECT checksum, contents FROM checkpoint WHERE iteration = 0 AND format = ?",
          arguments: [Self.format])
      else { return nil }
      let contents = try [UInt8](row.value(1) as Data)
      return try Self.checksum(contents) == row.value(0) ? contents : nil
    }
    return contents.flatMap { TrainingCheckpoint(decoding: $0) }?.firstStarts ?? []
  }

  private typealias Found = (iteration: Int, contents: [UInt8], elapsed: Double)

  /// Checkpoints whose bytes are undamaged, newest first.
  private func readCheckpoints(from database: Database) throws -> [Found] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT c.iteration, c.checksum, c.contents, i.elapsed_seconds FROM checkpoint AS c
        JOIN convergence AS i ON i.iteration = c.iteration WHERE c.format = ? ORDER BY c.iteration DESC
        """,
      arguments: [Self.format]
    ).compactMap { row -> Found? in
      let contents = try [UInt8](row.value(2) as Data)
      guard try Self.checksum(contents) == row.value(1) else { return nil }
      return try (row.value(0), contents, row.value(3))
    }
  }

  /// Deletes what was written after an iteration, so that it can be computed again.
  package func rewind(to iteration: Int) throws {
    try write { database in
      for table in ["convergence", "cut", "trial_states", "checkpoint", "iteration_checksum"] {
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
