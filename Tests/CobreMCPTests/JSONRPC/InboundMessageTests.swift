import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Testing

@Suite struct InboundMessageTests {
  private static func message(_ text: String) throws -> InboundMessage {
    InboundMessage(try JSONParser.parse(text))
  }

  @Test(arguments: [
    (#"7"#, RequestID.integer(7)),
    (#""7""#, RequestID.string("7")),
    (#"-9223372036854775808"#, RequestID.integer(.min)),
    (#""""#, RequestID.string("")),
  ])
  func idKeepsTypeAndValue(text: String, expected: RequestID) throws {
    guard case .request(let id, "m", _) = try Self.message(#"{"jsonrpc":"2.0","id":\#(text),"method":"m"}"#) else {
      Issue.record("not a request")
      return
    }
    #expect(id == expected)
    #expect(id.json.text() == text)
  }

  @Test(arguments: [
    (#"5"#, nil as RequestID?),
    (#"{"id":1,"method":"m"}"#, .integer(1)),
    (#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, .integer(1)),
    (#"{"jsonrpc":"2.0","id":1}"#, .integer(1)),
    (#"{"jsonrpc":"2.0","id":1,"method":5}"#, .integer(1)),
    (#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, nil),
    (#"{"jsonrpc":"2.0","id":1.5,"method":"m"}"#, nil),
    (#"{"jsonrpc":"2.0","id":1.0,"method":"m"}"#, nil),
    (#"{"jsonrpc":"2.0","id":[1],"method":"m"}"#, nil),
  ])
  func malformedMessageIsRefusedWithTheIDWhereThereIsOne(text: String, expected: RequestID?) throws {
    guard case .invalid(let id, let error) = try Self.message(text) else {
      Issue.record("accepted")
      return
    }
    #expect(id == expected)
    #expect(error.code == .invalidRequest)
  }

  @Test func parametersMustBeAnObject() throws {
    guard
      case .invalid(.integer(1)?, let error) = try Self.message(#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#)
    else {
      Issue.record("accepted")
      return
    }
    #expect(error.code == .invalidParams)
    guard case .notification = try Self.message(#"{"jsonrpc":"2.0","method":"m","params":[1]}"#) else {
      Issue.record("a notification must not be answered")
      return
    }
  }

  @Test func responseIsPassedOver() throws {
    guard case .response = try Self.message(#"{"jsonrpc":"2.0","id":1,"result":{}}"#) else {
      Issue.record("not seen as a response")
      return
    }
  }
}
