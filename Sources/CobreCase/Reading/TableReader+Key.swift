extension TableReader {
  /// Checks that the key columns together are unique (rule 207).
  mutating func checkKey(_ table: Table) {
    let keys = shape.columns.indices.filter { shape.columns[$0].isKey }
    guard !keys.isEmpty, table.rowCount > 1 else { return }
    let columns = keys.map { key in
      shape.columns[key].kind == .num
        ? table.numbers(shape.columns[key].name).map { Int(bitPattern: UInt(truncatingIfNeeded: $0.bitPattern)) }
        : table.integers(shape.columns[key].name)
    }.filter { !$0.isEmpty }
    // Rows are often sorted already. Then equal keys are neighbours and no sorting is needed.
    var order = Array(0..<table.rowCount)
    let precedes: (Int, Int) -> Bool = { a, b in
      for column in columns where column[a] != column[b] { return column[a] < column[b] }
      return false
    }
    if !(1..<table.rowCount).allSatisfy({ !precedes($0, $0 - 1) }) {
      order.sort { precedes($0, $1) || (!precedes($1, $0) && $0 < $1) }
    }
    for index in 1..<order.count where !precedes(order[index - 1], order[index]) {
      let names = keys.map { shape.columns[$0].name }
      let values = columns.map { $0[order[index]] == Table.none ? "empty" : String($0[order[index]]) }
      let isPlain = keys.allSatisfy { shape.columns[$0].kind == .int } && values.count == names.count
      let before = collector.findings.count
      defer { attribute(from: before, row: order[index]) }
      report(
        207, at: table.place(order[index]), value: isPlain ? values.joined(separator: ", ") : nil,
        "The key (\(names.joined(separator: ", "))) stands in \(table.place(order[index - 1])) already.",
        "Keep one row per key.")
    }
  }

  /// Says which element findings about a row are about: that of its first column with the id of one.
  mutating func attribute(from position: Int, row: Int) {
    for (index, column) in shape.columns.enumerated() where column.kind == .int {
      guard let kind = CaseDocuments.kind(ofKey: column.name), let id = value(column: index, row: row) else { continue }
      return collector.attribute(from: position, to: Finding.Entity(kind, id: id))
    }
  }

  mutating func report(
    _ code: Int, at location: String = "", value: String? = nil, _ message: String, _ suggestion: String? = nil
  ) {
    if Rule.severity(code) == .error { hasErrors = true }
    collector.report(code, file: shape.path, at: location, value: value, message, suggestion: suggestion)
  }

  mutating func report(
    _ code: Int, _ position: Int, _ row: Int, _ value: String, _ message: String, _ suggestion: String? = nil
  ) {
    report(
      code, at: "row \(row), column \(shape.columns[position].name)", value: value.isEmpty ? nil : value, message,
      suggestion)
  }
}
