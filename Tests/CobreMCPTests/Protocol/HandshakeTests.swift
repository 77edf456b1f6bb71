import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Testing

@Suite struct HandshakeTests {
  private static let modernMeta =
    #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#

  @Test(arguments: [
    ("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"),
    ("2025-11-25", "2025-11-25"), ("2026-07-28", "2025-11-25"), ("2099-01-01", "2025-11-25"),
    ("2024-10-07", "2025-11-25"), ("", "2025-11-25"),
  ])
  func initializeAnswersAVersionThatALegacyClientKnows(asked: String, expected: String) {
    let answer = DispatcherHarness().answer(
      #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"\#(asked)"}}"#)
    #expect(answer["result"]?["protocolVersion"] == .string(expected))
    #expect(answer["result"]?["serverInfo"]?["name"] == "cobre-mcp")
    #expect(answer["result"]?["resultType"] == nil)
  }

  @Test func initializeIsAcceptedAfterDiscoverAndAgain() {
    let harness = DispatcherHarness()
    let discovered = harness.answer(
      #"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{\#(Self.modernMeta)}}"#)
    #expect(discovered["result"]?["supportedVersions"] == ["2026-07-28", "2025-11-25"])
    for id in 2...3 {
      let answer = harness.answer(
        #"{"jsonrpc":"2.0","id":\#(id),"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#)
      #expect(answer["result"]?["protocolVersion"] == "2025-06-18")
    }
    let modern = harness.answer(#"{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{\#(Self.modernMeta)}}"#)
    #expect(modern["result"]?["resultType"] == "complete")
  }

  @Test func modernResultsCarryWhatTheVersionRequires() {
    let harness = DispatcherHarness()
    let methods = [
      "server/discover", "tools/list", "resources/list", "resources/templates/list", "prompts/list",
    ]
    for method in methods {
      let result = harness.answer(
        #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(Self.modernMeta)}}"#)["result"]
      #expect(result?["resultType"] == "complete", "\(method)")
      #expect((result?["ttlMs"]?.int ?? -1) >= 0, "\(method)")
      // What there is to read differs from server to server.
      #expect(result?["cacheScope"] == (method == "resources/list" ? "private" : "public"), "\(method)")
      #expect(
        result?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["version"] == .string(engineVersion), "\(method)")
    }
  }

  @Test func legacyListsDoNotCarryModernMembers() {
    let harness = DispatcherHarness()
    for (method, member) in [
      ("tools/list", "tools"), ("resources/list", "resources"), ("resources/templates/list", "resourceTemplates"),
      ("prompts/list", "prompts"),
    ] {
      let result = harness.answer(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)"}"#)["result"]
      #expect(result?[member]?.array != nil, "\(method)")
      #expect(result?.object?.count == 1, "\(method)")
    }
  }

  @Test(arguments: [
    // (request without the outer id, code)
    (#""method":"server/discover""#, -32602),
    (#""method":"server/discover","params":{"_meta":{}}"#, -32602),
    (#""method":"tools/list","params":{"_meta":7}"#, -32602),
    (
      #""method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#, -32602
    ),
    (
      #""method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":{}}}"#, -32602
    ),
    (#""method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":7}}"#, -32602),
    (#""method":"ping","params":{\#(modernMeta)}"#, -32601),
    (#""method":"initialize","params":{"protocolVersion":"2025-11-25",\#(modernMeta)}"#, -32601),
    (#""method":"logging/setLevel","params":{"level":"info",\#(modernMeta)}"#, -32601),
    (#""method":"tasks/list","params":{\#(modernMeta)}"#, -32601),
    (#""method":"initialize","params":{}"#, -32602),
    (#""method":"no/such""#, -32601),
    (#""method":"tools/list","params":{"cursor":"x"}"#, -32602),
    (#""method":"tools/call","params":{}"#, -32602),
    (#""method":"tools/call","params":{"name":"nope"}"#, -32602),
    (#""method":"tools/call","params":{"name":"echo","arguments":[1]}"#, -32602),
    (#""method":"tools/call","params":{"name":"echo","_meta":{"progressToken":1.5}}"#, -32602),
  ])
  func errorCodes(request: String, code: Int) {
    let answer = DispatcherHarness().answer(#"{"jsonrpc":"2.0","id":"x",\#(request)}"#)
    #expect(answer["error"]?["code"]?.int == code)
    #expect(answer["id"] == "x")
    #expect(answer["result"] == nil)
  }

  @Test(arguments: ["2025-11-25", "2099-01-01"])
  func versionThatIsNotModernIsRefusedWithThoseThatAre(version: String) {
    let answer = DispatcherHarness().answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"\#(version)","io.modelcontextprotocol/clientCapabilities":{}}}}"#
    )
    #expect(answer["error"]?["code"] == -32022)
    #expect(answer["error"]?["data"]?["requested"] == .string(version))
    #expect(answer["error"]?["data"]?["supported"] == ["2026-07-28", "2025-11-25"])
  }
}
