internal import CobreBase
internal import GRDB

/// A checksum of each table of a policy file, which the file itself keeps as the fact `checksums`.
///
/// SQLite notices a broken page and no changed number: a digit of a cut that changes on disk would go into every result
/// unseen. CRC-32C of the rows in order of their key finds every change of one byte, and of others all but one in 2^32.
struct PolicyChecksums {
  static let key = "checksums"
  /// What `PRAGMA user_version` says of a file that has them, so that their loss is damage as well.
  static let version = 1

  private var sums = [UInt32](repeating: 0, count: PolicyTable.allCases.count)
  private var bytes: [UInt8] = []

  /// Adds a row, which must come in the order of the table's key.
  mutating func add(_ row: [DatabaseValue], to table: PolicyTable) {
    bytes.removeAll(keepingCapacity: true)
    for value in row {
      switch value.storage {
      case .null: bytes.append(0)
      case .int64(let number):
        bytes.append(1)
        LittleEndianBytes.append([number], to: &bytes)
      case .double(let number):
        bytes.append(2)
        // SQLite keeps whole numbers as integers, which have no negative zero.
        LittleEndianBytes.append(CollectionOfOne(number + 0), to: &bytes)
      case .string(let text):
        bytes.append(3)
        LittleEndianBytes.append([Int64(text.utf8.count)], to: &bytes)
        bytes.append(contentsOf: text.utf8)
      case .blob(let data):
        bytes.append(4)
        LittleEndianBytes.append([Int64(data.count)], to: &bytes)
        bytes.append(contentsOf: data)
      }
    }
    sums[table.rawValue] = bytes.withUnsafeBytes { Checksum.crc32c($0, after: sums[table.rawValue]) }
  }

  /// Eight hexadecimal digits for each table.
  var text: String { sums.map(Checksum.hexadecimal).joined(separator: " ") }

  /// What differs in a file from what was written, as the end of a sentence; nil if nothing does, or if it is of an
  /// engine that wrote no checksums.
  static func damage(in database: Database) throws -> String? {
    guard
      let written = try String.fetchOne(database, sql: "SELECT value FROM policy WHERE key = ?", arguments: [key])
    else {
      return try Int.fetchOne(database, sql: "PRAGMA user_version") == 0 ? nil : "its checksums are missing"
    }
    let kept = written.split(separator: " ", omittingEmptySubsequences: false)
    guard kept.count == PolicyTable.allCases.count else { return "its checksums are not those that were written" }
    var found = PolicyChecksums()
    for table in PolicyTable.allCases {
      let rows = try Row.fetchCursor(database, sql: table.selection)
      while let row = try rows.next() {
        let values = Array(row.databaseValues)
        if table == .policy, values.first == key.databaseValue { continue }
        found.add(values, to: table)
      }
    }
    let differing = zip(PolicyTable.allCases, zip(kept, found.text.split(separator: " "))).first { $1.0 != $1.1 }
    return differing.map { "its table \($0.0.name) does not hold what was written, as its checksum shows" }
  }
}
