import CobreBase
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// What differs between files that are written by hand here.
@Suite struct CaseDifferencesTests {
  private func differences(_ first: [String: String], _ second: [String: String], limit: Int = 20) -> CaseDifferences {
    CaseDifferences(first.mapValues { Array($0.utf8) }, second.mapValues { Array($0.utf8) }, limit: limit)
  }

  @Test func membersAreFoundByPathAndElementsByID() {
    let found = differences(
      ["a.json": #"{"x": {"y": 1}, "list": [{"id": 7, "max": 5}, {"id": 3, "max": 6}]}"#],
      ["a.json": #"{"x": {"y": 2}, "list": [{"id": 3, "max": 9}, {"id": 7, "max": 5.0}, {"id": 8}]}"#])
    #expect(
      found.entries == [
        .init(file: "a.json", place: "x.y", first: "1", second: "2"),
        .init(file: "a.json", place: "list[id=3].max", first: "6", second: "9"),
        .init(file: "a.json", place: "list[id=8]", first: nil, second: #"{"id":8}"#),
      ])
    #expect(found.counts == ["a.json": 3])
  }

  @Test func rowsOfTablesAreFoundByKey() {
    let found = differences(
      ["t.csv": "stage_id,bus_id,mw\n0,1,10\n1,1,20\n"], ["t.csv": "bus_id,stage_id,mw\n1,1,25\n1,0,10.0\n1,2,30\n"])
    #expect(found.entries.contains(.init(file: "t.csv", place: "stage_id=1, bus_id=1: mw", first: "20", second: "25")))
    #expect(found.counts["t.csv"] == 2)
    #expect(found.entries.contains { $0.first == nil && $0.second == "1,2,30" })
  }

  @Test func otherBytesThatSayTheSameAreNoDifference() {
    let found = differences(["a.json": #"{"x":1}"#], ["a.json": "{ \"x\" : 1.0 }\n"])
    #expect(found.entries.isEmpty && found.rewritten == ["a.json"])
  }

  @Test func filesThatAreMissingAndLongListsAreTold() {
    let rows = (0..<50).map { "\($0),\($0)" }.joined(separator: "\n")
    let others = (0..<50).map { "\($0),\($0 + 1)" }.joined(separator: "\n")
    let found = differences(
      ["t.csv": "stage,v\n" + rows, "gone.json": "{}", "broken.json": "{"],
      ["t.csv": "stage,v\n" + others, "broken.json": "[[["], limit: 5)
    #expect(found.counts == ["t.csv": 50, "gone.json": 1, "broken.json": 1])
    #expect(found.entries.count { $0.file == "t.csv" } == 5)
    #expect(found.json["not_listed"] == 45)
  }
}
