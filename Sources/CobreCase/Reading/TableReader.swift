internal import CobreBase

/// Reads a CSV table into typed columns and checks it (rules 105, 107, 201 to 209).
struct TableReader {
  let shape: TableShape
  var collector: FindingCollector
  private var integers: [[Int]]
  private var numbers: [[Double]]
  private var rowCount = 0
  var hasErrors = false

  init(shape: TableShape, collector: FindingCollector) {
    self.shape = shape
    self.collector = collector
    self.integers = Array(repeating: [], count: shape.columns.count)
    self.numbers = Array(repeating: [], count: shape.columns.count)
  }

  /// Reads the table.
  ///
  /// - Returns: nil if the text is no table with the header asked for. Findings are in `collector` either way.
  mutating func read(_ bytes: [UInt8]) -> Table? {
    guard checkEncoding(bytes) else { return nil }
    var reader = CSVReader(bytes: bytes)
    var fields: [CSVReader.Field] = []
    do throws(CSVReader.Failure) {
      guard !reader.isAtEnd else { throw CSVReader.Failure(row: 1, message: "The file is empty; a header is needed.") }
      try reader.next(into: &fields)
      guard isHeader(fields, bytes), let columns = readHeader(fields, bytes) else { return nil }
      let width = fields.count
      while !reader.isAtEnd, !collector.isExhausted {
        try reader.next(into: &fields)
        guard fields.count == width else {
          report(
            107, at: "row \(reader.row)", "The row has \(fields.count) fields, the header \(width).",
            rowAdvice(fields, width))
          continue
        }
        readRow(fields, columns, bytes, row: reader.row)
      }
    } catch {
      report(107, at: "row \(error.row)", error.message)
      return nil
    }
    let table = Table(shape: shape, rowCount: rowCount, integers: integers, numbers: numbers)
    if !hasErrors { checkKey(table) }
    return hasErrors ? nil : table
  }

  /// An integer that was read, nil where there is none.
  func value(column: Int, row: Int) -> Int? {
    guard integers.indices.contains(column), integers[column].indices.contains(row),
      integers[column][row] != Table.none
    else { return nil }
    return integers[column][row]
  }

  private static let maximumColumns = 1000

  /// Whether the first row can be a header of this table.
  ///
  /// A file that is no table, perhaps not even of the case, is hardly quoted.
  private mutating func isHeader(_ fields: [CSVReader.Field], _ bytes: [UInt8]) -> Bool {
    guard fields.count <= Self.maximumColumns else {
      report(107, at: "row 1", "The first row has \(fields.count) fields; a header has a column of the table in each.")
      return false
    }
    let names = fields.map { String(decoding: $0.unescaped ?? Array(bytes[$0.range]), as: UTF8.self).lowercased() }
    // Names with other spelling or other separators still match. Short names must match exactly.
    let isKnown = names.contains { name in
      shape.columns.contains { $0.name == name || ($0.name.utf8.count > 4 && name.contains($0.name.lowercased())) }
    }
    if isKnown || names.allSatisfy(\.isEmpty) { return true }
    report(
      201, at: "row 1", value: names.first.map { $0.printable(limit: 30) },
      "The first row has none of the columns of this table.",
      "It must name columns: \(shape.columns.map(\.name).joined(separator: ", ")).")
    return false
  }

