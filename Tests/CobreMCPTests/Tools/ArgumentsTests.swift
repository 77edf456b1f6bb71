import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Testing

@Suite struct ArgumentsTests {
  private static let parameters = [
    Parameter("count", .integer(1...10), "A count."),
    Parameter("share", .number(0...1.5), "A share."),
    Parameter("label", .name, "A label."),
    Parameter("text", .text(maximumLength: 4), "A text."),
  ]

  private static func read(_ text: String) throws -> Arguments {
    try Arguments(try JSONParser.parse(text).object ?? [:], parameters: parameters)
  }

  private static func problems(_ text: String) throws -> [String] {
    do {
      _ = try read(text)
      return []
    } catch let error as ToolError {
      return error.problems
    }
  }

  @Test(arguments: ["12", "0", "1.5", "\"x\"", "true", "[1]", "\"3.5\"", "1e2", "9223372036854775808", "{}"])
  func integerOutsideItsRangeOrTypeIsRefused(value: String) throws {
    let problems = try Self.problems(#"{"count":\#(value)}"#)
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("`count` must be an integer from 1 to 10; you sent ") == true)
  }

  @Test(arguments: [("3", 3), ("3.0", 3), ("\"3\"", 3), ("1e1", 10)])
  func losslessFormsOfAnIntegerAreTaken(value: String, expected: Int) throws {
    #expect(try Self.read(#"{"count":\#(value)}"#).integer("count") == expected)
  }

  @Test(arguments: [("1", 1.0), ("0.25", 0.25), ("\"0.5\"", 0.5)])
  func losslessFormsOfANumberAreTaken(value: String, expected: Double) throws {
    #expect(try Self.read(#"{"share":\#(value)}"#).number("share") == expected)
  }

  @Test(arguments: ["1.6", "-0.1", "\"nan\"", "\"inf\"", "\"\"", "true", "\"0.5 \""])
  func numberOutsideItsRangeOrTypeIsRefused(value: String) throws {
    #expect(try Self.problems(#"{"share":\#(value)}"#).count == 1)
  }

  @Test(arguments: ["\"\"", "\"a b\"", "\"../x\"", "\"é\"", "7", "\"\(String(repeating: "a", count: 65))\""])
  func nameIsCheckedCharacterByCharacter(value: String) throws {
    #expect(try Self.problems(#"{"label":\#(value)}"#).count == 1)
  }

  @Test(arguments: [#"["a b"]"#, #"["-x"]"#, #"[]"#, #""node1""#, #"[1]"#, #"["a","b","c","d"]"#])
  func hostsAreCheckedNameByName(value: String) throws {
    let parameter = Parameter("hosts", .hosts(maximumCount: 3), "Hosts.")
    let sent: JSONObject = ["hosts": try JSONParser.parse(value)]
    #expect(throws: ToolError.self) { try Arguments(sent, parameters: [parameter]) }
    let good = try Arguments(["hosts": ["node1", "10.0.0.2"]], parameters: [parameter])
    #expect(good.names("hosts") == ["node1", "10.0.0.2"])
  }

  @Test func nullStandsForAnArgumentLeftOut() throws {
    let arguments = try Self.read(#"{"count":null,"text":"abcd"}"#)
    #expect(arguments.integer("count") == nil)
    #expect(arguments.text("text") == "abcd")
    #expect(try Self.problems(#"{"text":"abcde"}"#).count == 1)
  }

  @Test func everythingWrongIsReportedAtOnce() throws {
    let problems = try Self.problems(#"{"cont":1,"share":2,"label":"a/b"}"#)
    #expect(problems.count == 3)
    #expect(problems.first?.contains("Did you mean `count`?") == true)
  }

  @Test func whatWasSentIsShownShort() throws {
    let long = String(repeating: "y", count: 10_000)
    let problems = try Self.problems(#"{"count":"\#(long)","\#(long)":1}"#)
    #expect(problems.count == 2)
    #expect(problems.allSatisfy { $0.count < 400 })
  }

  @Test func anIdMayBeSentAsANumber() throws {
    let parameter = Parameter("bus", .element, "The bus.")
    for (sent, read) in [(JSONValue.int(3), "3"), ("3", "3"), ("NORTH", "NORTH")] {
      #expect(try Arguments(["bus": sent], parameters: [parameter]).text("bus") == read)
    }
    for sent in [JSONValue.double(1.5), "", true, .array([])] {
      #expect(throws: ToolError.self) { try Arguments(["bus": sent], parameters: [parameter]) }
    }
  }
}
