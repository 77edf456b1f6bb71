internal import CobreBase
internal import CobreEngine
internal import Foundation
internal import GRDB

/// Fingerprint of the cuts and trial states of one iteration, in the order of stage and position.
///
/// Training never writes them again, so a byte that has changed on disk would stay unnoticed and falsify every later
/// bound.
struct IterationDigest {
  private var hash = ContentHash()

  mutating func addCut(stage: Int, position: Int, _ coefficients: some Collection<UInt8>) {
    add([1, Int64(stage), Int64(position)], coefficients)
  }

  mutating func addStates(pool: Int, _ contents: some Collection<UInt8>) { add([2, Int64(pool)], contents) }

  var text: String { hash.text }

  private mutating func add(_ numbers: [Int64], _ bytes: some Collection<UInt8>) {
    var head: [UInt8] = []
    LittleEndianBytes.append(numbers, to: &head)
    hash.combine(head)
    hash.combine(bytes)
  }
}

extension RunStore {
  static func write(_ digest: IterationDigest, _ report: IterationReport, to database: Database) throws {
    let insert = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO iteration_checksum (iteration, checksum, figures) VALUES (?, ?, ?)")
    try insert.execute(arguments: [
      report.iteration, digest.text,
      figuresChecksum(
        iteration: report.iteration,
        [
          report.lowerBound, report.upperBound, report.upperBoundHalfWidth, report.gap, report.deterministicUpperBound,
          storable(report.elapsedSeconds) ?? 0,
        ]),
    ])
  }

  /// Writes the fingerprint of the cuts that training starts from.
  ///
  /// They come in several pieces.
  static func writeDigestOfStart(_ database: Database) throws {
    var digest = IterationDigest()
    let rows = try Row.fetchCursor(
      database, sql: "SELECT stage, position, coefficients FROM cut WHERE iteration = 0 ORDER BY stage, position")
    while let row = try rows.next() {
      digest.addCut(stage: try row.value(0), position: try row.value(1), try row.value(2) as Data)
    }
    try database.execute(
      sql: "INSERT OR REPLACE INTO iteration_checksum (iteration, checksum) VALUES (0, ?)", arguments: [digest.text])
  }

  /// Checksum of what an iteration says of bounds and time; nil and what is not finite are the same.
  private static func figuresChecksum(iteration: Int, _ figures: [Double?]) -> Int64 {
    var bytes: [UInt8] = []
    LittleEndianBytes.append([Int64(iteration)], to: &bytes)
    // SQLite keeps whole numbers as integers, which have no negative zero.
    LittleEndianBytes.append(figures.map { $0.flatMap(storable).map { $0 + 0 } ?? .infinity }, to: &bytes)
    return Int64(bytes.withUnsafeBytes { Checksum.crc32c($0) })
  }

  /// Refuses figures of an iteration that are not those that were written.
  ///
  /// - Parameters:
  ///   - row: what was read.
  ///   - checksum: the one that was kept with it, nil for iterations of older engines.
  /// - Throws: `RunError`.
  static func checkFigures(_ row: ConvergenceRow, _ checksum: Int64?) throws {
    let found = figuresChecksum(
      iteration: row.iteration,
      [
        row.lowerBound, row.upperBound, row.upperBoundHalfWidth, row.gap, row.deterministicUpperBound,
        row.elapsedSeconds,
      ])
    guard let checksum, checksum != found else { return }
    throw RunError(
      .storage,
      "The run's database is damaged: the bounds of iteration \(row.iteration) are not those that were written. Restore it "
        + "from a copy, or delete the run and start it again.")
  }

  /// Fingerprints of what was read, to be compared with those that were written.
  final class Digests {
    fileprivate var byIteration: [Int: IterationDigest] = [:]

    func addCut(_ iteration: Int, stage: Int, position: Int, _ coefficients: Data) {
      byIteration[iteration, default: IterationDigest()].addCut(stage: stage, position: position, coefficients)
    }

    func addStates(_ iteration: Int, pool: Int, _ contents: Data) {
      byIteration[iteration, default: IterationDigest()].addStates(pool: pool, contents)
    }
  }

  /// The first iteration whose cuts or trial states differ from what was written.
  ///
  /// `nil` if there is none.
  ///
  /// Iterations of older engines have no fingerprint and are not checked.
  func firstDamage(upTo iteration: Int, _ digests: Digests, in database: Database) throws -> Int? {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT iteration, checksum FROM iteration_checksum WHERE iteration <= ? ORDER BY iteration",
      arguments: [iteration])
    while let row = try rows.next() {
      let (number, written): (Int, String) = try (row.value(0), row.value(1))
      if written != (digests.byIteration[number] ?? IterationDigest()).text { return number }
    }
    return nil
  }

  func damage(of iteration: Int) -> RunError {
    RunError(
      .storage,
      "\(path) is damaged: the cuts \(iteration == 0 ? "that it began with" : "of iteration \(iteration)") are not those "
        + "that were written. Restore it from a copy, or delete the run and start it again.")
  }
}
