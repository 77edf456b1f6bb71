import CobreMCP
import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

@Suite struct RunTaskTests {
  private static let meta: JSONValue = [
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": ["extensions": ["io.modelcontextprotocol/tasks": [:]]],
  ]

  private func task(_ server: ServerFixture, _ id: String) -> JSONValue {
    server.request("tasks/get", ["taskId": .string(id), "_meta": Self.meta])
  }

  private func stored(_ server: ServerFixture, _ state: RunState) throws -> (id: String, store: RunStore) {
    let run = try StoredRun(
      in: server.runsDirectory, template: .cascade, caseDirectory: server.allowed + "/case", iterations: 1,
      scenarios: 0,
      state: state)
    return (run.id, try RunStore.open(server.runsDirectory + "/\(run.id)/run.sqlite"))
  }

  /// Lets a run go on, under this process: one without a supervisor would be started by the next look.
  private func resume(_ store: RunStore, at time: Double) throws {
    try store.enqueue(at: time)
    try store.noteLaunch(ProcessTable.current())
  }

  /// A task that has ended stays as it is when its run is resumed; what goes on is another one.
  @Test(arguments: [(RunState.cancelled, "cancelled"), (.failed, "completed")])
  func endedTasksStayEndedWhenTheRunIsResumed(state: RunState, status: String) throws {
    let server = try ServerFixture()
    let (id, store) = try stored(server, state)
    let before = task(server, id)["result"]
    #expect(before?["status"] == .string(status))
    try resume(store, at: 10)
    let after = task(server, id)["result"]
    #expect(after?["status"] == .string(status) && after?["taskId"] == .string(id))
    #expect(after?["lastUpdatedAt"] == before?["lastUpdatedAt"])
    #expect((after?["result"] == nil) == (status == "cancelled"))
    if status == "completed" { #expect(after?["result"]?["isError"] == true) }
    #expect(task(server, id + ".2")["result"]?["status"] == "working")
    try store.finish(.succeeded, elapsed: 1, at: 12)
    #expect(task(server, id)["result"]?["status"] == .string(status))
    let second = task(server, id + ".2")["result"]
    #expect(second?["status"] == "completed" && second?["result"]?["isError"] == false)
    #expect(second?["result"]?["structuredContent"]?["state"] == "succeeded")
    // Stretches that have not been are unknown, as are other spellings.
    for wrong in [id + ".3", id + ".1", id + ".02", id + ".", id + ".2.1", "run_x"] {
      #expect(task(server, wrong)["error"]?["code"] == -32602, "\(wrong)")
    }
  }

  @Test func anEndThatNobodyWroteDownIsAnInterruption() throws {
    let server = try ServerFixture()
    let (id, store) = try stored(server, .running)
    try resume(store, at: 20)
    #expect(try store.episodes().map(\.endState) == [.interrupted, nil])
    #expect(try store.episodes().first?.endedAt == 20)
    let former = task(server, id)["result"]
    #expect(former?["status"] == "completed" && former?["result"]?["structuredContent"]?["state"] == "interrupted")
  }

  @Test func cancellingAnEndedTaskLeavesTheResumedRunAlone() throws {
    let server = try ServerFixture()
    let (id, store) = try stored(server, .cancelled)
    #expect(task(server, id)["result"]?["status"] == "cancelled")
    try resume(store, at: 10)
    let reply = server.request("tasks/cancel", ["taskId": .string(id), "_meta": Self.meta])
    #expect(reply["result"]?["resultType"] == "complete")
    #expect(task(server, id + ".2")["result"]?["status"] == "working")
  }
}

@Suite struct CallTaskTests {
  private func directory() -> String {
    FileManager.default.temporaryDirectory.path + "/cobre-tasks-" + UUID().uuidString
  }

  private func handle() -> CallHandle { CallHandle(path: .nowhere, onRelease: {}, onEnd: {}) }

  @Test func everyServerOfTheDirectoryAnswersForATask() throws {
    let place = directory()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let tasks = CallTasks(runsDirectory: place, isReadOnly: false)
    let begun = try #require(tasks.begin(tool: "report", handle: handle()))
    #expect(begun.status == .working)
    let other = CallTasks(runsDirectory: place, isReadOnly: true)
    #expect(try other.task(begun.id)?.status == .working)
    #expect(tasks.end(begun.id, result: ToolResult.success(["value": 3]), successor: nil))
    let ended = try #require(try other.task(begun.id))
    #expect(ended.status == .completed && ended.result?["structuredContent"]?["value"] == 3)
    // What came first stays.
    #expect(try tasks.cancel(begun.id))
    #expect(try other.task(begun.id)?.status == .completed)
    for wrong in ["call_x", "call_../../x", begun.id + "x", ""] { #expect(try tasks.task(wrong) == nil) }
    #expect(CallTasks(runsDirectory: place, isReadOnly: true).begin(tool: "report", handle: handle()) == nil)
  }

  @Test func aCancelledTaskKeepsNoResult() throws {
    let place = directory()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let tasks = CallTasks(runsDirectory: place, isReadOnly: false)
    let handle = handle()
    let begun = try #require(tasks.begin(tool: "report", handle: handle))
    #expect(try tasks.cancel(begun.id))
    #expect(handle.shouldStopWaiting)
    #expect(!tasks.end(begun.id, result: ToolResult.success(["value": 3]), successor: nil))
    let ended = try #require(try tasks.task(begun.id))
    #expect(ended.status == .cancelled && ended.result == nil)
  }

  @Test func aTaskWhoseServerIsGoneSaysSo() throws {
    let place = directory()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let tasks = CallTasks(runsDirectory: place, isReadOnly: false)
    let begun = try #require(tasks.begin(tool: "report", handle: handle()))
    let path = "\(place)/.tasks/\(begun.id).json"
    var record = try #require(try JSONParser.parse(try AtomicFile.read(path, limit: 1 << 20)).object)
    record["start"] = "1"
    try AtomicFile.write(JSONValue.object(record).serialized(), to: path)
    let lost = try #require(try tasks.task(begun.id))
    #expect(lost.status == .completed && lost.result?["isError"] == true)
    _ = tasks.end(begun.id, result: ToolResult.success(["value": 3]), successor: nil)
    #expect(try tasks.task(begun.id)?.result?["isError"] == true)
  }
}
