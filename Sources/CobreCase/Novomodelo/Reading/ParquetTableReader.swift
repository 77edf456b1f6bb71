internal import CobreBase
internal import CobreParquet

/// Reads a Parquet table into typed columns and checks it (rules 201 to 209 and 601 to 604).
struct ParquetTableReader {
  let shape: TableShape
  var collector: FindingCollector
  private var hasErrors = false

  init(shape: TableShape, collector: FindingCollector) {
    self.shape = shape
    self.collector = collector
  }

  /// Reads the table.
  ///
  /// - Returns: nil if the bytes are no table with the columns asked for. Findings are in `collector` either way.
  mutating func read(_ bytes: [UInt8]) -> Table? {
    let reader = ParquetReader()
    let file: ParquetTable
    let present: [ColumnShape]
    do throws(ParquetError) {
      let schema = try reader.schema(bytes: bytes)
      checkCodecs(schema)
      present = checkColumns(schema)
      guard !hasErrors else { return nil }
      file = try reader.read(bytes: bytes, columns: present.map(\.name))
    } catch {
      report(
        601, at: error.column.map { "column \($0.printable(limit: 60))" } ?? "",
        "The file cannot be read as a Parquet table: \(error.message)", "Write it with pyarrow, compression \"zstd\".")
      return nil
    }
    var integers = [[Int]](repeating: [], count: shape.columns.count)
    var numbers = [[Double]](repeating: [], count: shape.columns.count)
    for column in present {
      guard let values = file[column.name], let position = shape.columns.firstIndex(where: { $0.name == column.name })
      else { continue }
      switch column.kind {
      case .num: numbers[position] = readNumbers(values, column)
      case .int, .date: integers[position] = readIntegers(values, column)
      }
    }
    let table = Table(shape: shape, rowCount: file.rowCount, integers: integers, numbers: numbers)
    if !hasErrors { checkKey(table) }
    return hasErrors ? nil : table
  }

  /// Novomodelo reads no other compression, so its files never have one.
  private mutating func checkCodecs(_ schema: ParquetSchema) {
    for codec in schema.codecs where codec != .uncompressed && codec != .zstd {
      report(
        602, value: codec.name, "The table is compressed by \(codec.name), which Novomodelo does not read.",
        "Write it with compression \"zstd\" if Novomodelo has to read it too.")
    }
  }

  /// The columns of the shape that the file has.
  private mutating func checkColumns(_ schema: ParquetSchema) -> [ColumnShape] {
    var present: [ColumnShape] = []
    for column in shape.columns {
      guard let field = schema[column.name] else {
        guard !column.isNullable || column.isRequired else { continue }
        report(
          201, at: "column \(column.name)", "The required column \"\(column.name)\" is missing.",
          "Add it: \(column.summary)\(column.unit.map { " in \($0)" } ?? "").")
        continue
      }
      guard column.accepts(field) else {
        report(
          203, at: "column \(column.name)", value: field.typeName,
          "Expected the type \(column.typeName), found \(field.typeName).",
          "Cast the column to \(column.pythonType) before writing.")
        continue
      }
      present.append(column)
    }
    for field in schema.fields where shape.column(field.name) == nil {
      let nearest = NearestName.nearest(to: field.name, among: shape.columns.map(\.name))
      report(
        603, at: "column \(field.name.printable(limit: 60))", value: field.name,
        "\"\(field.name.printable(limit: 60))\" is not a column of this table and is ignored.",
        nearest.map { "Did you mean \"\($0)\"?" })
    }
    return present
  }

  private mutating func readNumbers(_ column: ParquetColumn, _ shape: ColumnShape) -> [Double] {
    guard var values = column.doubles else { return [] }
    for row in values.indices {
      if column.isNull(row) {
        values[row] = .nan
        if !shape.isNullable { reportNull(row, shape) }
      } else if !values[row].isFinite {
        report(
          204, at: place(row, shape), value: String(values[row]), "\(values[row]) is not finite.",
          "Give a finite number\(shape.isNullable ? ", or null" : "").")
      } else {
        check(values[row], String(values[row]), row, shape)
      }
    }
    return values
  }

