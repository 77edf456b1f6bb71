internal import CobreBase
internal import CobreCase
internal import Foundation
internal import GRDB
internal import Synchronization

extension PolicyFile {
  static func readDatabase(_ place: borrowing HeldPath, name: String) throws -> StoredPolicy {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    configuration.label = "policy-reader"
    // The file may come from an untrusted source.
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA trusted_schema = OFF") }
    let realPath = place.path
    let path = realPath ?? name
    do {
      // SQLite takes a path and no descriptor, and the path may lead elsewhere by now. Two at once could vouch for each
      // other.
      let queue = try opening.withLock { _ in
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        guard realPath == nil || place.isOpen else {
          throw RunError(.storage, "The policy \(name) was replaced while it was being opened. Try again.")
        }
        return queue
      }
      return try queue.read { try PolicyDatabase(database: $0, path: path).policy() }
    } catch let error as DatabaseError
      where [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode.primaryResultCode)
    {
      throw PolicyDatabase.damage(path, error.message ?? "SQLite cannot read it")
    } catch is RowDecodingError {
      throw PolicyDatabase.damage(path, "it holds a value of another kind than its column has")
    } catch let error as DatabaseError {
      if [.SQLITE_READONLY, .SQLITE_CANTOPEN].contains(error.resultCode.primaryResultCode),
        let other = companion(of: path)
      {
        throw RunError(
          .storage,
          "The policy \(path) cannot be read while \(other) lies next to it, which another program has left in the middle of a "
            + "change. The engine leaves no such file: remove it, or put back a copy of the policy.")
      }
      return try DatabaseFailure.translating(path) { throw error }
    }
  }

  /// A file that SQLite takes for the unfinished change of a database.
  private static func companion(of path: String) -> String? {
    ["-journal", "-wal"].map { path + $0 }.first { FileManager.default.fileExists(atPath: $0) }
  }

  private static let opening = Mutex(())
}

/// A policy in the tables of its file, which may hold anything: each value is checked before it is used.
private struct PolicyDatabase {
  var database: Database
  var path: String

  static func damage(_ path: String, _ what: String) -> RunError {
    RunError(
      .storage,
      "The policy \(path) is damaged: \(what). Put back a copy of it, or train again; continue_from (`cobre-worker train "
        + "--from`) goes on from the run that wrote it, which has its own cuts.")
  }

  private func damaged(_ what: String) -> RunError { Self.damage(path, what) }

  private func fact(_ key: String) throws -> Int? {
    try String.fetchOne(database, sql: "SELECT value FROM policy WHERE key = ?", arguments: [key]).flatMap { Int($0) }
  }

  func policy() throws -> StoredPolicy {
    try ForeignDatabase.refuseUnlessPlain(
      database, tables: Set(PolicyTable.allCases.map(\.name)), title: "The policy \(path)")
    try ForeignDatabase.refuseUnlessSound(database)
    guard let format = try fact("format") else { throw damaged("it does not say its format") }
    guard format <= PolicyFile.packedFormat else {
      throw RunError(.storage, "The policy \(path) was written by a newer engine; use that one to read it.")
    }
    if let damage = try PolicyChecksums.damage(in: database) { throw damaged(damage) }
    let names = try String.fetchAll(database, sql: "SELECT name FROM state_component ORDER BY position")
    guard Set(names).count == names.count else { throw damaged("two components of the state have one name") }
    var (policy, blocks) = try stages(stateDimension: names.count)
    try addCuts(to: &policy)
    let checkpoint = try Data.fetchOne(database, sql: "SELECT contents FROM checkpoint")
      .map { try unpacked($0, format: format) }
    let states = try trialStates(policy, format: format)
    let iteration = try fact("iteration") ?? 0
    guard (0...Self.mostIterations).contains(iteration) else { throw damaged("it counts \(iteration) iterations") }
    if blocks.count != policy.pools.count { blocks = [] }
    var stored = StoredPolicy(
      policy: policy, stateNames: names, blocks: blocks, iteration: iteration,
      checkpoint: checkpoint.flatMap { TrainingCheckpoint(decoding: [UInt8]($0)) },
      states: states, probabilities: try probabilities(stages: policy.pools.count))
    stored.periods = try periods(stages: policy.pools.count)
    return stored
  }

