import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Testing

@Suite struct PromptTests {
  @Test func promptsAreListedAndCanBeGot() throws {
    let server = try ServerFixture()
    let listed = try #require(server.request("prompts/list")["result"]?["prompts"]?.array)
    #expect(listed.map { $0["name"] } == ["build_case", "explain_run", "water_value", "price"])
    let got = server.request(
      "prompts/get", ["name": "build_case", "arguments": ["description": "One lake, one gas plant."]])
    let message = try #require(got["result"]?["messages"]?.array?.first)
    #expect(message["role"] == "user")
    #expect(message["content"]?["text"]?.string?.hasSuffix("One lake, one gas plant.") == true)
    let price = server.request("prompts/get", ["name": "price", "arguments": ["bus": "NORTH", "stage": "3"]])["result"]
    let text = price?["messages"]?.array?.first?["content"]?["text"]?.string
    #expect(text?.contains("bus NORTH at stage 3 in the newest run") == true)
    // There is no run that could be explained.
    let none = server.request("prompts/get", ["name": "explain_run"])["error"]
    #expect(none?["code"] == -32602)
    #expect(none?["message"]?.string?.contains("train") == true)
  }

  @Test(arguments: [
    #"{"name":"no_such"}"#, "{}", #"{"name":"echo"}"#, #"{"name":"echo","arguments":[]}"#,
    #"{"name":"echo","arguments":{"word":1}}"#, #"{"name":"echo","arguments":{"word":"x","other":"y"}}"#,
  ])
  func wrongRequestsAreInvalidParams(params: String) {
    let answer = DispatcherHarness().answer(#"{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":\#(params)}"#)
    #expect(answer["error"]?["code"] == -32602)
  }

  @Test func capabilitiesNameWhatIsServed() {
    let answer = DispatcherHarness().answer(
      #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#)
    #expect(
      answer["result"]?["capabilities"]
        == ["tools": ["listChanged": true], "resources": [:], "prompts": [:], "completions": [:]])
  }
}
