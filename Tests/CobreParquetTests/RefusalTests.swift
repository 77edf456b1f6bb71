import CobreParquet
import Testing

/// What is not read is refused by name, with what would be right.
@Suite struct RefusalTests {
  private func fault(
    _ bytes: [UInt8], _ columns: [String]?, _ limits: ParquetLimits = ParquetLimits()
  ) -> ParquetError? {
    do {
      _ = try ParquetReader(limits: limits).read(bytes: bytes, columns: columns)
      return nil
    } catch { return error }
  }

  @Test(arguments: [
    ("days", "nested"), ("place", "nested"), ("raw", "BYTE_ARRAY"), ("money", "DECIMAL(12, 2)"),
    ("none", "no such column"),
  ])
  func columnIsRefusedByName(column: String, words: String) throws {
    let error = try #require(fault(try Fixture.bytes("other_types"), [column]))
    #expect(error.column == column)
    #expect(error.description.contains(words))
  }

  @Test func `columns of other types do not keep a flat one from being read`() throws {
    let table = try ParquetReader().read(
      bytes: try Fixture.bytes("other_types"), columns: ["id", "nothing", "moment", "last"])
    #expect(table["id"]?.int32s == [1, 2])
    #expect(table["nothing"]?.validity == [false, false])
    #expect(table["nothing"]?.field.logicalType == .null)
    #expect(table["moment"]?.int64s == [1, 2])
    #expect(table["moment"]?.field.logicalType == .timestamp(unit: .microseconds, isUTC: true))
    #expect(table["last"]?.doubles == [0.5, 1.5])
  }

  @Test func `a codec that is not read is named`() throws {
    let error = try #require(fault(try Fixture.bytes("brotli"), nil))
    #expect(error.kind == .unsupported)
    #expect(
      error.description
        == """
        column 'int32', row group 0, page 0: the codec BROTLI is not read; ZSTD, SNAPPY, GZIP, LZ4_RAW and UNCOMPRESSED are.
        """)
  }

  @Test func `what is no table is said to be none`() throws {
    #expect(fault([], nil)?.kind == .notParquet)
    #expect(fault(Array("stage_id,value\n0,1\n".utf8), nil)?.kind == .notParquet)
    let whole = try Fixture.bytes("arrow_plain")
    #expect(fault(Array(whole.dropLast(9)), nil)?.kind == .notParquet)
    #expect(fault(Array(whole.prefix(4) + whole.suffix(200)), nil)?.kind == .damaged)
  }

  @Test func `files are refused where they are none`() {
    #expect(throws: ParquetError.self) { try ParquetReader().read(path: "/") }
    #expect(throws: ParquetError.self) { try ParquetReader().read(path: "/nowhere/table.parquet") }
    #expect(throws: ParquetError.self) { try ParquetReader().read(path: "/dev/zero") }
  }

  @Test func `every limit holds`() throws {
    let bytes = try Fixture.bytes("arrow_plain")
    let changes: [(inout ParquetLimits) -> Void] = [
      { $0.fileBytes = bytes.count - 1 }, { $0.footerBytes = 100 }, { $0.columns = 14 }, { $0.rows = 39 },
      { $0.pageBytes = 100 }, { $0.decodedBytes = 2000 },
    ]
    for change in changes {
      var limits = ParquetLimits()
      change(&limits)
      #expect(fault(bytes, nil, limits)?.kind == .limit)
    }
    #expect(fault(bytes, nil) == nil)
  }

  @Test func `a checksum that does not match is a fault`() throws {
    var bytes = try Fixture.bytes("arrow_split")
    // The first page begins behind the mark of four bytes with a header. A byte of the gzip body is changed.
    bytes[60] ^= 1
    let error = try #require(fault(bytes, ["int8"]))
    #expect(error.kind == .damaged)
    #expect(error.description.contains("checksum"))
  }
}