  /// Beyond what any training makes, and far from where sums overflow.
  private static let mostIterations = 1 << 40

  private func stages(stateDimension: Int) throws -> (Policy, blocks: [Int]) {
    var policy = Policy(stateDimension: stateDimension, pools: [])
    var blocks: [Int] = []
    let rows = try Row.fetchCursor(database, sql: "SELECT stage, blocks, groups FROM stage ORDER BY stage")
    while let row = try rows.next() {
      let (stage, count, groups): (Int, Int?, Int) = try (row.value(0), row.value(1), row.value(2))
      guard stage == policy.pools.count else { throw damaged("its stages have gaps") }
      guard (1...1 << 32).contains(groups) else { throw damaged("stage \(stage) has \(groups) future costs") }
      policy.pools.append(Policy.Pool(groups: groups))
      if let count { blocks.append(count) }
    }
    return (policy, blocks)
  }

  private func addCuts(to policy: inout Policy) throws {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT stage, position, active, coefficients, intercept FROM cut ORDER BY stage, position")
    while let row = try rows.next() {
      let (stage, position, active): (Int, Int, Int) = try (row.value(0), row.value(1), row.value(2))
      let values = DoubleBlob.decode(try row.value(3))
      guard policy.pools.indices.contains(stage), values.count == policy.stateDimension + 1,
        values.allSatisfy(\.isFinite), position == policy.pools[stage].count, try values[0] == row.value(4)
      else { throw damaged("a cut after stage \(stage) does not fit") }
      if active == 0 { policy.pools[stage].inactive.append(position) }
      policy.pools[stage].intercepts.append(values[0])
      policy.pools[stage].slopes += values.dropFirst()
    }
  }

  private func unpacked(_ data: Data, format: Int) throws -> Data {
    guard format == PolicyFile.packedFormat else { return data }
    guard let bytes = PackBits.unpack([UInt8](data)) else { throw damaged("packed contents break off") }
    return Data(bytes)
  }

  private func trialStates(_ policy: Policy, format: Int) throws -> [[Double]] {
    var states = [[Double]](repeating: [], count: policy.pools.count)
    let rows = try Row.fetchCursor(database, sql: "SELECT pool, contents FROM trial_states")
    while let row = try rows.next() {
      let pool: Int = try row.value(0)
      guard states.indices.contains(pool) else { throw damaged("states without a stage") }
      let bytes = try unpacked(row.value(1), format: format)
      let values = DoubleBlob.decode(bytes)
      guard bytes.count % (8 * max(1, policy.stateDimension)) == 0, values.allSatisfy(\.isFinite) else {
        throw damaged("the states of stage \(pool) do not fit")
      }
      states[pool] = values
    }
    return states.allSatisfy(\.isEmpty) ? [] : states
  }

  /// Files of older engines have no such columns.
  private func periods(stages: Int) throws -> [PolicyPeriod] {
    guard try database.columns(in: "stage").contains(where: { $0.name == "end_date" }) else { return [] }
    let rows = try Row.fetchAll(database, sql: "SELECT start_date, end_date FROM stage ORDER BY stage")
    let periods = try rows.compactMap { row -> PolicyPeriod? in
      let (start, end): (String?, String?) = try (row.value(0), row.value(1))
      guard let first = start.flatMap({ CalendarDate(text: $0) }), let after = end.flatMap({ CalendarDate(text: $0) })
      else { return nil }
      return PolicyPeriod(start: first, end: after)
    }
    return periods.count == stages ? periods : []
  }

  /// Files of older engines have no such table.
  private func probabilities(stages: Int) throws -> [[Double]] {
    guard try database.tableExists("future") else { return [] }
    var probabilities = [[Double]](repeating: [], count: stages)
    let rows = try Row.fetchAll(database, sql: "SELECT stage, probability FROM future ORDER BY stage, position")
    for row in rows {
      let (stage, probability): (Int, Double) = try (row.value(0), row.value(1))
      guard (0...1).contains(probability) else { throw damaged("a probability is \(probability)") }
      guard probabilities.indices.contains(stage) else { continue }
      probabilities[stage].append(probability)
    }
    return rows.isEmpty ? [] : probabilities
  }
}
