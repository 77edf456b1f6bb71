import CobreParquet
import Foundation
import Testing

/// What is written is read back.
///
/// Other programs read it in Tests/python/test_tables.py.
@Suite struct WriterTests {
  @Test(arguments: Fixture.files, [ParquetCodec.zstd, .uncompressed])
  func everyTypeComesBack(file: String, codec: ParquetCodec) throws {
    let table = try ParquetReader().read(bytes: try Fixture.bytes(file))
    var options = ParquetWriterOptions()
    options.codec = codec
    options.rowsPerGroup = 13
    let bytes = try ParquetWriter.bytes(of: table, options: options)
    #expect(try ParquetReader().read(bytes: bytes) == table)
    let schema = try ParquetReader().schema(bytes: bytes)
    #expect(schema.rowGroupCount == 4)
    #expect(schema.codecs == [codec])
    #expect(schema.createdBy == "Cobre")
  }

  /// Pieces of any size give the same file as the whole.
  @Test func `rows may come in pieces`() throws {
    let table = try ParquetReader().read(bytes: try Fixture.bytes("polars"))
    var options = ParquetWriterOptions()
    options.rowsPerGroup = 15
    let whole = try ParquetWriter.bytes(of: table, options: options)
    var writer = try ParquetWriter(fields: table.columns.map(\.field), options: options)
    var bytes: [UInt8] = []
    for piece in [0..<1, 1..<14, 14..<14, 14..<40] {
      bytes += try writer.append(try table.columns.map { try $0.piece(piece) })
    }
    bytes += try writer.finish()
    #expect(bytes == whole)
  }

  @Test func `long runs, many distinct values and special numbers come back`() throws {
    let count = 5000
    let special = [Double.infinity, -0.0, 0.0, .nan, .leastNonzeroMagnitude]
    let table = ParquetTable(
      rowCount: count,
      columns: [
        .int32("run", (0..<count).map { Int32($0 / 700) }),
        .int32("holes", (0..<count).map { $0 % 100 < 60 ? nil : Int32($0) }),
        .double("distinct", (0..<count).map { Double($0).squareRoot() }),
        .double("special", (0..<count).map { special[$0 * $0 % 5] }),
        .text("name", (0..<count).map { $0 % 3 == 0 ? nil : "plant \($0 % 11)" }),
        .bool("flag", (0..<count).map { $0 / 9 % 2 == 0 }),
      ])
    let read = try ParquetReader().read(bytes: try ParquetWriter.bytes(of: table))
    #expect(read["run"] == table["run"])
    #expect(read["holes"] == table["holes"])
    #expect(read["distinct"] == table["distinct"])
    #expect(read["special"]?.doubles?.map(\.bitPattern) == table["special"]?.doubles?.map(\.bitPattern))
    #expect(read["name"] == table["name"])
    #expect(read["flag"] == table["flag"])
  }

  @Test func `what is no table is not written`() throws {
    func fault(_ columns: [ParquetColumn], rows: Int = 2) -> String? {
      do {
        _ = try ParquetWriter.bytes(of: ParquetTable(rowCount: rows, columns: columns))
        return nil
      } catch { return error.description }
    }
    #expect(fault([.int32("a", [1, 2])]) == nil)
    #expect(fault([])?.contains("needs a column") == true)
    #expect(fault([.int32("a", [1])])?.contains("not all 2 rows") == true)
    #expect(fault([.int32("a", [1, 2]), .int32("a", [1, 2])])?.contains("same name") == true)
    #expect(fault([.int8("a", [1, 128])])?.contains("column 'a': the value of row 1 has more than 8 bits") == true)
    var column = ParquetColumn.double("a", [1, 2])
    column.validity = [true, false]
    #expect(fault([column])?.contains("row 1 has no value") == true)
    let odd = ParquetColumn(
      field: ParquetField(name: "a", physicalType: .int96, isNullable: false), values: .int32([1, 2]))
    #expect(fault([odd])?.contains("INT96") == true)
  }

  @Test func `a file is written whole`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "cobre-table-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let table = ParquetTable(rowCount: 2, columns: [.text("a", ["x", "y"])])
    let path = folder.appending(path: "table.parquet").path
    for _ in 0..<2 { try ParquetWriter.write(table, to: path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["table.parquet"])
    #expect(try ParquetReader().read(path: path) == table)
    #expect(throws: ParquetError.self) { try ParquetWriter.write(table, to: "\(path)/none") }
  }
}

extension ParquetColumn {
  /// Some rows of a column of a fixture.
  fileprivate func piece(_ rows: Range<Int>) throws -> ParquetColumn {
    let part: ParquetValues =
      switch values {
      case .bool(let values): .bool(Array(values[rows]))
      case .int32(let values): .int32(Array(values[rows]))
      case .int64(let values): .int64(Array(values[rows]))
      case .uint32(let values): .uint32(Array(values[rows]))
      case .uint64(let values): .uint64(Array(values[rows]))
      case .float(let values): .float(Array(values[rows]))
      case .double(let values): .double(Array(values[rows]))
      case .text(let values): .text(ParquetText(rows.map { values[$0] }))
      }
    return ParquetColumn(field: field, values: part, validity: validity.map { Array($0[rows]) })
  }
}
