import CobreParquet
import Testing

/// Files of pyarrow, polars and DuckDB read as what Python says is in them.
@Suite struct FixtureTests {
  @Test(arguments: Fixture.files)
  func everyWriterIsRead(file: String) throws {
    let table = try ParquetReader().read(bytes: try Fixture.bytes(file))
    let expected = try Fixture.expected()
    #expect(table.rowCount == 40)
    #expect(table.columns.count == 15)
    #expect(table["int8"]?.int32s == expected.int8)
    #expect(table["int32"]?.int32s == expected.int32)
    #expect(table["int64"]?.int64s == expected.int64)
    #expect(table["uint8"]?.uint32s == expected.uint8)
    #expect(table["uint32"]?.uint32s == expected.uint32)
    #expect(table["uint64"]?.uint64s == expected.uint64)
    #expect(table["float"]?.floats == expected.float)
    #expect(table["double"]?.doubles == expected.double)
    #expect(table["flag"]?.bools == expected.flag)
    #expect(table["day"]?.int32s == expected.day)
    #expect(table["word"]?.strings == expected.word)
    let int = try #require(table["some_int"])
    #expect(int.cells(int.int32s) == expected.someInt)
    #expect(int.firstNull == 3)
    let double = try #require(table["some_double"])
    #expect(double.cells(double.doubles) == expected.someDouble)
    #expect(double.doubles?[3] == 0)
    let flag = try #require(table["some_flag"])
    #expect(flag.cells(flag.bools) == expected.someFlag)
    let word = try #require(table["some_word"])
    #expect(word.cells(word.strings) == expected.someWord)
    #expect(table["int8"]?.firstNull == nil)
  }

  @Test func `the schema says how columns are stored`() throws {
    let schema = try ParquetReader().schema(bytes: try Fixture.bytes("arrow_dictionary"))
    #expect(schema.rowCount == 40)
    #expect(schema.rowGroupCount == 3)
    #expect(schema.codecs == [.zstd])
    #expect(schema.createdBy?.hasPrefix("parquet-cpp-arrow") == true)
    #expect(
      schema.fields.map(\.typeName) == [
        "INT32 (INT_8)", "INT32", "INT64", "INT32 (UINT_8)", "INT32 (UINT_32)", "INT64 (UINT_64)", "FLOAT", "DOUBLE",
        "BOOLEAN", "INT32 (DATE)", "BYTE_ARRAY (STRING)", "INT32", "DOUBLE", "BOOLEAN", "BYTE_ARRAY (STRING)",
      ])
    #expect(schema["int32"]?.isNullable == false)
    #expect(schema["some_int"]?.isNullable == true)
  }

  @Test func `columns come in the order in which they are asked for`() throws {
    let table = try ParquetReader().read(path: Fixture.path("polars"), columns: ["word", "int8"])
    #expect(table.columns.map(\.name) == ["word", "int8"])
  }

  @Test func `a table without rows has its columns`() throws {
    let table = try ParquetReader().read(bytes: try Fixture.bytes("no_rows"))
    #expect(table.rowCount == 0)
    #expect(table["double"]?.doubles == [])
    #expect(table["some_word"]?.text?.count == 0)
  }
}
