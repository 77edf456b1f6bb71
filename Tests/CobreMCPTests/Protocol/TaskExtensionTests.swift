import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Testing

@Suite struct TaskExtensionTests {
  private static let version = #""io.modelcontextprotocol/protocolVersion":"2026-07-28""#
  private static let declared =
    #""_meta":{\#(version),"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}"#
  private static let undeclared = #""_meta":{\#(version),"io.modelcontextprotocol/clientCapabilities":{}}"#

  private static func call(_ meta: String, value: Int = 9) -> JSONValue {
    DispatcherHarness().answer(
      #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"value":\#(value)},\#(meta)}}"#
    )
  }

  @Test func clientThatDeclaresTasksGetsOneForWhatGoesOn() {
    let result = Self.call(Self.declared)["result"]
    #expect(result?["resultType"] == "task")
    #expect(result?["taskId"] == "t")
    #expect(result?["status"] == "working")
    #expect((result?["ttlMs"]?.int ?? 0) > 0)
    #expect((result?["pollIntervalMs"]?.int ?? 0) > 0)
    #expect(result?["result"] == nil)
    #expect(result?["content"] == nil)
    #expect(Self.call(Self.declared, value: 8)["result"]?["resultType"] == "complete")
  }

  @Test func otherClientsGetTheUsualResult() {
    #expect(Self.call(Self.undeclared)["result"]?["structuredContent"]?["value"] == 9)
    #expect(Self.call(#""x":1"#)["result"]?["structuredContent"]?["value"] == 9)
  }

  /// A call that computes in the server is a task at once, before it has done anything.
  @Test func longCallsAreHandedOverAtOnce() {
    let harness = DispatcherHarness()
    let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow",\#(Self.declared)}}"#
    let handed = harness.answer(call)["result"]
    #expect(handed?["resultType"] == "task" && handed?["status"] == "working" && handed?["taskId"] == "slow")
    #expect(handed?["pollIntervalMs"] == 500)
    let get = #"{"jsonrpc":"2.0","id":2,"method":"tasks/get","params":{"taskId":"slow",\#(Self.declared)}}"#
    #expect(harness.answer(get)["error"]?["code"] == -32602)
    harness.gate.open()
    var task = JSONValue.null
    for _ in 0..<500 where task["result"] == nil {
      usleep(10_000)
      task = harness.answer(get)
    }
    #expect(task["result"]?["result"]?["structuredContent"]?["value"] == 4)
    // Others wait for the answer itself.
    harness.gate.open()
    let plain = harness.answer(
      #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"slow",\#(Self.undeclared)}}"#)
    #expect(plain["result"]?["structuredContent"]?["value"] == 4)
  }

  @Test func methodsOfTasks() {
    let harness = DispatcherHarness()
    func answer(_ method: String, _ id: String, _ meta: String) -> JSONValue {
      harness.answer(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{"taskId":"\#(id)",\#(meta)}}"#)
    }
    let task = answer("tasks/get", "t", Self.declared)["result"]
    #expect(task?["resultType"] == "complete")
    #expect(task?["status"] == "completed")
    #expect(task?["result"]?["structuredContent"]?["value"] == 9)
    for method in ["tasks/cancel", "tasks/update"] {
      let result = answer(method, "t", Self.declared)["result"]?.object
      #expect(result?.keys.sorted() == ["_meta", "resultType"], "\(method)")
    }
    for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
      #expect(answer(method, "other", Self.declared)["error"]?["code"] == -32602)
      let refused = answer(method, "t", Self.undeclared)["error"]
      #expect(refused?["code"] == -32021)
      #expect(
        refused?["data"]?["requiredCapabilities"]?["extensions"]?["io.modelcontextprotocol/tasks"] == [:])
      // Legacy versions never had these methods in this form.
      #expect(answer(method, "t", #""x":1"#)["error"]?["code"] == -32601)
    }
    for method in ["tasks/list", "tasks/result"] {
      #expect(answer(method, "t", Self.declared)["error"]?["code"] == -32601)
    }
    #expect(
      harness.answer(#"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{\#(Self.declared)}}"#)["error"]?["code"]
        == -32602)
  }
}
