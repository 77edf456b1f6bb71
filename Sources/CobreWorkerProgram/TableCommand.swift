internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreParquet

extension CobreWorker {
  /// Shows and copies table files.
  struct Table: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows and copies Parquet tables.",
      discussion: """
        Flat tables are read, in every encoding that pyarrow, polars, DuckDB and parquet-rs write for numbers, dates, \
        booleans and texts, uncompressed or with ZSTD, SNAPPY, GZIP or LZ4_RAW. Nested columns are not read.
        """,
      subcommands: [TableSchema.self, TableDump.self, TableCopy.self])
  }

  struct TableSchema: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "schema", abstract: "Writes the columns of a Parquet table and their types to stdout, as JSON.")

    @Argument(help: "The Parquet file.")
    var path: String

    func run() throws {
      let schema = try ParquetReader().schema(path: path)
      let columns = schema.fields.map { field -> JSONValue in
        [
          "name": .string(field.name), "type": .string(field.typeName), "nullable": .bool(field.isNullable),
        ]
      }
      let document: JSONValue = [
        "rows": .int(Int64(schema.rowCount)), "row_groups": .int(Int64(schema.rowGroupCount)),
        "codecs": .array(schema.codecs.map { .string($0.name) }),
        "created_by": schema.createdBy.map { .string($0) } ?? .null, "columns": .array(columns),
      ]
      ProgramOutput.print(document.text(.init(isIndented: true)))
    }
  }

  struct TableDump: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dump", abstract: "Writes the rows of a Parquet table to stdout.",
      discussion: """
        CSV has a line for each row, with nothing where a row has no value. JSON has an array for each column, with null \
        there; numbers that are not finite are texts in it. Dates are written as 2027-01-31.
        """)

    enum Form: String, ExpressibleByArgument, CaseIterable {
      case csv
      case json
    }

    @Argument(help: "The Parquet file.")
    var path: String

    @Option(help: "csv or json.")
    var format = Form.csv

    @Option(help: "A column to write, instead of all; may be given several times.")
    var column: [String] = []

    func run() throws {
      let table = try ParquetReader().read(path: path, columns: column.isEmpty ? nil : column)
      switch format {
      case .csv: writeLines(table)
      case .json:
        let columns = table.columns.map { column -> JSONValue in
          [
            "name": .string(column.name), "type": .string(column.field.typeName),
            "values": .array((0..<table.rowCount).map { column.json($0) }),
          ]
        }
        let document: JSONValue = ["rows": .int(Int64(table.rowCount)), "columns": .array(columns)]
        ProgramOutput.write(document.serialized() + [UInt8(ascii: "\n")])
      }
    }

    private func writeLines(_ table: ParquetTable) {
      var text = table.columns.map { ParquetColumn.quoted($0.name) }.joined(separator: ",") + "\n"
      for row in 0..<table.rowCount {
        text += table.columns.map { $0.cell(row) }.joined(separator: ",") + "\n"
        if text.utf8.count > 1 << 16 {
          ProgramOutput.write(text)
          text = ""
        }
      }
      ProgramOutput.write(text)
    }
  }

  struct TableCopy: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "copy", abstract: "Writes a Parquet table again, with ZSTD in row groups of at most 100,000 rows.")

    @Argument(help: "The Parquet file to read.")
    var source: String

    @Argument(help: "The Parquet file to write.")
    var target: String

    func run() throws { try ParquetWriter.write(try ParquetReader().read(path: source), to: target) }
  }
}

extension ParquetColumn {
  fileprivate func json(_ row: Int) -> JSONValue {
    if isNull(row) { return .null }
    func real(_ value: Double, _ text: String) -> JSONValue { value.isFinite ? .double(value) : .string(text) }
    switch values {
    case .bool(let values): return .bool(values[row])
    case .int32(let values): return field.logicalType == .date ? .string(cell(row)) : .int(Int64(values[row]))
    case .int64(let values): return .int(values[row])
    case .uint32(let values): return .int(Int64(values[row]))
    // JSON integers of this program have 63 bits.
    case .uint64(let values): return Int64(exactly: values[row]).map { .int($0) } ?? .string(cell(row))
    case .float(let values): return real(Double(values[row]), cell(row))
    case .double(let values): return real(values[row], cell(row))
    case .text(let values): return .string(values[row])
    }
  }

  fileprivate func cell(_ row: Int) -> String {
    guard let text = text(row) else { return "" }
    if case .text = values { return Self.quoted(text) }
    return text
  }

  /// A text as a cell of CSV (RFC 4180).
  fileprivate static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r\r\n".contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
