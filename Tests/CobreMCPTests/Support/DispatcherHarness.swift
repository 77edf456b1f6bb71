import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Logging
import Synchronization

/// A dispatcher with tools made for tests, whose messages are gathered.
final class DispatcherHarness: @unchecked Sendable {
  private let condition = NSCondition()
  private var sent: [JSONValue] = []
  let calls = CallTable()
  let gate = Gate()
  private var dispatcher: Dispatcher?

  init() {
    dispatcher = Dispatcher(
      tools: ToolBox([EchoTool(), GateTool(gate: gate), LaborTool(gate: gate), SlowTool(gate: gate)]),
      tasks: FixedTasks(),
      resources: FixedResources(), prompts: PromptStore([EchoPrompt()]), calls: calls, pools: CallPools(busyThreads: 1),
      waitSlots: WaitSlots(count: 4),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      outlet: Outlet { [weak self] message in self?.add(message) })
  }

  /// Hands the text to the dispatcher as one line.
  func receive(_ text: String) {
    dispatcher?.receive(.bytes(Array(text.utf8)))
  }

  func receive(_ line: LineSplitter.Line) {
    dispatcher?.receive(line)
  }

  /// All that was sent, once it is at least so many messages.
  ///
  /// Fewer where that does not happen in time.
  func messages(atLeast count: Int, seconds: Double = 10) -> [JSONValue] {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while sent.count < count && condition.wait(until: deadline) {}
    return sent
  }

  /// The answer to one line that is answered at once.
  func answer(_ text: String) -> JSONValue {
    let before = messages(atLeast: 0).count
    receive(text)
    let all = messages(atLeast: before + 1)
    return all.count > before ? all[before] : .null
  }

  private func add(_ message: JSONValue) {
    condition.lock()
    sent.append(message)
    condition.broadcast()
    condition.unlock()
  }
}

extension Outlet {
  /// Sends everything the same way.
  init(_ send: @escaping @Sendable (JSONValue) -> Void) { self.init(send: send, offer: send) }
}

/// Holds calls until it is opened.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let entered = DispatchSemaphore(value: 0)

  func pass() {
    entered.signal()
    _ = semaphore.wait(timeout: .now() + 10)
  }

  func open() { semaphore.signal() }

  func waitForEntry() -> Bool { entered.wait(timeout: .now() + 10) == .success }
}

/// Returns what it is given.
struct EchoTool: Tool {
  let name = "echo"
  let title = "Echo"
  let description = "Return the argument."
  let parameters = [
    Parameter("value", .integer(1...10), required: true, "A number."),
    Parameter("word", .choice(["red", "green"]), default: "red", "A word."),
  ]
  let annotations = ToolAnnotations.reading
  let outputSchema = Schema.object(["value": Schema.integer("The number")])

  func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    [
      "value": .int(Int64(arguments.integer("value") ?? -1)), "word": .optional(arguments.text("word")),
    ]
  }
}

/// Reports a step, waits at the gate, reports another, returns.
struct GateTool: Tool {
  let gate: Gate
  let name = "wait_at_gate"
  let title = "Wait"
  let description = "Wait until the gate opens."
  let parameters: [Parameter] = []
  let annotations = ToolAnnotations.reading
  let outputSchema = Schema.object([:])

  func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    var progress = ProgressReporter(token: context.envelope.progressToken, handle: context.handle)
    progress.report(step: 1, total: 2, message: "at the gate")
    gate.pass()
    context.handle.notify("late")
    return ["stopped": .bool(context.handle.shouldStopWaiting)]
  }
}

/// Keeps its thread until the gate opens.
struct LaborTool: Tool {
  let gate: Gate
  let name = "labor"
  let title = "Labor"
  let description = "Work until the gate opens."
  let parameters: [Parameter] = []
  let annotations = ToolAnnotations.reading
  func effort(_ arguments: Arguments) -> CallEffort { .computing }
  let outputSchema = Schema.object([:])

  func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    gate.pass()
    return [:]
  }
}

/// Computes until the gate opens, and is a task for clients that know tasks.
struct SlowTool: Tool {
  let gate: Gate
  let name = "slow"
  let title = "Slow"
  let description = "Compute until the gate opens."
  let parameters: [Parameter] = []
  let annotations = ToolAnnotations.reading
  let handsOver = true
  let outputSchema = Schema.object([:])

  func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    gate.pass()
    return ["value": 4]
  }
}

/// One resource, `test://static-text`.
struct FixedResources: ResourceStore {
  private let link = ResourceLink(
    uri: "test://static-text", name: "text", title: "Text", description: "A text.", mimeType: "text/plain")

  func list() throws -> [ResourceLink] { [link] }

  var templates: [ResourceTemplate] { RunResources.templates }

  func read(_ uri: String) throws -> ResourceContents? {
    uri == link.uri
      ? ResourceContents(uri: uri, mimeType: link.mimeType, text: "contents", lifetimeMilliseconds: 7) : nil
  }
}

/// Returns what it is given.
struct EchoPrompt: Prompt {
  let name = "echo"
  let title = "Echo"
  let description = "Say a word."
  let parameters = [PromptParameter("word", required: true, "The word."), PromptParameter("tone", "How to say it.")]

  func messages(_ values: [String: String]) throws -> [JSONValue] {
    [["role": "user", "content": ["type": "text", "text": .string(values["word"] ?? "")]]]
  }
}

/// One task, "t", that the tool `echo` starts when its value is 9.
final class FixedTasks: TaskStore {
  private let results = Mutex<[JSONObject]>([])

  private func state(_ status: TaskState.Status) -> TaskState {
    TaskState(
      id: "t", status: status, message: "message", createdAt: "2026-11-23T21:00:00Z",
      updatedAt: "2026-11-23T21:00:05Z", result: status == .completed ? ToolResult.success(["value": 9]) : nil)
  }

  func task(_ id: String) throws -> TaskState? {
    if id == "slow" {
      guard let result = results.withLock({ $0.first }) else { return nil }
      return TaskState(
        id: "slow", status: .completed, message: "message", createdAt: "2026-11-23T21:00:00Z",
        updatedAt: "2026-11-23T21:00:05Z", result: result)
    }
    return id == "t" ? state(.completed) : nil
  }

  func begin(tool: String, handle: CallHandle) -> TaskState? {
    TaskState(
      id: "slow", status: .working, message: "message", createdAt: "2026-11-23T21:00:00Z",
      updatedAt: "2026-11-23T21:00:00Z", result: nil, pollMilliseconds: 500)
  }

  func end(_ id: String, result: JSONObject, successor: String?) -> Bool {
    results.withLock { $0.append(result) }
    return true
  }

  func cancel(_ id: String) throws -> Bool { id == "t" }

  func task(for result: JSONObject, of tool: String) -> TaskState? {
    tool == "echo" && result["value"] == 9 ? state(.working) : nil
  }
}