  private mutating func readIntegers(_ column: ParquetColumn, _ shape: ColumnShape) -> [Int] {
    var values: [Int]
    if let signed = column.int32s {
      values = signed.map(Int.init)
    } else {
      values = column.uint32s?.map(Int.init) ?? []
    }
    for row in values.indices {
      if column.isNull(row) {
        values[row] = Table.none
        if !shape.isNullable { reportNull(row, shape) }
      } else if shape.kind == .int {
        check(Double(values[row]), String(values[row]), row, shape)
      }
    }
    return values
  }

  private mutating func reportNull(_ row: Int, _ column: ColumnShape) {
    report(
      205, at: place(row, column), value: "null",
      "The row has no value in \(column.name). Novomodelo would read the next row's there.",
      "Give a value, or remove the row.")
  }

  private mutating func check(_ value: Double, _ text: @autoclosure () -> String, _ row: Int, _ column: ColumnShape) {
    guard let code = column.range.brokenRule(value) else { return }
    report(
      code, at: place(row, column), value: text(), "\(text()) is out of range.",
      column.range.advice(value))
  }

  private func place(_ row: Int, _ column: ColumnShape) -> String { "row \(row + 1), column \(column.name)" }

  /// Rule 207: one row per key, or one value per key and column.
  private mutating func checkKey(_ table: Table) {
    if !shape.splitsRows {
      var reader = TableReader(shape: shape, collector: collector)
      reader.checkKey(table)
      collector = reader.collector
      hasErrors = hasErrors || reader.hasErrors
      return
    }
    let keys = shape.columns.filter(\.isKey).map { table.integers($0.name) }.filter { !$0.isEmpty }
    let values = shape.columns.filter { !$0.isKey }.map { ($0.name, NumberColumn(table, $0.name)) }
    var rows: [[Int]: [Int]] = [:]
    rows.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount { rows[keys.map { $0[row] }, default: []].append(row) }
    let repeated = rows.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    for group in repeated {
      for (name, column) in values {
        let given = group.filter { column[$0] != nil }
        guard given.count > 1 else { continue }
        report(
          207, at: table.place(given[1], name),
          "\(table.place(given[0])) gives \(name) for the same \(shape.key.joined(separator: ", ")) already.",
          "Keep one value per key.")
      }
    }
  }

  private mutating func report(
    _ code: Int, at location: String = "", value: String? = nil, _ message: String, _ suggestion: String? = nil
  ) {
    if Rule.severity(code) == .error { hasErrors = true }
    collector.report(code, file: shape.path, at: location, value: value, message, suggestion: suggestion)
  }
}

extension ColumnShape {
  /// Columns that hold unsigned integers in Novomodelo's tables.
  private static let unsigned: Set<String> = ["opening_index", "entity_index"]

  var isUnsigned: Bool { ColumnShape.unsigned.contains(name) }

  /// Whether the file stores the column as the format wants it, and no wider or narrower.
  fileprivate func accepts(_ field: ParquetField) -> Bool {
    switch (kind, field.physicalType, field.logicalType) {
    case (.num, .double, nil): true
    case (.int, .int32, nil), (.int, .int32, .integer(bits: 32, isSigned: true)): !isUnsigned
    case (.int, .int32, .integer(bits: 32, isSigned: false)): isUnsigned
    case (.date, .int32, .date): true
    default: false
    }
  }

  fileprivate var typeName: String {
    switch kind {
    case .num: "DOUBLE"
    case .int: isUnsigned ? "INT32 (UINT_32)" : "INT32"
    case .date: "INT32 (DATE)"
    }
  }

  fileprivate var pythonType: String {
    switch kind {
    case .num: "float64"
    case .int: isUnsigned ? "uint32" : "int32"
    case .date: "date32"
    }
  }
}
