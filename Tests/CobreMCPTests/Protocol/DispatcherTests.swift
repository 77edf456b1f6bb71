import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Testing

@Suite struct DispatcherTests {
  @Test func malformedLinesAreAnsweredAndServingGoesOn() {
    let harness = DispatcherHarness()
    for (line, code) in [
      ("{bad json", -32700), ("\u{0}", -32700), ("{\"a\":1e400}", -32700), ("[]", -32600), ("17", -32600),
      (String(repeating: "[", count: 65) + String(repeating: "]", count: 65), -32700),
    ] as [(String, Int64)] {
      let answer = harness.answer(line)
      #expect(answer["error"]?["code"] == .int(code), "\(line.prefix(20))")
      #expect(answer["id"] == .null)
      #expect(answer["jsonrpc"] == "2.0")
    }
    let before = harness.messages(atLeast: 0).count
    harness.receive(.bytes([0x7B, 0xFF, 0x7D]))
    harness.receive(.tooLong)
    let answers = harness.messages(atLeast: before + 2).dropFirst(before)
    #expect(answers.map { $0["error"]?["code"] } == [-32700, -32600])
    #expect(harness.answer(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)["result"] == [:])
  }

  @Test func nothingIsAnsweredToNotificationsResponsesAndEmptyLines() {
    let harness = DispatcherHarness()
    for line in [
      "", "  \r", #"{"jsonrpc":"2.0","method":"no/such"}"#, #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#,
      #"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo"}}"#,
      #"{"jsonrpc":"2.0","method":"x","params":[]}"#, #"{"jsonrpc":"2.0","id":4,"result":{}}"#,
    ] {
      harness.receive(line)
    }
    let pong = harness.answer(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
    #expect(pong == ["jsonrpc": "2.0", "id": 1, "result": [:]])
    #expect(harness.messages(atLeast: 0).count == 1)
  }

  @Test func toolAnswersInBothForms() throws {
    let answer = DispatcherHarness().answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"value":"3"}}}"#)
    let result = try #require(answer["result"])
    #expect(result["structuredContent"] == ["value": 3, "word": "red"])
    let text = try #require(result["content"]?.array?.first?["text"]?.string)
    #expect(try JSONParser.parse(text) == result["structuredContent"])
    #expect(result["isError"] == false)
    #expect(result["resultType"] == nil)
  }

  @Test func badArgumentsAreAResultThatNamesThemAll() throws {
    let answer = DispatcherHarness().answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"vale":3,"word":"blue"}}}"#)
    #expect(answer["result"]?["isError"] == true)
    #expect(answer["result"]?["structuredContent"] == nil)
    let text = try #require(answer["result"]?["content"]?.array?.first?["text"]?.string)
    #expect(text.contains("Did you mean `value`?"))
    #expect(text.contains("`word` must be one of red, green; you sent \"blue\"."))
    #expect(text.contains("`value` is required"))
  }

  @Test func idInFlightIsRefusedAndOthersAreServedMeanwhile() {
    let harness = DispatcherHarness()
    harness.receive(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait_at_gate"}}"#)
    #expect(harness.gate.waitForEntry())
    let duplicate = harness.answer(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)
    #expect(duplicate["error"]?["code"] == -32600)
    // The same digits as text are another id.
    #expect(harness.answer(#"{"jsonrpc":"2.0","id":"1","method":"ping"}"#)["result"] == [:])
    harness.gate.open()
    // The late notification and the result.
    let all = harness.messages(atLeast: 4)
    #expect(all.last?["id"] == 1)
    #expect(all.last?["result"]?["isError"] == false)
    #expect(harness.answer(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#)["result"] == [:])
  }

  @Test func laboriousCallsTakeTurnsAndHoldUpNoOthers() {
    let harness = DispatcherHarness()
    func call(_ tool: String, _ id: Int) {
      harness.receive(
        #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":{"value":1}}}"#)
    }
    func labor(_ id: Int) {
      harness.receive(#"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"labor"}}"#)
    }
    for id in 1...3 { labor(id) }
    #expect(harness.gate.waitForEntry())
    // One works, the others wait for it. What is sent after them all is answered meanwhile.
    call("echo", 4)
    #expect(harness.messages(atLeast: 1).map { $0["id"] } == [4])
    for done in 1...3 {
      harness.gate.open()
      #expect(harness.messages(atLeast: 1 + done).last?["id"] == .int(Int64(done)))
      if done < 3 { #expect(harness.gate.waitForEntry()) }
    }
  }

  @Test func cancelledCallSendsNothingMore() {
    let harness = DispatcherHarness()
    harness.receive(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait_at_gate","_meta":{"progressToken":"t"}}}"#)
    #expect(harness.gate.waitForEntry())
    let progress = harness.messages(atLeast: 1)
    #expect(progress.first?["params"]?["progressToken"] == "t")
    harness.receive(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"x"}}"#)
    harness.gate.open()
    Thread.sleep(forTimeInterval: 0.1)
    #expect(harness.messages(atLeast: 0).count == 1)
    #expect(!harness.calls.contains(.integer(1)))
  }

  @Test func closingEndsWaitsAndStillReplies() {
    let harness = DispatcherHarness()
    harness.receive(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait_at_gate"}}"#)
    #expect(harness.gate.waitForEntry())
    let gate = harness.gate
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.05)
      gate.open()
    }
    harness.calls.drain(until: Date(timeIntervalSinceNow: 5))
    let result = harness.messages(atLeast: 2).last?["result"]
    #expect(result?["structuredContent"]?["stopped"] == true)
  }

  @Test func batchesBelongToOneVersion() {
    let harness = DispatcherHarness()
    let batch =
      #"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"x"},7,"#
      + #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"value":1}}}]"#
    #expect(harness.answer(batch)["error"]?["code"] == -32600)
    _ = harness.answer(
      #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26"}}"#)
    let replies = harness.answer(batch).array ?? []
    #expect(replies.count == 3)
    #expect(replies.compactMap { $0["id"]?.int }.sorted() == [1, 2])
    #expect(replies.contains { $0["error"]?["code"] == -32600 && $0["id"] == .null })
    let sent = harness.messages(atLeast: 0).count
    harness.receive(#"[{"jsonrpc":"2.0","method":"x"}]"#)
    #expect(harness.answer(#"{"jsonrpc":"2.0","id":9,"method":"ping"}"#)["id"] == 9)
    #expect(harness.messages(atLeast: 0).count == sent + 1)
  }
}