  private mutating func checkEncoding(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
      report(105, "The file is UTF-16.", "Save it as UTF-8.")
      return false
    }
    guard bytes.contains(where: { $0 >= 0x80 }) else { return true }
    if String(validating: bytes, as: UTF8.self) == nil {
      report(105, "The file is not valid UTF-8.", "Save it as UTF-8.")
      return false
    }
    return true
  }

  /// Position in `shape.columns` of each field of the header.
  private mutating func readHeader(_ fields: [CSVReader.Field], _ bytes: [UInt8]) -> [Int]? {
    if let separator = otherSeparator(fields, bytes) {
      report(
        107, at: "row 1", "The columns are separated by \(separator.words), not by commas.",
        "Separate columns by commas and write decimals with a point, as in 7,0,12.5.")
      return nil
    }
    var columns: [Int] = []
    var seen: Set<String> = []
    var isValid = true
    for (index, field) in fields.enumerated() {
      let written = String(decoding: field.unescaped ?? Array(bytes[field.range]), as: UTF8.self)
      let name = known(written) ?? written
      if name.isEmpty {
        report(107, at: "row 1", "The name of column \(index + 1) is empty.")
        isValid = false
      } else if !seen.insert(name).inserted {
        report(107, at: "row 1, column \(name.printable())", value: name, "The column name stands twice in the header.")
        isValid = false
      } else if let position = shape.columns.firstIndex(where: { $0.name == name }) {
        columns.append(position)
        guard written != name else { continue }
        report(
          202, at: "row 1, column \(written.printable(limit: 60))", value: written,
          "The column \"\(written.printable(limit: 60))\" is spelt in another way.",
          "Write it as \"\(name)\", in lower case and without blanks around it.")
        isValid = false
      } else {
        let nearest = NearestName.nearest(to: name, among: shape.columns.map(\.name))
        report(
          202, at: "row 1, column \(name.printable(limit: 60))", value: name,
          "\"\(name.printable(limit: 60))\" is not a known column.",
          nearest.map { "Did you mean \"\($0)\"?" }
            ?? "Known columns: \(shape.columns.map(\.name).joined(separator: ", ")).")
        isValid = false
      }
    }
    for column in shape.columns where !column.isNullable && !seen.contains(column.name) {
      report(
        201, at: "row 1, column \(column.name)", "The required column \"\(column.name)\" is missing.",
        "Add it: \(column.summary)\(column.unit.map { " in \($0)" } ?? "").")
      isValid = false
    }
    return isValid ? columns : nil
  }

  private func rowAdvice(_ fields: [CSVReader.Field], _ width: Int) -> String? {
    if fields.count == 1 && fields[0].range.isEmpty { return "Remove the empty line." }
    guard fields.count > width else { return nil }
    return "Write decimals with a point: a decimal comma makes two fields of one number."
  }

  /// The column of the table whose name differs from this one in case or surrounding blanks at most.
  private func known(_ written: String) -> String? {
    let plain = String(
      written.trimmingPrefix { $0.isWhitespace }.reversed().trimmingPrefix { $0.isWhitespace }.reversed()
    )
    .lowercased()
    return shape.columns.first { $0.name.lowercased() == plain }?.name
  }

  /// What separates the columns where that is no comma.
  private func otherSeparator(_ fields: [CSVReader.Field], _ bytes: [UInt8]) -> (byte: UInt8, words: String)? {
    guard fields.count == 1, shape.columns.count > 1 else { return nil }
    let text = fields[0].unescaped ?? Array(bytes[fields[0].range])
    let candidates: [(byte: UInt8, words: String)] = [
      (UInt8(ascii: ";"), "semicolons"), (UInt8(ascii: "\t"), "tabs"), (UInt8(ascii: "|"), "bars"),
      (UInt8(ascii: " "), "blanks"),
    ]
    return candidates.first { candidate in
      let names = text.split(separator: candidate.byte).map { String(decoding: $0, as: UTF8.self) }
      return names.count > 1 && names.contains { known($0) != nil }
    }
  }

  private mutating func readRow(_ fields: [CSVReader.Field], _ columns: [Int], _ bytes: [UInt8], row: Int) {
    rowCount += 1
    let before = collector.findings.count
    defer { if collector.findings.count > before { attribute(from: before, row: rowCount - 1) } }
    for (index, field) in fields.enumerated() {
      let position = columns[index]
      if let unescaped = field.unescaped {
        readValue(unescaped, 0..<unescaped.count, position, row)
      } else {
        readValue(bytes, field.range, position, row)
      }
    }
  }

  private mutating func readValue(_ bytes: [UInt8], _ range: Range<Int>, _ position: Int, _ row: Int) {
    let kind = shape.columns[position].kind
    if range.isEmpty {
      if kind == .num { numbers[position].append(.nan) } else { integers[position].append(Table.none) }
      if !shape.columns[position].isNullable {
        report(
          205, position, row, "", "The field is empty but needs a value.",
          "Give \(kind == .num ? "a number" : kind == .int ? "an integer" : "a date, as YYYY-MM-DD").")
      }
      return
    }
    switch kind {
    case .num:
      let number = DecimalScanner.number(bytes, range)
      switch number {
      case .int(let value): appendNumber(Double(value), bytes, range, position, row)
      case .double(let value): appendNumber(value, bytes, range, position, row)
      case nil:
        numbers[position].append(0)
        notANumber(bytes, range, position, row, "a number")
      }
    case .int:
      guard case .int(let wide) = DecimalScanner.number(bytes, range), bytes[range.lowerBound] != UInt8(ascii: "+")
      else {
        integers[position].append(0)
        return notANumber(bytes, range, position, row, "an integer (no fraction, no exponent)")
      }
      guard let value = Int32(exactly: wide) else {
        integers[position].append(0)
        return report(204, position, row, text(bytes, range), "The integer does not fit 32 bits signed.")
      }
      integers[position].append(Int(value))
      check(Double(value), bytes, range, position, row)
    case .date:
      guard let date = CalendarDate(bytes: bytes, range) else {
        integers[position].append(0)
        return report(
          209, position, row, text(bytes, range), "\"\(text(bytes, range))\" is not a day of the calendar.",
          "Write dates as YYYY-MM-DD.")
      }
      integers[position].append(date.dayNumber)
    }
  }

  private mutating func appendNumber(
    _ value: Double, _ bytes: [UInt8], _ range: Range<Int>, _ position: Int, _ row: Int
  ) {
    numbers[position].append(value)
    guard value.isFinite else {
      return report(204, position, row, text(bytes, range), "The number overflows; numbers must be finite.")
    }
    check(value, bytes, range, position, row)
  }

  private mutating func check(_ value: Double, _ bytes: [UInt8], _ range: Range<Int>, _ position: Int, _ row: Int) {
    guard let code = shape.columns[position].range.brokenRule(value) else { return }
    report(
      code, position, row, text(bytes, range), "\(text(bytes, range)) is out of range.",
      shape.columns[position].range.advice(value))
  }

  private mutating func notANumber(
    _ bytes: [UInt8], _ range: Range<Int>, _ position: Int, _ row: Int, _ expected: String
  ) {
    let word = text(bytes, range)
    switch word.lowercased() {
    case "nan", "inf", "-inf", "+inf", "infinity", "-infinity":
      report(
        204, position, row, word, "\(word) is not finite.",
        shape.columns[position].isNullable ? "Give a finite number, or leave the field empty." : "Give a finite number."
      )
    default:
      report(
        203, position, row, word, "Expected \(expected), found \"\(word)\".",
        Self.advice(onNumber: word) ?? "Give \(expected).")
    }
  }

  /// How to correct a word that is not a number, or nil if nothing is obvious.
  static func advice(onNumber word: String) -> String? {
    func isNumber(_ text: String) -> Bool { DecimalScanner.number(Array(text.utf8), 0..<text.utf8.count) != nil }
    let bare = word.filter { !$0.isWhitespace }
    if bare != word {
      let isInside = word.trimmingPrefix { $0.isWhitespace }.split { $0.isWhitespace }.count > 1
      if isNumber(bare) { return isInside ? "Remove the blanks: \(bare)." : "Remove blanks around the number." }
      return nil
    }
    let commas = word.filter { $0 == "," }.count
    let point = String(word.map { $0 == "," ? "." : $0 })
    if commas == 1, !word.contains("."), isNumber(point) { return "Write decimals with a point: \(point)." }
    let plain = word.filter { $0 != "," && $0 != "_" && $0 != "'" }
    return plain != word && isNumber(plain) ? "Write the number without separators of thousands: \(plain)." : nil
  }

  private func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range].prefix(60), as: UTF8.self).printable(limit: 40)
  }
}
