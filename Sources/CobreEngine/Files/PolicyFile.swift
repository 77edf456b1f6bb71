internal import CobreBase
internal import CobreCase
internal import Foundation
internal import GRDB
internal import Glibc

/// A policy as one SQLite file, the engine's own form: `policy.sqlite` in a policy directory.
///
/// Tables: `policy` (key, value: `format`, `engine_version`, `iteration`, `stages`), `state_component` (position,
/// name), `stage` (stage, blocks, groups, start_date, end_date), `future` (stage, position, probability: of the future
/// cost that every groups-th cut bounds), `cut` (stage, position, active, intercept, coefficients: little-endian
/// doubles, the intercept, then a slope per component), `trial_states` (pool, contents) and `checkpoint` (contents, as
/// `TrainingCheckpoint` describes them). In format 2 the contents of states and checkpoint are run-length coded
/// (PackBits).
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
    let facts = [
      ("format", String(packed ? packedFormat : plainFormat)), ("engine_version", engineVersion),
      ("iteration", String(stored.iteration)),
      ("stages", String(stored.policy.pools.count)),
    ]
    for (key, value) in facts {
      try database.execute(sql: "INSERT INTO policy (key, value) VALUES (?, ?)", arguments: [key, value])
    }
    for (position, name) in stored.stateNames.enumerated() {
      try database.execute(
        sql: "INSERT INTO state_component (position, name) VALUES (?, ?)", arguments: [position, name])
    }
    let insert = try database.makeStatement(
      sql: "INSERT INTO cut (stage, position, active, intercept, coefficients) VALUES (?, ?, ?, ?, ?)")
    let dimension = stored.policy.stateDimension
    for (stage, pool) in stored.policy.pools.enumerated() {
      try database.execute(
        sql: "INSERT INTO stage (stage, blocks, groups, start_date, end_date) VALUES (?, ?, ?, ?, ?)",
        arguments: [
          stage, stage < stored.blocks.count ? stored.blocks[stage] : nil, pool.groups,
          stage < stored.periods.count ? stored.periods[stage].start.description : nil,
          stage < stored.periods.count ? stored.periods[stage].end.description : nil,
        ])
      for (position, probability) in (stored.probabilities.dropFirst(stage).first ?? []).enumerated() {
        try database.execute(
          sql: "INSERT INTO future (stage, position, probability) VALUES (?, ?, ?)",
          arguments: [stage, position, probability])
      }
      let inactive = Set(pool.inactive)
      for slot in 0..<pool.count {
        let slopes = pool.slopes[(slot * dimension)..<((slot + 1) * dimension)]
        try insert.execute(arguments: [
          stage, slot, !inactive.contains(slot), pool.intercepts[slot],
          DoubleBlob.encode([pool.intercepts[slot]] + slopes),
        ])
      }
    }
    func contents(_ bytes: [UInt8]) -> Data { Data(packed ? PackBits.pack(bytes) : bytes) }
    for (pool, states) in stored.states.enumerated() where !states.isEmpty {
      try database.execute(
        sql: "INSERT INTO trial_states (pool, contents) VALUES (?, ?)",
        arguments: [pool, contents([UInt8](DoubleBlob.encode(states)))])
    }
    if let checkpoint = stored.checkpoint {
      try database.execute(
        sql: "INSERT INTO checkpoint (contents) VALUES (?)", arguments: [contents(checkpoint.encoded())])
    }
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
