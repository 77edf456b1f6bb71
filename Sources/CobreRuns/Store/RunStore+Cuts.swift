internal import CobreEngine
internal import Foundation
internal import GRDB

/// New cuts of one pool, flat.
package struct CutBatch: Sendable, Equatable {
  /// The pool, by the stage whose cost-to-go it approximates.
  package var stage: Int
  /// Position of the first cut in its pool.
  package var firstPosition: Int
  /// In $, one per cut.
  package var intercepts: [Double]
  /// In $ per unit of state, row per cut.
  package var slopes: [Double]

  package init(stage: Int, firstPosition: Int, intercepts: [Double], slopes: [Double]) {
    self.stage = stage
    self.firstPosition = firstPosition
    self.intercepts = intercepts
    self.slopes = slopes
  }
}

extension RunStore {
  /// Writes cuts that training starts from.
  ///
  /// They belong to iteration 0.
  package func record(_ cuts: [CutBatch], stateDimension: Int) throws {
    var digest = IterationDigest()
    try write { database in
      try Self.write(cuts, stateDimension: stateDimension, iteration: 0, to: database, digest: &digest)
      try Self.writeDigestOfStart(database)
    }
  }

  static func write(
    _ cuts: [CutBatch], stateDimension: Int, iteration: Int, to database: Database, digest: inout IterationDigest
  ) throws {
    let insert = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO cut (stage, position, iteration, intercept, coefficients) VALUES (?, ?, ?, ?, ?)")
    var row: [UInt8] = []
    for batch in cuts {
      for index in batch.intercepts.indices {
        row.removeAll(keepingCapacity: true)
        LittleEndianBytes.append(batch.intercepts[index...index], to: &row)
        LittleEndianBytes.append(batch.slopes[(index * stateDimension)..<((index + 1) * stateDimension)], to: &row)
        digest.addCut(stage: batch.stage, position: batch.firstPosition + index, row)
        try insert.execute(arguments: [
          batch.stage, batch.firstPosition + index, iteration, batch.intercepts[index], Data(row),
        ])
      }
    }
  }

  /// The cuts of all pools up to an iteration, in order of stage and position.
  ///
  /// - Throws: `RunError`, also if they differ from what was written.
  package func cuts(upTo iteration: Int = .max) throws -> [CutBatch] {
    try read { database in
      let (cuts, _, damaged) = try readTraining(upTo: iteration, from: database)
      if let damaged { throw damage(of: damaged) }
      return cuts
    }
  }

  /// Cuts and trial states up to an iteration, and the first iteration whose differ from what was written.
  func readTraining(
    upTo iteration: Int, from database: Database
  ) throws -> (cuts: [CutBatch], states: [Int: [Double]], damaged: Int?) {
    let digests = Digests()
    let cuts = try readCuts(upTo: iteration, from: database, digests)
    let states = try readTrialStates(upTo: iteration, from: database, digests)
    return (cuts, states, try firstDamage(upTo: iteration, digests, in: database))
  }

  /// The cuts up to an iteration, whose fingerprints are added to `digests`.
  func readCuts(
    upTo iteration: Int, from database: Database, _ digests: Digests? = nil
  ) throws -> [CutBatch] {
    var batches: [CutBatch] = []
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT stage, position, coefficients, iteration FROM cut WHERE iteration <= ? ORDER BY stage, position",
      arguments: [iteration])
    while let row = try rows.next() {
      let (stage, position): (Int, Int) = try (row.value(0), row.value(1))
      if batches.last?.stage != stage {
        batches.append(CutBatch(stage: stage, firstPosition: position, intercepts: [], slopes: []))
      }
      let last = batches.count - 1
      let bytes: Data = try row.value(2)
      digests?.addCut(try row.value(3), stage: stage, position: position, bytes)
      let coefficients = DoubleBlob.decode(bytes)
      guard let intercept = coefficients.first else {
        throw RunError(.storage, "The run's database \(path) holds a cut without coefficients; it is damaged.")
      }
      batches[last].intercepts.append(intercept)
      batches[last].slopes += coefficients.dropFirst()
    }
    return batches
  }

  /// The trial states of each pool up to an iteration, flat, in order of their making.
  ///
  /// Their fingerprints are added to `digests`, after those of the cuts.
  func readTrialStates(
    upTo iteration: Int, from database: Database, _ digests: Digests? = nil
  ) throws -> [Int: [Double]] {
    var states: [Int: [Double]] = [:]
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT pool, contents, iteration FROM trial_states WHERE iteration <= ? ORDER BY pool, iteration",
      arguments: [iteration])
    while let row = try rows.next() {
      let (pool, bytes): (Int, Data) = try (row.value(0), row.value(1))
      digests?.addStates(try row.value(2), pool: pool, bytes)
      states[pool, default: []] += DoubleBlob.decode(bytes)
    }
    return states
  }
}
