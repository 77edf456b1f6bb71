import CobreBase
import CobreParquet
import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct EditableTableTests {
  private static func table(_ text: String) throws -> EditableTable {
    let shape = try #require(CaseFormat.table(.inflowSeasonalStats))
    return try EditableTable(csv: Array(text.utf8), shape: shape)
  }

  private static let text = """
    hydro_id,stage_id,mean_m3s,std_m3s
    1,0,100.50,20
    1,1,90,18
    2,0,7e1,5

    """

  private func csv(_ table: EditableTable) -> String { String(decoding: table.csv, as: UTF8.self) }

  /// Fields that no edit touches keep their text, digit by digit.
  @Test func textOfOtherFieldsIsKept() throws {
    var table = try Self.table(Self.text)
    #expect(csv(table) == Self.text)
    let effect = try table.merge([["hydro_id": 1, "stage_id": 1, "mean_m3s": 95.5]])
    #expect(effect == EditableTable.Effect(changed: 1))
    #expect(csv(table) == Self.text.replacing("1,1,90,18", with: "1,1,95.5,18"))
  }

  @Test func rowsAreFoundByKeyWhateverItsSpelling() throws {
    var table = try Self.table(Self.text)
    let effect = try table.merge([
      ["hydro_id": "1", "stage_id": 0.0, "std_m3s": 21], ["hydro_id": 2, "stage_id": 1, "mean_m3s": 60, "std_m3s": 4],
    ])
    #expect(effect == EditableTable.Effect(changed: 1, added: 1))
    #expect(csv(table).hasSuffix("2,0,7e1,5\n2,1,60,4\n"))
    #expect(csv(table).contains("1,0,100.50,21\n"))
  }

  @Test func setAndMultiplyChangeTheRowsThatMatch() throws {
    var table = try Self.table(Self.text)
    #expect(
      try table.update(matching: ["hydro_id": 1], set: ["std_m3s": 0], multiply: ["mean_m3s": 0.5])
        == EditableTable.Effect(changed: 2))
    #expect(csv(table).contains("1,0,50.25,0\n1,1,45.0,0\n2,0,7e1,5\n"))
    #expect(try table.remove([["stage_id": 0]]) == EditableTable.Effect(removed: 2))
    #expect(csv(table) == "hydro_id,stage_id,mean_m3s,std_m3s\n1,1,45.0,0\n")
  }

  @Test func whatDoesNotFitIsRefusedWithTheReason() throws {
    func sentence(_ body: (inout EditableTable) throws -> Void) throws -> String {
      var table = try Self.table(Self.text)
      do {
        try body(&table)
        return "accepted"
      } catch let failure as EditableTable.Failure {
        return failure.sentence
      }
    }
    #expect(try sentence { _ = try $0.merge([["hydro_id": 1, "mean_m3s": 3]]) }.contains("lacks the key \"stage_id\""))
    #expect(try sentence { _ = try $0.merge([["hydro_id": 1, "stage_id": 0, "mean": 3]]) }.contains("\"mean_m3s\""))
    #expect(try sentence { _ = try $0.remove([["hydro_id": 3]]) }.contains("no row has hydro_id 3; values are 1, 2"))
    #expect(
      try sentence { _ = try $0.update(matching: [:], set: [:], multiply: ["stage_id": 2]) }.contains("no amounts"))
    #expect(try sentence { _ = try $0.merge([["hydro_id": 1, "stage_id": true]]) }.contains("found boolean"))
    for (text, words) in [("a,b\n1\n", "1 fields"), ("", "header"), ("a,a\n1,2\n", "twice"), ("a,\"b\n", "not closed")]
    {
      do {
        _ = try Self.table(text)
        Issue.record("\(text) was read")
      } catch let failure as EditableTable.Failure {
        #expect(failure.sentence.contains(words), "\(failure.sentence)")
      }
    }
  }

  @Test func fieldsWithSeparatorsAreQuotedAgain() throws {
    var table = try Self.table("hydro_id,stage_id,note\n1,0,\"a, \"\"b\"\"\"\n")
    #expect(csv(table) == "hydro_id,stage_id,note\n1,0,\"a, \"\"b\"\"\"\n")
    _ = try table.update(matching: [:], set: ["note": "x\ny"], multiply: [:])
    #expect(csv(table) == "hydro_id,stage_id,note\n1,0,\"x\ny\"\n")
  }

  /// Doubles, dates and nulls keep their bits; the file keeps its types.
  @Test func parquetKeepsTypesAndBits() throws {
    let numbers: [Double?] = [0.1, nil, 1e-300, .pi]
    let bytes = try ParquetWriter.bytes(
      of: ParquetTable(
        rowCount: 4,
        columns: [
          .int32("hydro_id", [1, 1, 2, 2] as [Int32]), .date("date", [0, 18_000, -400, 20_000]),
          .double("value_m3s", numbers), .text("note", ["a", "b", "c", "d"]),
        ]))
    let shape = try #require(NovomodeloFormat.table(.inflowHistory))
    var table = try EditableTable(parquet: bytes, shape: shape)
    #expect(table.rows[2] == ["2", "1968-11-27", "1e-300", "c"])
    let reread = try ParquetReader().read(bytes: try table.parquet())
    #expect(reread == (try ParquetReader().read(bytes: bytes)))
    #expect(
      try table.update(matching: ["hydro_id": 2, "date": "1968-11-27"], set: ["value_m3s": 2], multiply: [:])
        == EditableTable.Effect(changed: 1))
    let edited = try ParquetReader().read(bytes: try table.parquet())
    #expect(edited["value_m3s"]?.doubles?[2] == 2 && edited["value_m3s"]?.doubles?[3] == .pi)
    #expect(edited["date"]?.field.logicalType == .date && edited["value_m3s"]?.isNull(1) == true)
    _ = try table.update(matching: ["hydro_id": 1], set: ["date": "tomorrow"], multiply: [:])
    #expect(throws: EditableTable.Failure.self) { try table.parquet() }
  }
}
