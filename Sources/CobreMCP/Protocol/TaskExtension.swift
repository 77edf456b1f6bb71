package import CobreBase
internal import CobreEngine

/// The extension `io.modelcontextprotocol/tasks` (2026-07-28, SEP-2663) for work that takes longer than a call.
///
/// The handle of a task is the handle that the tools use for the same thing, so that both interfaces can be mixed.
package enum TaskExtension {
  package static let identifier = "io.modelcontextprotocol/tasks"
  package static let methods: Set<String> = ["tasks/get", "tasks/update", "tasks/cancel"]

  /// How long a client may rely on the handle, in milliseconds.
  private static let lifetime: Int64 = 604_800_000

  /// Whether the client of this request understands tasks.
  package static func isDeclared(_ envelope: RequestEnvelope) -> Bool {
    envelope.isModern && envelope.clientCapabilities["extensions"]?[identifier]?.object != nil
  }

  /// The error for a client that asks for tasks without having said that it understands them.
  package static var undeclared: RPCError {
    RPCError(
      .missingClientCapability, "This method needs the client capability \"\(identifier)\".",
      data: ["requiredCapabilities": ["extensions": [identifier: [:]]]])
  }

  /// The state of a task as `tasks/get` answers it, or as the answer to the call that made it.
  package static func json(_ task: TaskState, isNew: Bool) -> JSONObject {
    var members: JSONObject = [
      "resultType": isNew ? "task" : "complete",
      "taskId": .string(task.id),
      "status": .string(task.status.rawValue),
      "statusMessage": .string(task.message),
      "createdAt": .string(task.createdAt),
      "lastUpdatedAt": .string(task.updatedAt),
      "ttlMs": .int(lifetime),
      "pollIntervalMs": .int(task.pollMilliseconds),
    ]
    if let result = task.result { members["result"] = .object(result) }
    return members
  }
}

/// One task in its current state.
package struct TaskState: Sendable {
  package enum Status: String, Sendable {
    case working
    case completed
    case cancelled
  }

  package var id: String
  package var status: Status
  package var message: String
  /// ISO 8601 in UTC, as is `updatedAt`.
  package var createdAt: String
  package var updatedAt: String
  /// The result of the call, once it is completed.
  ///
  /// A failed computation is completed too, with `isError`.
  package var result: JSONObject?
  /// How often a client should ask, in milliseconds.
  package var pollMilliseconds: Int64
  /// The task as which it goes on, whose state is its own from then on; nil for none.
  package var successor: String?

  package init(
    id: String, status: Status, message: String, createdAt: String, updatedAt: String, result: JSONObject?,
    pollMilliseconds: Int64 = 5000, successor: String? = nil
  ) {
    self.successor = successor
    self.id = id
    self.status = status
    self.message = message
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.result = result
    self.pollMilliseconds = pollMilliseconds
  }
}

/// Where tasks are kept.
///
/// Asked on threads that may block.
package protocol TaskStore: Sendable {
  /// The task, or nil if there is none with that id.
  func task(_ id: String) throws -> TaskState?

  /// Asks a task to stop.
  ///
  /// Returns false if there is none with that id. A task that has ended is not changed.
  func cancel(_ id: String) throws -> Bool

  /// The task that continues after this answer of a tool, or nil if the answer is final.
  func task(for result: JSONObject, of tool: String) -> TaskState?

  /// Enters a call that computes in this process as a task of its own; nil where none can be kept.
  func begin(tool: String, handle: CallHandle) -> TaskState?

  /// Keeps the result of such a task.
  ///
  /// - Parameters:
  ///   - id: of the task.
  ///   - result: what the call has answered.
  ///   - successor: the task as which it goes on, such as the run that was started; nil for none.
  /// - Returns: false where the task had been cancelled before.
  func end(_ id: String, result: JSONObject, successor: String?) -> Bool
}

extension TaskStore {
  package func begin(tool: String, handle: CallHandle) -> TaskState? { nil }

  package func end(_ id: String, result: JSONObject, successor: String?) -> Bool { true }
}
