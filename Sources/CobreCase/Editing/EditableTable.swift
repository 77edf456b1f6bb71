internal import CobreBase
internal import CobreParquet

/// A table of a case as rows of texts, for edits by key, where nil is an empty field.
struct EditableTable {
  /// Why a table cannot be read, changed or written, as a sentence without its end.
  struct Failure: Error {
    var sentence: String
  }

  /// Largest table that is edited, in bytes; larger ones are better made by a program.
  static let maximumBytes = 64 << 20

  let shape: TableShape
  var columns: [String]
  var rows: [[String?]]
  /// Columns as a Parquet file declares them; empty for CSV.
  var fields: [ParquetField] = []

  /// A table without rows that has all columns that must be there.
  init(empty shape: TableShape) {
    self.shape = shape
    columns = shape.columns.filter { !$0.isNullable || $0.isRequired }.map(\.name)
    rows = []
  }

  /// Reads CSV text with a header.
  init(csv bytes: [UInt8], shape: TableShape) throws(Failure) {
    guard bytes.count <= Self.maximumBytes else { throw Self.tooLarge(bytes.count) }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure(sentence: "the text is not UTF-8") }
    var reader = CSVReader(bytes: bytes)
    var fields: [CSVReader.Field] = []
    self.shape = shape
    columns = []
    rows = []
    do throws(CSVReader.Failure) {
      guard !reader.isAtEnd else { throw CSVReader.Failure(row: 1, message: "The text is empty; a header is needed.") }
      try reader.next(into: &fields)
      columns = fields.map { Self.text($0, bytes) ?? "" }
      while !reader.isAtEnd {
        try reader.next(into: &fields)
        guard fields.count == columns.count else {
          throw CSVReader.Failure(
            row: reader.row, message: "The row has \(fields.count) fields, the header \(columns.count).")
        }
        rows.append(fields.map { Self.text($0, bytes) })
      }
    } catch {
      throw Failure(sentence: "row \(error.row): \(error.message)")
    }
    if let repeated = columns.first(where: { name in columns.filter { $0 == name }.count > 1 }) {
      throw Failure(sentence: "the header names \"\(repeated.printable(limit: 60))\" twice")
    }
  }

  static func tooLarge(_ bytes: Int) -> Failure {
    Failure(sentence: "the table has \(bytes) bytes; tables of up to \(maximumBytes) bytes are edited")
  }

  private static func text(_ field: CSVReader.Field, _ bytes: [UInt8]) -> String? {
    let text = String(decoding: field.unescaped ?? Array(bytes[field.range]), as: UTF8.self)
    return text.isEmpty ? nil : text
  }

  /// The table as CSV text (RFC 4180), lines ended by a line feed.
  var csv: [UInt8] {
    var text = columns.map { Self.quoted($0) }.joined(separator: ",") + "\n"
    for row in rows { text += row.map { Self.quoted($0 ?? "") }.joined(separator: ",") + "\n" }
    return Array(text.utf8)
  }

  private static func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }

  /// Position of a column; a column that the shape knows and the file leaves out is added.
  mutating func position(adding name: String) throws(Failure) -> Int {
    if let position = columns.firstIndex(of: name) { return position }
    guard shape.column(name) != nil else { throw unknown(name) }
    columns.append(name)
    for row in rows.indices { rows[row].append(nil) }
    return columns.count - 1
  }

  /// Position of a column that must be there.
  func position(of name: String) throws(Failure) -> Int {
    guard let position = columns.firstIndex(of: name) else { throw unknown(name) }
    return position
  }

  private func unknown(_ name: String) -> Failure {
    let known = columns + shape.columns.map(\.name).filter { !columns.contains($0) }
    let nearest = NearestName.nearest(to: name, among: known).map { "; did you mean \"\($0)\"" } ?? ""
    return Failure(
      sentence:
        "\"\(name.printable(limit: 60))\" is not a column\(nearest); columns are \(known.joined(separator: ", "))")
  }

  /// The form in which two fields of a column are compared: 1, 1.0 and " 1" are one key.
  func canonical(_ text: String?, column name: String) -> String {
    guard let text else { return "" }
    var blankless = Substring(text)
    while blankless.first == " " { blankless.removeFirst() }
    while blankless.last == " " { blankless.removeLast() }
    let plain = String(blankless)
    switch shape.column(name)?.kind {
    case .int:
      return Int(plain).map(String.init) ?? Double(plain).flatMap { Int(exactly: $0) }.map(String.init) ?? plain
    case .num: return Double(plain).map { String($0) } ?? plain
    case .date, nil: return plain
    }
  }

  /// The field that a JSON value becomes.
  func field(_ value: JSONValue, column name: String) throws(Failure) -> String? {
    switch value {
    case .null: return nil
    case .int(let number): return String(number)
    case .double(let number):
      let isInteger = shape.column(name)?.kind == .int
      return isInteger ? Int(exactly: number).map(String.init) ?? String(number) : String(number)
    case .string(let text): return text.isEmpty ? nil : text
    case .bool, .array, .object:
      throw Failure(sentence: "\"\(name)\" must be a number, a text or null, found \(value.typeName)")
    }
  }
}
