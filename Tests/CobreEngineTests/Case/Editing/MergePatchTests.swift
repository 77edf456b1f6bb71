import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine

@Suite struct MergePatchTests {
  /// Appendix A of RFC 7396: original, patch, result.
  static let examples = [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"), (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ]

  @Test(arguments: examples)
  func examplesOfTheStandard(original: String, patch: String, result: String) throws {
    let merged = MergePatch.apply(try JSONParser.parse(patch), to: try JSONParser.parse(original))
    #expect(merged == (try JSONParser.parse(result)))
  }
}

@Suite struct JSONSelectorTests {
  private static let document = """
    {"hydros":[{"id":1,"name":"UPPER","generation":{"max":20}},{"id":2,"name":"LOWER","generation":{"max":30}}],"n":4}
    """

  private func edited(_ selector: String, _ patch: JSONValue?, creates: Bool = true) throws -> String {
    let document = try JSONParser.parse(Self.document)
    return try JSONSelector(selector).applying(to: document, creates: creates) { value in
      patch.map { MergePatch.apply($0, to: value) }
    }.document.text()
  }

  @Test func reachesElementsByMemberPositionAndAll() throws {
    #expect(try edited("hydros[id=2].generation", ["max": 31]).contains(#""name":"LOWER","generation":{"max":31}"#))
    #expect(try edited("hydros[name=\"UPPER\"].generation", ["max": 7]).contains(#""max":7}},{"id":2"#))
    #expect(try edited("hydros[0]", ["bus_id": 3]).contains(#"{"max":20},"bus_id":3}"#))
    let all = try edited("hydros[*].generation", ["max": 5])
    #expect(all.ranges(of: #""max":5"#).count == 2)
    #expect(try edited("hydros[+]", ["id": 3]).contains(#"{"max":30}},{"id":3}]"#))
    #expect(try edited("new.part", ["x": 1]).hasSuffix(#""n":4,"new":{"part":{"x":1}}}"#))
  }

  @Test func removesElementsAndKeys() throws {
    #expect(try edited("hydros[*]", nil, creates: false) == #"{"hydros":[],"n":4}"#)
    #expect(try edited("hydros[id=1]", nil, creates: false).hasPrefix(#"{"hydros":[{"id":2"#))
    #expect(try edited("n", nil, creates: false).hasSuffix("]}"))
  }

  @Test(arguments: [
    ("hydros[id=9].generation", "there are 1, 2"), ("hydros[5]", "counted from 0"), ("hydros[id", "not closed"),
    ("hydros[+].x", "last step"), ("n[0]", "no list"), ("hydros.id", "has no keys"), ("hydros[]", "must be"),
    ("a..b", "without a key"),
  ])
  func refusesWhatLeadsNowhere(selector: String, words: String) throws {
    do {
      _ = try edited(selector, ["x": 1])
      Issue.record("\(selector) was accepted")
    } catch let failure as JSONSelector.Failure {
      #expect(failure.sentence.contains(words), "\(failure.sentence)")
    }
  }

  @Test func aMissingKeyIsNamedWithItsNeighbour() throws {
    do {
      _ = try edited("hydro", nil, creates: false)
      Issue.record("it was accepted")
    } catch let failure as JSONSelector.Failure {
      #expect(failure.sentence == "there is no \"hydro\"; did you mean \"hydros\"")
    }
  }
}
