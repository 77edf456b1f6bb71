internal import CobreBase
internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Foundation
internal import GRDB
internal import Testing

/// What has changed in a policy file since it was written is refused, or changes nothing.
@Suite struct PolicyDamageTests {
  private let directory: TemporaryDirectory
  private let stored: StoredPolicy
  private var path: String { directory.path + "/policy.sqlite" }

  /// Trained once.
  private static let trained = Result { () throws -> StoredPolicy in
    let study = try RandomSystem(seed: 31, features: [.basic, .noiseOpenings], forwardPasses: 2).text.study()
    let options = TrainingOptions.adjusted(study) {
      $0.iterationLimit = 3
      $0.cutSelection = CutSelectionTests.selection(.domination, frequency: 2)
      $0.cutFormulation = .multi
    }
    let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
    trainer.keepsCheckpoints = true
    _ = try trainer.train { _ in true }
    var stored = trainer.storedPolicy(withStarts: true)
    stored.states = stored.policy.pools.map { _ in [Double](repeating: 1.5, count: 2 * stored.policy.stateDimension) }
    return stored
  }

  init() throws {
    directory = try TemporaryDirectory()
    stored = try Self.trained.get()
    try PolicyFile.write(stored, to: directory.path + "/policy.sqlite")
    try #require(try PolicyFile.read(directory.path + "/policy.sqlite") == stored)
    try #require(stored.checkpoint != nil && !stored.probabilities.isEmpty && !stored.periods.isEmpty)
  }

  private func change(_ sql: String) throws {
    let database = try DatabaseQueue(path: path)
    try database.write { try $0.execute(sql: sql) }
    try database.close()
  }

  /// What SQLite takes for an unfinished change of the policy, left by whatever program.
  @Test(arguments: ["-journal", "-wal"])
  func aForeignJournalIsNamed(suffix: String) throws {
    try Data(repeating: 0xd9, count: 1024).write(to: URL(filePath: path + suffix))
    do {
      #expect(try PolicyFile.read(path) == stored)
    } catch let error as RunError {
      #expect(error.message.contains("policy.sqlite\(suffix) lies next to it"), "\(error.message)")
      #expect(!error.message.contains("read-only"))
    }
    try FileManager.default.removeItem(atPath: path + suffix)
    #expect(try PolicyFile.read(path) == stored)
  }

  @Test func aHotJournalIsNoMatterOfReading() throws {
    try Data(repeating: 0xd9, count: 1024).write(to: URL(filePath: path + "-journal"))
    let error = #expect(throws: RunError.self) { try PolicyFile.read(path) }
    #expect(error?.message.contains("-journal lies next to it") == true, "\(error?.message ?? "")")
  }

  /// One statement for each thing that is read of the file.
  private static let changes = [
    "UPDATE policy SET value = value + 1 WHERE key = 'iteration'",
    "UPDATE policy SET value = value + 1 WHERE key = 'stages'",
    "UPDATE policy SET value = 2 WHERE key = 'format'",
    "UPDATE policy SET value = '0.0.1' WHERE key = 'engine_version'",
    "DELETE FROM policy WHERE key = 'iteration'", "DELETE FROM policy WHERE key = 'checksums'",
    "UPDATE policy SET value = replace(value, '1', '2') WHERE key = 'checksums'",
    "UPDATE policy SET value = value || ' 00000000' WHERE key = 'checksums'",
    "UPDATE policy SET value = '' WHERE key = 'checksums'",
    "UPDATE state_component SET name = 'storage[77]' WHERE position = 0",
    "UPDATE state_component SET position = position + 100",
    "UPDATE stage SET blocks = blocks + 1 WHERE stage = 0", "UPDATE stage SET groups = groups + 1 WHERE stage = 1",
    "UPDATE stage SET start_date = '1990-01-01' WHERE stage = 0", "UPDATE stage SET end_date = NULL",
    "UPDATE future SET probability = probability * 0.5", "DELETE FROM future", "DELETE FROM future WHERE position = 1",
    "UPDATE cut SET active = 1 - active WHERE position = 0",
    "UPDATE cut SET intercept = intercept + 1 WHERE position = 1",
    "DELETE FROM cut WHERE rowid = (SELECT max(rowid) FROM cut)", "DELETE FROM cut WHERE stage = 0",
    "UPDATE cut SET coefficients = CAST(substr(coefficients, 1, 8) || x'0000000000001440' || substr(coefficients, 17) AS BLOB)",
    """
    INSERT INTO cut SELECT stage, position + 1, active, intercept, coefficients FROM cut
      WHERE rowid = (SELECT max(rowid) FROM cut)
    """,
    "UPDATE trial_states SET contents = zeroblob(length(contents)) WHERE pool = 0", "DELETE FROM trial_states",
    "UPDATE checkpoint SET contents = CAST(x'00' || substr(contents, 2) AS BLOB)", "DELETE FROM checkpoint",
    "UPDATE checkpoint SET contents = CAST(substr(contents, 1, 40) || x'ff' || substr(contents, 42) AS BLOB)",
    "INSERT INTO checkpoint VALUES (x'00')", "DROP TABLE future",
  ]

