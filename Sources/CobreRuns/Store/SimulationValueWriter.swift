internal import GRDB
internal import GRDBSQLite

/// Writes single values of a simulation, of which there may be many millions, with a hundred rows in each statement.
///
/// It speaks to SQLite itself, since passing a row through GRDB takes several times as long as storing it.
struct SimulationValueWriter {
  private static let rows = 100

  private let database: Database
  /// Place 1 is the series of all rows, then three for each row: scenario, block and value.
  private let many: Statement
  private let one: Statement
  private let series: Statement

  /// - Parameter database: within a transaction, on a database that does not hold the values yet.
  /// - Throws: what SQLite reports.
  init(_ database: Database) throws {
    self.database = database
    func statement(_ rows: Int) throws -> Statement {
      let places = (0..<rows).map { "(?1, ?\(2 + 3 * $0), ?\(3 + 3 * $0), ?\(4 + 3 * $0))" }
      return try database.cachedStatement(
        sql: "INSERT INTO simulation_point (series, scenario, block, value) VALUES " + places.joined(separator: ", "))
    }
    many = try statement(Self.rows)
    one = try statement(1)
    series = try database.cachedStatement(
      sql: "INSERT INTO simulation_series (quantity, entity, stage) VALUES (?, ?, ?)")
  }

  /// Writes the values of a quantity of one element at one stage.
  ///
  /// - Parameters:
  ///   - quantity: as stored.
  ///   - entity: id of the element.
  ///   - stage: position of the stage.
  ///   - body: calls what it is given with scenario, block and value, row by row in their order.
  /// - Throws: what SQLite reports.
  func write(
    quantity: Int64, entity: Int, stage: Int, _ body: ((Int, Int, Double) throws -> Void) throws -> Void
  ) throws {
    // The number of a new series is the largest so far, so that its rows come after all others.
    try series.execute(arguments: [quantity, entity, stage])
    for statement in [many.sqliteStatement, one.sqliteStatement] {
      sqlite3_bind_int64(statement, 1, database.lastInsertedRowID)
    }
    var waiting: [(scenario: Int, block: Int, value: Double)] = []
    waiting.reserveCapacity(Self.rows)
    try body { scenario, block, value in
      waiting.append((scenario, block, value))
      guard waiting.count == Self.rows else { return }
      for (index, row) in waiting.enumerated() { bind(row, at: index, of: many.sqliteStatement) }
      try execute(many.sqliteStatement)
      waiting.removeAll(keepingCapacity: true)
    }
    for row in waiting {
      bind(row, at: 0, of: one.sqliteStatement)
      try execute(one.sqliteStatement)
    }
  }

  private func bind(
    _ row: (scenario: Int, block: Int, value: Double), at index: Int, of statement: SQLiteStatement
  ) {
    let first = Int32(2 + 3 * index)
    sqlite3_bind_int64(statement, first, Int64(row.scenario))
    sqlite3_bind_int64(statement, first + 1, Int64(row.block))
    if row.value.isFinite {
      sqlite3_bind_double(statement, first + 2, row.value)
    } else {
      sqlite3_bind_null(statement, first + 2)
    }
  }

  private func execute(_ statement: SQLiteStatement) throws {
    let code = sqlite3_step(statement)
    sqlite3_reset(statement)
    guard code == SQLITE_DONE else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code),
        message: database.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) })
    }
  }
}
