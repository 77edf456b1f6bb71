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

  private func outcome(
    of tool: any CallableTool, _ tasks: any TaskStore, after seconds: Double, longest: Double = 60,
    handle: CallHandle? = nil
  ) throws -> HandOver.Outcome {
    let envelope = try RequestEnvelope(method: "tools/call", params: [:], negotiated: .newestLegacy)
    let context = CallContext(
      handle: handle ?? CallHandle(path: .nowhere, onRelease: {}, onEnd: {}), envelope: envelope,
      waitSlots: WaitSlots(count: 1), turn: CallOrder().enter(changesSomething: false))
    return HandOver(tool, tasks, CallTable(), CallPool(), longest: longest).answer(context, after: seconds) { inner in
      let answer = try? tool.answer(Arguments([:], parameters: []), inner)
      return (ToolResult.success(answer?.structured ?? [:]), answer?.structured)
    }
  }

  /// A call that is usually quick is answered when it is, and becomes a task when it is not.
  @Test func lateCallsAreHandedOver() throws {
    let gate = Gate()
    gate.open()
    guard case .answered(let quick) = try outcome(of: SlowTool(gate: gate), FixedTasks(), after: 5) else {
      Issue.record("a quick call became a task")
      return
    }
    #expect(quick.structured == ["value": 4])
    let tasks = FixedTasks()
    let began = ContinuousClock.now
    guard case .task(let task) = try outcome(of: SlowTool(gate: gate), tasks, after: 0.1) else {
      Issue.record("a slow call was waited for")
      return
    }
    #expect(began.duration(to: .now) < .seconds(5))
    #expect(task.id == "slow" && task.status == .working)
    #expect(try tasks.task("slow") == nil)
    gate.open()
    for _ in 0..<500 {
      if try tasks.task("slow") != nil { break }
      usleep(10_000)
    }
    #expect(try tasks.task("slow")?.result?["structuredContent"]?["value"] == 4)
  }

  /// No task can be kept in a directory that is none.
  private static let noTasks = CallTasks(runsDirectory: "/dev/null/none", isReadOnly: false)

  /// Where no task can be kept the answer is waited for beyond the time of the task, and no longer than said.
  @Test func callsThatBecomeNoTaskAreWaitedForWithABound() throws {
    let gate = Gate()
    let opener = Thread {
      usleep(400_000)
      gate.open()
    }
    opener.start()
    guard case .answered(let late) = try outcome(of: SlowTool(gate: gate), Self.noTasks, after: 0.05) else {
      Issue.record("there was a task")
      return
    }
    #expect(late.structured == ["value": 4])
    let shut = Gate()
    defer { shut.open() }
    let began = ContinuousClock.now
    guard case .answered(let given) = try outcome(of: SlowTool(gate: shut), Self.noTasks, after: 0.05, longest: 0.3)
    else {
      Issue.record("there was a task")
      return
    }
    let waited = began.duration(to: .now)
    #expect(waited >= .seconds(0.3) && waited < .seconds(5))
    #expect(given.structured == nil && given.result["isError"] == true)
    let text = given.result["content"]?.array?.first?["text"]?.string ?? ""
    #expect(text.contains("within 1 s") && text.contains("list_runs"), "\(text)")
  }

  /// The time of the task is no longer than the longest wait: nothing waits for either in vain.
  @Test func theLongestWaitEndsAlsoThoseThatWouldBecomeATaskLater() throws {
    let gate = Gate()
    defer { gate.open() }
    let began = ContinuousClock.now
    guard case .task = try outcome(of: SlowTool(gate: gate), FixedTasks(), after: 60, longest: 0.2) else {
      Issue.record("there was no task")
      return
    }
    #expect(began.duration(to: .now) < .seconds(5))
  }

  /// A task that goes on as another one has its state, under its own id; a cancelled one stays cancelled.
  @Test func aTaskGoesOnAsAnother() throws {
    let home = FileManager.default.temporaryDirectory.path + "/cobre-tasks-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: home) }
    let calls = CallTasks(runsDirectory: home, isReadOnly: false)
    let joined = JoinedTasks([FixedTasks(), calls])
    let begun = try #require(calls.begin(tool: "train", handle: CallHandle(path: .nowhere, onRelease: {}, onEnd: {})))
    #expect(try joined.task(begun.id)?.status == .working)
    #expect(calls.end(begun.id, result: ["started": true], successor: "t"))
    let going = try #require(try joined.task(begun.id))
    #expect(going.id == begun.id && going.status == .completed && going.result?["structuredContent"]?["value"] == 9)
    #expect(going.message.hasPrefix("t: "))
    #expect(try joined.cancel(begun.id))
    #expect(try joined.task(begun.id)?.status == .completed)
    // A successor that is gone leaves what the call had answered.
    let other = try #require(calls.begin(tool: "train", handle: CallHandle(path: .nowhere, onRelease: {}, onEnd: {})))
    #expect(calls.end(other.id, result: ["started": true], successor: "gone"))
    #expect(try joined.task(other.id)?.result == ["started": true])
    let third = try #require(calls.begin(tool: "train", handle: CallHandle(path: .nowhere, onRelease: {}, onEnd: {})))
    #expect(try joined.cancel(third.id))
    #expect(!calls.end(third.id, result: ["started": true], successor: "t"))
    #expect(try joined.task(third.id)?.status == .cancelled)
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
