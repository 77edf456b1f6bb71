import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine

@Suite("CSV") struct CSVReaderTests {
  private func records(_ text: String) throws -> [[String]] {
    var reader = CSVReader(bytes: Array(text.utf8))
    var fields: [CSVReader.Field] = []
    var result: [[String]] = []
    while !reader.isAtEnd {
      try reader.next(into: &fields)
      result.append(fields.map { String(decoding: $0.unescaped ?? Array(reader.bytes[$0.range]), as: UTF8.self) })
    }
    return result
  }

  @Test(arguments: [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]), ("a,b\n,\n", [["a", "b"], ["", ""]]),
    ("\"a\"\"b\",\"c,d\"\n\"\",\"x\ny\"", [["a\"b", "c,d"], ["", "x\ny"]]),
    ("\u{FEFF}a\n1\n", [["a"], ["1"]]), ("a\n\n1\n", [["a"], [""], ["1"]]), ("a\rb,c", [["a\rb", "c"]]),
    ("\"\"\"\"\n", [["\""]]),
  ])
  func splits(_ text: String, _ expected: [[String]]) throws {
    #expect(try records(text) == expected)
  }

  @Test(arguments: ["\"a", "a,\"b", "\"a\"b,c", "\"a\" ,c", "\"a\"\"", "\"a\"\rb"])
  func refuses(_ text: String) {
    #expect(throws: CSVReader.Failure.self) { try records(text) }
  }

  @Test(.timeLimit(.minutes(1))) func survivesMutations() {
    let seed = Array("hydro_id,\"stage_id\",x\r\n1,\"0\",\"a\"\"b\"\n2,1,-3.5e2\n".utf8)
    var generator = SplitMix(state: 9)
    for _ in 0..<20_000 {
      var reader = CSVReader(bytes: generator.mutate(seed))
      var fields: [CSVReader.Field] = []
      var count = 0
      while !reader.isAtEnd, (try? reader.next(into: &fields)) != nil { count += 1 }
      #expect(count <= reader.bytes.count)
    }
  }

  @Test(arguments: [
    ("min_storag_hm3", "min_storage_hm3"), ("min_storage", "min_storage_hm3"), ("MIN_STORAGE_HM3", "min_storage_hm3"),
    ("max_stroage_hm3", "max_storage_hm3"),
  ])
  func findsTheNearestName(_ text: String, _ expected: String) {
    let names = ["min_storage_hm3", "max_storage_hm3", "name", "bus_id"]
    #expect(NearestName.nearest(to: text, among: names) == expected)
  }

  @Test func findsNoNameWhereNoneIsNear() {
    #expect(NearestName.nearest(to: "zzzz", among: ["name", "bus_id"]) == nil)
    #expect(NearestName.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
    #expect(NearestName.distance(Array("ab".utf8), Array("ba".utf8)) == 1)
  }

  @Test(arguments: [
    ("1970-01-01", 0, 1), ("2000-02-29", 11_016, 9), ("2026-12-31", 20_818, 53), ("2027-01-01", 20_819, 53),
    ("1900-03-01", -25_508, 9), ("2021-01-04", 18_631, 1),
  ])
  func countsDays(_ text: String, _ number: Int, _ week: Int) throws {
    let date = try #require(CalendarDate(text: text))
    #expect(date.dayNumber == number)
    #expect(date.isoWeek == week)
    #expect(date.description == text)
  }

  @Test(arguments: ["2021-02-29", "2021-13-01", "2021-00-10", "2021-1-1", "0000-01-01", "2021/01/01", "1900-02-29"])
  func refusesDates(_ text: String) {
    #expect(CalendarDate(text: text) == nil)
  }
}
