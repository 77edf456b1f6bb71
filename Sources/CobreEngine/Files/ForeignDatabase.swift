internal import CobreBase
package import GRDB

/// Care with databases that another program may have made.
package enum ForeignDatabase {
  /// Refuses a database whose tables are none, or do something when they are read or written: no engine makes such.
  ///
  /// - Parameters:
  ///   - database: what was opened.
  ///   - tables: names of the tables that are read.
  ///   - title: what the database is, as the beginning of a sentence.
  /// - Throws: `RunError`.
  package static func refuseUnlessPlain(_ database: Database, tables: Set<String>, title: String) throws {
    let others = try Row.fetchAll(
      database,
      sql: "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view') OR sql LIKE 'CREATE VIRTUAL%'")
    for row in others {
      let (type, name): (String?, String?) = try (row.value(0), row.value(1))
      guard let name, type != "view" || tables.contains(name) else { continue }
      let thing = type == "table" ? "virtual table" : type ?? "thing"
      throw RunError(
        .storage,
        "\(title) was changed by another program: \(name.printable(limit: 60)) is a \(thing) where an engine makes a table."
      )
    }
    for table in tables.sorted() {
      let computed = try String.fetchOne(
        database, sql: "SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 0", arguments: [table])
      guard let computed else { continue }
      throw RunError(
        .storage,
        "\(title) was changed by another program: column \(computed.printable(limit: 60)) of \(table) is computed when it is read."
      )
    }
  }

  /// Refuses a file whose pages lead to each other more than once, so that reading all of it ends.
  ///
  /// Takes one pass over the file.
  ///
  /// - Throws: `DatabaseError` of the kind `SQLITE_CORRUPT`.
  package static func refuseUnlessSound(_ database: Database) throws {
    // Conditions on columns are expressions, which a stranger could have made to take long.
    try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
    let finding = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
    try database.execute(sql: "PRAGMA ignore_check_constraints = OFF")
    guard let finding, finding != "ok" else { return }
    throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: finding.replacing("\n", with: " "))
  }
}
