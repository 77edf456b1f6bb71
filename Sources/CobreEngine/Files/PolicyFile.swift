internal import CobreBase
internal import CobreCase
internal import Foundation
internal import GRDB
internal import Glibc

/// A policy as one SQLite file, the engine's own form: `policy.sqlite` in a policy directory.
///
/// Tables: `policy` (key, value: `format`, `engine_version`, `iteration`, `stages`, `checksums`), `state_component`
/// (position, name), `stage` (stage, blocks, groups, start_date, end_date), `future` (stage, position, probability: of
/// the future cost that every groups-th cut bounds), `cut` (stage, position, active, intercept, coefficients:
/// little-endian doubles, the intercept, then a slope per component), `trial_states` (pool, contents) and `checkpoint`
/// (contents, as `TrainingCheckpoint` describes them). In format 2 the contents of states and checkpoint are run-length
/// coded (PackBits).
package enum PolicyFile {
  package static let name = "policy.sqlite"
  private static let plainFormat = 1
  static let packedFormat = 2

  /// Replaces the file.
  ///
  /// Afterwards it is complete, or unchanged after an error.
  ///
  /// - Parameters:
  ///   - stored: what to write.
  ///   - path: the file.
  ///   - packed: whether states and checkpoint are run-length coded.
  /// - Throws: `RunError`.
  package static func write(_ stored: StoredPolicy, to path: String, packed: Bool = false) throws {
    let temporary = path + ".\(getpid()).tmp"
    unlink(temporary)
    defer { unlink(temporary) }
    try DatabaseFailure.translating(path) {
      var configuration = GRDB.Configuration()
      configuration.label = "policy"
      let database = try DatabaseQueue(path: temporary, configuration: configuration)
      try database.write { try write(stored, to: $0, packed: packed) }
      try database.close()
    }
    guard rename(temporary, path) == 0 else {
      throw RunError(.storage, "Cannot write \(path): \(String(cString: strerror(errno))).")
    }
    try AtomicFile.synchronize(directory: FilePath.parent(of: path))
  }

  private static func write(_ stored: StoredPolicy, to database: Database, packed: Bool) throws {
    try database.execute(sql: schema)
    var checksums = PolicyChecksums()
    let insertions = try PolicyTable.allCases.map { try database.makeStatement(sql: $0.insertion) }
    func put(_ table: PolicyTable, _ values: [(any DatabaseValueConvertible)?]) throws {
      let row = values.map { $0?.databaseValue ?? .null }
      try insertions[table.rawValue].execute(arguments: StatementArguments(row))
      checksums.add(row, to: table)
    }
    let facts = [
      ("engine_version", engineVersion), ("format", String(packed ? packedFormat : plainFormat)),
      ("iteration", String(stored.iteration)), ("stages", String(stored.policy.pools.count)),
    ]
    for (key, value) in facts { try put(.policy, [key, value]) }
    for (position, name) in stored.stateNames.enumerated() { try put(.stateComponent, [position, name]) }
    let dimension = stored.policy.stateDimension
    for (stage, pool) in stored.policy.pools.enumerated() {
      let period = stage < stored.periods.count ? stored.periods[stage] : nil
      try put(
        .stage,
        [
          stage, stage < stored.blocks.count ? stored.blocks[stage] : nil, pool.groups, period?.start.description,
          period?.end.description,
        ])
      for (position, probability) in (stored.probabilities.dropFirst(stage).first ?? []).enumerated() {
        try put(.future, [stage, position, probability])
      }
      let inactive = Set(pool.inactive)
      for slot in 0..<pool.count {
        let slopes = pool.slopes[(slot * dimension)..<((slot + 1) * dimension)]
        try put(
          .cut,
          [
            stage, slot, !inactive.contains(slot), pool.intercepts[slot],
            DoubleBlob.encode([pool.intercepts[slot]] + slopes),
          ])
      }
    }
    func contents(_ bytes: [UInt8]) -> Data { Data(packed ? PackBits.pack(bytes) : bytes) }
    for (pool, states) in stored.states.enumerated() where !states.isEmpty {
      try put(.trialStates, [pool, contents([UInt8](DoubleBlob.encode(states)))])
    }
    if let checkpoint = stored.checkpoint { try put(.checkpoint, [contents(checkpoint.encoded())]) }
    try database.execute(
      sql: PolicyTable.policy.insertion, arguments: [PolicyChecksums.key, checksums.text])
    try database.execute(sql: "PRAGMA user_version = \(PolicyChecksums.version)")
  }

  /// Reads a policy from a file of this form, from a file of cuts in JSON, or from a directory that contains one of
  /// them.
  ///
  /// - Parameters:
  ///   - path: the file or directory.
  ///   - roots: directories, free of links, under which the file must be once its links are resolved, or nil for
  ///     anywhere.
  /// - Returns: the policy.
  /// - Throws: `RunError` with a message if there is none, it is damaged or is elsewhere.
  package static func read(_ path: String, under roots: [String]? = nil) throws -> StoredPolicy {
    for candidate in [path + "/" + name, path + "/" + CutDocument.name, path] {
      let place: HeldPath
      do throws(FileFailure) { place = try HeldPath(candidate) } catch { continue }
      guard place.isRegularFile else { continue }
      if let roots, !place.isUnder(roots) {
        throw RunError(
          .invalidRequest,
          "The policy \(path) lies outside the directories that may be read: \(roots.joined(separator: ", ")). Copy it there, or "
            + "start the server with --allow-dir DIR to allow another directory.")
      }
      // The file that was checked is the file that is read, whatever has happened to links since.
      guard candidate.hasSuffix(".json") else { return try readDatabase(place, name: candidate) }
      return try CutDocument.read(AtomicFile.read(place.handle, limit: 1 << 30), name: candidate)
    }
    if isNovomodelo(path) {
      throw RunError(
        .invalidRequest,
        "The policy at \(path) is one of Novomodelo, which only that program reads. Train the other study with Cobre, and "
          + "name the policy directory of its run.")
    }
    throw RunError(
      .invalidRequest,
      "There is no policy at \(path): neither \(name) nor \(CutDocument.name). Check policy.path in config.json.")
  }

  private static func isNovomodelo(_ path: String) -> Bool {
    do throws(FileFailure) { return try HeldPath(path + "/manifest.bin").isRegularFile } catch { return false }
  }

  private static let schema = """
    CREATE TABLE policy (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE state_component (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE stage (
      stage INTEGER PRIMARY KEY,
      blocks INTEGER,
      groups INTEGER NOT NULL,
      start_date TEXT,
      end_date TEXT);
    CREATE TABLE cut (
      stage INTEGER NOT NULL,
      position INTEGER NOT NULL,
      active INTEGER NOT NULL,
      intercept REAL NOT NULL,
      coefficients BLOB NOT NULL,
      PRIMARY KEY (stage, position));
    CREATE TABLE future (
      stage INTEGER NOT NULL,
      position INTEGER NOT NULL,
      probability REAL NOT NULL,
      PRIMARY KEY (stage, position));
    CREATE TABLE trial_states (pool INTEGER PRIMARY KEY, contents BLOB NOT NULL);
    CREATE TABLE checkpoint (contents BLOB NOT NULL);
    """
}
