import CobreBase
import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Statements of strangers: what they may read, and what they may not do.
@Suite(.serialized) struct ResultQueryTests {
  private let directory: TemporaryDirectory
  private let store: RunStore

  init() throws {
    directory = try TemporaryDirectory()
    store = try RunStore.open(directory.path + "/run.sqlite")
    for iteration in 1...20 {
      let report = IterationReport(
        iteration: iteration, lowerBound: Double(iteration) * 10, upperBound: 300, upperBoundHalfWidth: 1, gap: 0.25,
        elapsedSeconds: 1, forwardSeconds: 0, backwardSeconds: 0, communicationSeconds: 0, ranks: [],
        cutsPerStage: [])
      let cut = CutBatch(stage: 0, firstPosition: iteration - 1, intercepts: [1], slopes: [2])
      try store.recordIteration(report, cuts: [cut], stateDimension: 1, checkpoint: nil, at: 100)
    }
  }

  private func query(_ sql: String, _ limits: QueryLimits = QueryLimits()) throws -> QueryResult {
    try ResultQuery.run(sql, in: store.path, limits: limits)
  }

  private func message(_ sql: String, _ limits: QueryLimits = QueryLimits()) -> String {
    do {
      _ = try query(sql, limits)
      return "nothing was thrown"
    } catch {
      return (error as? RunError)?.message ?? "not a sentence: \(error)"
    }
  }

  @Test func `the catalogue names every table and column there is, in their order`() throws {
    let columns = try store.tableColumns()
    #expect(Set(columns.keys) == Set(ResultTable.all.map(\.name)))
    for table in ResultTable.all {
      #expect(table.columns.map(\.name) == columns[table.name], "\(table.name)")
    }
  }

  @Test func `rows come with their columns and types`() throws {
    let result = try query(
      "SELECT iteration, lower_bound AS bound, NULL, x'0102', 'a' || char FROM (SELECT 'b' AS char), convergence "
        + "WHERE iteration IN (3, 4) ORDER BY iteration DESC")
    #expect(result.columns == ["iteration", "bound", "NULL", "x'0102'", "'a' || char"])
    #expect(result.rows == [[4, 40.0, .null, "(2 bytes)", "ab"], [3, 30.0, .null, "(2 bytes)", "ab"]])
    #expect(result.omission == nil)
    let sums = try query(
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100) SELECT SUM(x), COUNT(*) FROM c")
    #expect(sums.rows == [[5050, 100]])
    let ranks = try query("SELECT RANK() OVER (ORDER BY lower_bound DESC) FROM convergence LIMIT 1")
    #expect(ranks.rows == [[1]])
  }

  @Test func `figures that are not finite are null and text has no control characters`() throws {
    try store.addEvent(level: "warning", message: "a\u{1B}[31mred\u{0}\u{7}", at: 1)
    #expect(try query("SELECT 1e999, message FROM event").rows == [[.null, "ared"]])
  }

  @Test func `rows and bytes are bounded and what is left out is said`() throws {
    let few = try query("SELECT iteration FROM convergence", QueryLimits(rows: 5))
    #expect(few.rows.count == 5)
    #expect(few.omission?.contains("5 rows") == true)
    let small = try query("SELECT iteration FROM convergence ORDER BY 1", QueryLimits(rows: 50, bytes: 9))
    #expect(small.rows == [[1], [2]])
    #expect(small.omission?.contains("9 bytes") == true)
    #expect(try query("SELECT iteration FROM convergence", QueryLimits(rows: 20)).omission == nil)
  }