  @Test(arguments: changes)
  func `a value that was changed is refused`(sql: String) throws {
    try change(sql)
    let refusal = #expect(throws: RunError.self) { try PolicyFile.read(self.path) }
    #expect(refusal?.message.contains("is damaged: ") == true, "\(refusal?.message ?? "")")
    #expect(refusal?.message.contains("train again") == true, "\(refusal?.message ?? "")")
  }

  @Test func `one digit of any number of any cut is noticed`() throws {
    let database = try DatabaseQueue(path: path)
    let cuts = try database.read { try Row.fetchAll($0, sql: "SELECT rowid, coefficients FROM cut") }
    try #require(cuts.count > 20)
    var random = TestRandom(seed: 5)
    for cut in cuts {
      let (row, good): (Int64, Data) = (cut[0], cut[1])
      var bad = good
      bad[random.integer(0...(good.count - 1))] ^= 1 << random.integer(0...7)
      func put(_ bytes: Data) throws {
        // The column for other programs goes along, so that only the checksum tells.
        let intercept = DoubleBlob.decode(bytes)[0]
        try database.write {
          try $0.execute(
            sql: "UPDATE cut SET coefficients = ?, intercept = ? WHERE rowid = ?",
            arguments: [bytes, intercept.isNaN ? 0 : intercept, row])
        }
      }
      try put(bad)
      let refusal = #expect(throws: RunError.self) { try PolicyFile.read(self.path) }
      #expect(refusal?.message.contains("damaged") == true)
      try put(good)
      #expect(try PolicyFile.read(path) == stored)
    }
  }

  /// Each byte by itself, with one bit and with all bits changed; a plain run of the tests tries some of them.
  @Test(.timeLimit(.minutes(10)))
  func `a byte of the file that changed is refused or has no influence`() throws {
    let good = try Data(contentsOf: URL(fileURLWithPath: path))
    let isLong = ProcessInfo.processInfo.environment["COBRE_HOSTILE"] == "long"
    var refused = 0
    for place in stride(from: 0, to: good.count, by: isLong ? 1 : 61) {
      var bad = good
      bad[place] ^= place % 2 == 0 ? 1 << (place / 2 % 8) : 0xff
      try bad.write(to: URL(fileURLWithPath: path))
      do {
        let read = try PolicyFile.read(path)
        #expect(read == stored, "byte \(place)")
      } catch is RunError {
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  @Test func `a policy of an engine without checksums is read, but for numbers that contradict each other`() throws {
    try change("DELETE FROM policy WHERE key = 'checksums'; PRAGMA user_version = 0")
    #expect(try PolicyFile.read(path) == stored)
    try change("UPDATE cut SET intercept = intercept + 1 WHERE position = 1")
    #expect(throws: RunError.self) { try PolicyFile.read(self.path) }
  }

  /// The layout of the first engine, by hand: neither dates nor probabilities nor checksums.
  @Test func `a policy of the first engine is read`() throws {
    let old = directory.path + "/old.sqlite"
    let database = try DatabaseQueue(path: old)
    try database.write {
      try $0.execute(
        sql: """
          CREATE TABLE policy (key TEXT PRIMARY KEY, value TEXT NOT NULL);
          CREATE TABLE state_component (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
          CREATE TABLE stage (stage INTEGER PRIMARY KEY, blocks INTEGER, groups INTEGER NOT NULL);
          CREATE TABLE cut (
            stage INTEGER NOT NULL, position INTEGER NOT NULL, active INTEGER NOT NULL, intercept REAL NOT NULL,
            coefficients BLOB NOT NULL, PRIMARY KEY (stage, position));
          CREATE TABLE trial_states (pool INTEGER PRIMARY KEY, contents BLOB NOT NULL);
          CREATE TABLE checkpoint (contents BLOB NOT NULL);
          INSERT INTO policy VALUES ('format', '1'), ('engine_version', '0.1.0'), ('iteration', '3'), ('stages', '2');
          INSERT INTO state_component VALUES (0, 'storage[4]');
          INSERT INTO stage VALUES (0, 1, 1), (1, 1, 1);
          INSERT INTO cut VALUES (0, 0, 1, 1.0, x'000000000000f03f00000000000000c0');
          """)
    }
    try database.close()
    let read = try PolicyFile.read(old)
    #expect(read.policy.pools.map(\.intercepts) == [[1], []] && read.policy.pools[0].slopes == [-2])
    #expect(read.stateNames == ["storage[4]"] && read.iteration == 3)
  }
}
