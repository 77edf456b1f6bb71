import CobreBase
import CobreCase
import CobreEngine
import Testing

@Suite("JSON") struct JSONTests {
  private func failure(_ text: String) -> JSONError? { failure(Array(text.utf8)) }

  private func failure(_ bytes: [UInt8]) -> JSONError? {
    do throws(JSONError) {
      _ = try JSONParser.parse(bytes)
      return nil
    } catch { return error }
  }

  @Test func keepsTheKindsOfValuesApart() throws {
    let value = try JSONParser.parse("[1, 1.0, 1e2, true, null, \"1\", -9223372036854775808, 9223372036854775808]")
    #expect(
      value == [
        1, .double(1), .double(100), true, nil, "1", .int(.min), .double(9_223_372_036_854_775_808),
      ])
    #expect(value != [.double(1), .double(1), .double(100), true, nil, "1", .int(.min), .double(0x1p63)])
  }

  @Test func keepsTheOrderOfMembers() throws {
    let object = try #require(try JSONParser.parse("{\"b\":1,\"a\":{\"z\":2},\"c\":[]}").object)
    #expect(object.keys == ["b", "a", "c"])
    #expect(object["a"]?["z"]?.int == 2)
  }

  @Test func findsMembersInLargeObjects() throws {
    let text = "{" + (0..<500).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
    var object = try #require(try JSONParser.parse(text).object)
    #expect(object["k499"]?.int == 499)
    object["k0"] = nil
    #expect(object["k0"] == nil)
    #expect(object["k499"]?.int == 499)
    #expect(object.count == 499)
  }

  @Test(arguments: [
    ("\"a\\u0041\\n\\/\\\"\"", "aA\n/\""), ("\"\\ud83d\\ude00\"", "\u{1F600}"),
    ("\"\u{e7}\u{1F600}\"", "\u{e7}\u{1F600}"),
    ("\"\\u0000\"", "\0"),
  ])
  func readsStrings(_ text: String, _ expected: String) throws {
    #expect(try JSONParser.parse(text).string == expected)
  }

  @Test(arguments: [
    ("", JSONError.Kind.truncated, 1, 1), ("{\"a\": 1", .truncated, 1, 8), ("[1,\n 2", .truncated, 2, 3),
    ("[1 2]", .syntax, 1, 4), ("{\"a\":1,\n\"a\":2}", .duplicateKey, 2, 1), ("[NaN]", .syntax, 1, 2),
    ("[-Infinity]", .syntax, 1, 2), ("[1e400]", .overflow, 1, 2), ("[01]", .syntax, 1, 2), ("[1.]", .syntax, 1, 2),
    ("[.5]", .syntax, 1, 2), ("[+1]", .syntax, 1, 2), ("[1,]", .syntax, 1, 4), ("{\"a\":1,}", .syntax, 1, 8),
    ("// c\n1", .syntax, 1, 1), ("\"\\x\"", .syntax, 1, 2), ("\"\\ud800\"", .syntax, 1, 2),
    ("\"\\udc00\"", .syntax, 1, 2), ("\"a\nb\"", .syntax, 1, 3), ("tru", .truncated, 1, 4), ("True", .syntax, 1, 1),
    ("1 2", .syntax, 1, 3), ("{a:1}", .syntax, 1, 2), ("{'a':1}", .syntax, 1, 2), ("[\u{e9}]", .syntax, 1, 2),
    ("[1e]", .syntax, 1, 2), ("\"abc", .truncated, 1, 5), ("\"\\u12", .truncated, 1, 6), ("-", .truncated, 1, 1),
  ])
  func refuses(_ text: String, _ kind: JSONError.Kind, _ line: Int, _ column: Int) {
    let error = failure(text)
    #expect(error?.kind == kind)
    #expect(error?.line == line)
    #expect(error?.column == column)
  }

  @Test func countsColumnsInCharacters() {
    #expect(failure("[\"\u{1F600}\u{e9}\" x]")?.column == 7)
  }

  @Test func boundsTheDepth() throws {
    let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(try JSONParser.parse(deepest).array?.count == 1)
    #expect(failure("[" + deepest + "]")?.kind == .depth)
    #expect(failure(String(repeating: "[", count: 2_000_000))?.kind == .depth)
    #expect(failure(String(repeating: "{\"a\":", count: 2_000_000))?.kind == .depth)
  }

  @Test func checksTheEncoding() throws {
    #expect(failure([0x22, 0xC3, 0x28, 0x22])?.kind == .encoding)
    #expect(failure([0x22, 0xED, 0xA0, 0x80, 0x22])?.kind == .encoding)
    #expect(failure([0xFF, 0xFE, 0x7B, 0x00])?.kind == .encoding)
    #expect(try JSONParser.parse([0xEF, 0xBB, 0xBF, 0x31]) == 1)
    #expect(failure([0xEF, 0xBB, 0xBF, 0x78])?.column == 1)
  }

  @Test func readsOverflowAsInfinityWhereAllowed() throws {
    #expect(
      try JSONParser.parse("[1e400,-1e400,1e-400]", options: .init(allowsOverflow: true))
        == [.double(.infinity), .double(-.infinity), .double(0)])
  }

  @Test func writesCompactText() {
    let value: JSONValue = [
      "b": [1, 1.0, 0.1, 1e300, .double(.nan), .double(.infinity), .int(.max)], "a": "x/\"\\\n\u{1}\u{1F600}", "c": [:],
    ]
    #expect(
      value.text()
        == "{\"b\":[1,1.0,0.1,1e+300,null,null,9223372036854775807],\"a\":\"x/\\\"\\\\\\n\\u0001\u{1F600}\",\"c\":{}}")
    #expect(value.text(.init(sortedKeys: true)).hasPrefix("{\"a\":"))
    #expect(
      (["a": [1], "b": []] as JSONValue).text(.init(isIndented: true)) == "{\n  \"a\": [\n    1\n  ],\n  \"b\": []\n}")
  }

  @Test func doublesComeBackToTheSameBits() throws {
    var generator = SplitMix(state: 7)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      let back = try JSONParser.parse(JSONValue.double(value).serialized())
      #expect(back.number?.bitPattern == value.bitPattern)
    }
  }

  /// Whatever bytes come: a value or an error, never a trap; what is read can be written and read again.
  @Test(.timeLimit(.minutes(1))) func survivesMutations() throws {
    let seed = Array(
      "{\"a\":[1,-2.5e-3,true,false,null,\"x\\u00e9\\n\"],\"b\":{\"c\":{\"d\":[[],{}]}},\"long\":12345678901234567890}"
        .utf8)
    var generator = SplitMix(state: 1)
    for _ in 0..<30_000 {
      let bytes = generator.mutate(seed)
      guard let value = try? JSONParser.parse(bytes) else { continue }
      #expect(try JSONParser.parse(value.serialized()) == value)
    }
  }
}
