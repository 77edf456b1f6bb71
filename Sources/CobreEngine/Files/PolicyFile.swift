internal import CobreBase
internal import CobreCase
internal import Foundation
internal import GRDB
internal import Glibc
internal import Synchronization

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
  private static let packedFormat = 2

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

  private static func readDatabase(_ place: borrowing HeldPath, name: String) throws -> StoredPolicy {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    configuration.label = "policy-reader"
    // The file may come from an untrusted source.
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA trusted_schema = OFF") }
    let realPath = place.path
    let path = realPath ?? name
    return try DatabaseFailure.translating(path) {
      // SQLite takes a path and no descriptor, and the path may lead elsewhere by now. Two at once could vouch for each other.
      let queue = try opening.withLock { _ in
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        guard realPath == nil || place.isOpen else {
          throw RunError(.storage, "The policy \(name) was replaced while it was being opened. Try again.")
        }
        return queue
      }
      return try queue.read { try read($0, path: path) }
    }
  }

  private static let opening = Mutex(())

  private static func read(_ database: Database, path: String) throws -> StoredPolicy {
    func damaged(_ what: String) -> RunError {
      RunError(.storage, "The policy \(path) is damaged: \(what). Write it again.")
    }
    func fact(_ key: String) throws -> Int? {
      try String.fetchOne(database, sql: "SELECT value FROM policy WHERE key = ?", arguments: [key]).flatMap { Int($0) }
    }
    guard let found = try fact("format"), found <= packedFormat else {
      throw RunError(.storage, "The policy \(path) was written by a newer engine; use that one to read it.")
    }
    let names = try String.fetchAll(database, sql: "SELECT name FROM state_component ORDER BY position")
    let stages = try Row.fetchAll(database, sql: "SELECT stage, blocks, groups FROM stage ORDER BY stage")
    var policy = Policy(stateDimension: names.count, pools: [])
    var blocks: [Int] = []
    for (position, row) in stages.enumerated() {
      guard row["stage"] == position, let groups: Int = row["groups"], groups >= 1 else {
        throw damaged("its stages have gaps")
      }
      policy.pools.append(Policy.Pool(groups: groups))
      if let count: Int = row["blocks"] { blocks.append(count) }
    }
    let rows = try Row.fetchCursor(
      database, sql: "SELECT stage, position, active, coefficients FROM cut ORDER BY stage, position")
    while let row = try rows.next() {
      let stage: Int = row[0]
      let values = DoubleBlob.decode(row[3])
      guard policy.pools.indices.contains(stage), values.count == names.count + 1, values.allSatisfy(\.isFinite),
        row[1] == policy.pools[stage].count
      else { throw damaged("a cut after stage \(stage) does not fit") }
      if row[2] == 0 { policy.pools[stage].inactive.append(policy.pools[stage].count) }
      policy.pools[stage].intercepts.append(values[0])
      policy.pools[stage].slopes += values.dropFirst()
    }
    func plain(_ data: Data) throws -> Data {
      guard found == packedFormat else { return data }
      guard let bytes = PackBits.unpack([UInt8](data)) else { throw damaged("packed contents break off") }
      return Data(bytes)
    }
    var states = [[Double]](repeating: [], count: policy.pools.count)
    for row in try Row.fetchAll(database, sql: "SELECT pool, contents FROM trial_states") {
      let pool: Int = row[0]
      guard states.indices.contains(pool) else { throw damaged("states without a stage") }
      states[pool] = DoubleBlob.decode(try plain(row[1]))
    }
    let checkpoint = try Data.fetchOne(database, sql: "SELECT contents FROM checkpoint").map { try plain($0) }
    var stored = StoredPolicy(
      policy: policy, stateNames: names, blocks: blocks.count == stages.count ? blocks : [],
      iteration: max(0, try fact("iteration") ?? 0),
      checkpoint: checkpoint.flatMap { TrainingCheckpoint(decoding: [UInt8]($0)) },
      states: states.allSatisfy(\.isEmpty) ? [] : states,
      probabilities: try probabilities(database, stages: policy.pools.count))
    stored.periods = try periods(database, stages: policy.pools.count)
    return stored
  }

  /// Files of older engines have no such columns.
  private static func periods(_ database: Database, stages: Int) throws -> [PolicyPeriod] {
    guard try database.columns(in: "stage").contains(where: { $0.name == "end_date" }) else { return [] }
    let rows = try Row.fetchAll(database, sql: "SELECT start_date, end_date FROM stage ORDER BY stage")
    let periods = rows.compactMap { row -> PolicyPeriod? in
      guard let start: String = row[0], let end: String = row[1], let first = CalendarDate(text: start),
        let after = CalendarDate(text: end)
      else { return nil }
      return PolicyPeriod(start: first, end: after)
    }
    return periods.count == stages ? periods : []
  }

  /// Files of older engines have no such table.
  private static func probabilities(_ database: Database, stages: Int) throws -> [[Double]] {
    guard try database.tableExists("future") else { return [] }
    var probabilities = [[Double]](repeating: [], count: stages)
    let rows = try Row.fetchAll(database, sql: "SELECT stage, probability FROM future ORDER BY stage, position")
    for row in rows {
      let stage: Int = row[0]
      guard probabilities.indices.contains(stage) else { continue }
      probabilities[stage].append(row[1])
    }
    return rows.isEmpty ? [] : probabilities
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
