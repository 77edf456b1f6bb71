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
  static func write(_ digest: IterationDigest, iteration: Int, to database: Database) throws {
    let insert = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO iteration_checksum (iteration, checksum) VALUES (?, ?)")
    try insert.execute(arguments: [iteration, digest.text])
  }

  /// The first iteration whose cuts or trial states differ from what was written.
  ///
  /// `nil` if there is none.
  ///
  /// Iterations of older engines have no fingerprint and are not checked.
  func firstDamage(upTo iteration: Int, _ digests: [Int: IterationDigest], in database: Database) throws -> Int? {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT iteration, checksum FROM iteration_checksum WHERE iteration <= ? ORDER BY iteration",
      arguments: [iteration])
    while let row = try rows.next() {
      let (number, written): (Int, String) = try (row.value(0), row.value(1))
      if written != (digests[number] ?? IterationDigest()).text { return number }
    }
    return nil
  }
}