  @Test(arguments: [
    "DELETE FROM cut", "UPDATE run SET error = 'x'", "INSERT INTO event VALUES (1, 1, 'x', 'y')", "DROP TABLE cut",
    "CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)", "ATTACH 'x.sqlite' AS y", "DETACH main", "PRAGMA table_info(run)",
    "PRAGMA journal_mode = DELETE", "VACUUM", "VACUUM INTO '/tmp/x'", "BEGIN", "COMMIT", "REINDEX", "ANALYZE",
    "EXPLAIN SELECT 1", "EXPLAIN QUERY PLAN SELECT 1", "SELECT load_extension('x')", "SELECT zeroblob(1000000000)",
    "SELECT randomblob(1000000000)", "SELECT printf('%1000000000d', 1)", "SELECT format('%1000000000d', 1)",
    "SELECT hex(contents) FROM checkpoint", "SELECT replace('a', 'a', 'bb')", "SELECT writefile('/tmp/x', 'y')",
    "SELECT readfile('/etc/passwd')", "SELECT * FROM sqlite_master", "SELECT * FROM pragma_table_info('run')",
    "SELECT COUNT(*) FROM pragma_table_info('run')", "SELECT * FROM json_each('[1]')", "SELECT * FROM dbstat",
    "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE cut", ";", "", "--", "/* SELECT 1", "nonsense", "SELECT * FROM missing",
    "SELECT missing FROM cut", "SELECT 1\u{0}", "SELECT ?2",
  ])
  func `everything but reading the tables is refused with a sentence`(sql: String) throws {
    let sentence = message(sql)
    #expect(sentence.hasSuffix("."), "\(sentence)")
    #expect(!sentence.contains("nothing was thrown"))
    #expect(try query("SELECT COUNT(*) FROM cut").rows == [[20]])
  }

  @Test func `statements that are too long or too deep end at once`() {
    #expect(message("SELECT " + String(repeating: "1+", count: 10_001) + "1").contains("20000 bytes"))
    #expect(message("SELECT " + String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)) != "")
    #expect(message("SELECT " + Array(repeating: "1", count: 200).joined(separator: ",")).contains("too many columns"))
    let sum =
      "SELECT " + String(repeating: "-", count: 2) + "\n" + Array(repeating: "1", count: 300).joined(separator: "+")
    #expect(message(sum).contains("depth"))
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT COUNT(*) FROM c",
      "SELECT COUNT(*) FROM cut a, cut b, cut c, cut d, cut e, cut f, cut g",
      "SELECT GROUP_CONCAT(message) FROM (SELECT 'aaaaaaaaaa' AS message FROM cut a, cut b, cut c, cut d)",
    ])
  func `endless statements end by time or size`(sql: String) {
    let start = ContinuousClock.now
    let sentence = message(sql, QueryLimits(seconds: 0.2))
    #expect(sentence.contains("was ended") || sentence.contains("too large"), "\(sentence)")
    #expect(start.duration(to: .now) < .seconds(10))
  }

  @Test func `what a statement gathers in memory is bounded`() {
    let rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 10000000) "
    let sentence = message(
      rows + "SELECT x FROM c ORDER BY -x", QueryLimits(seconds: 30, memory: 8 << 20))
    #expect(sentence.contains("8 MB"), "\(sentence)")
  }

  /// Each table is used twice by the next, or each column by the next: 2 to the power of 40 copies.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("SELECT x FROM convergence", "SELECT a.x FROM # a, # b"), ("SELECT 1 AS x FROM cut", "SELECT x + x AS x FROM #"),
    ])
  func `statements that grow while they are compiled run into a bound`(first: String, next: String) {
    var sql = "WITH t0 AS (\(first.replacing("SELECT x", with: "SELECT iteration AS x")))"
    for level in 1..<40 { sql += ", t\(level) AS (\(next.replacing("#", with: "t\(level - 1)")))" }
    let start = ContinuousClock.now
    let sentence = message(sql + " SELECT COUNT(x) FROM t39")
    #expect(sentence.contains("memory") || sentence.contains("too many references"), "\(sentence)")
    #expect(start.duration(to: .now) < .seconds(45))
    // The bound is gone afterwards.
    #expect(throws: Never.self) { try query("SELECT COUNT(*) FROM cut") }
  }

  @Test func `a cancelled call ends its statement`() {
    #expect(throws: RunError.self) {
      try ResultQuery.run(
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT COUNT(*) FROM c", in: store.path,
        isCancelled: { true })
    }
  }

  @Test func `others may write meanwhile`() throws {
    // The transaction holds the lock of the writer from its beginning on.
    let rows = try store.write { _ in try query("SELECT COUNT(*) FROM cut").rows }
    #expect(rows == [[20]])
  }
}
