package import CobreBase
internal import CobreEngine
internal import CobreRuns
internal import Foundation
internal import Synchronization

/// Tasks of calls that compute in the server itself, such as a report, or that take their time before a run is there,
/// such as the estimate before a training with a budget: kept as files, so that any later server answers for them.
///
/// Each has a file that says who computes it, and another one that says how it ended. The latter is only ever made,
/// never replaced: whichever comes first, result or cancellation, stays.
package final class CallTasks: TaskStore {
  private let directory: String
  private let isReadOnly: Bool
  /// Calls of this process that still compute, by the id of their task.
  private let handles = Mutex<[String: CallHandle]>([:])

  private static let prefix = "call_"
  private static let lifetimeSeconds = 604_800.0
  private static let maximumBytes = 4 << 20
  /// These end in seconds, so that a client may ask more often than for a run.
  private static let pollMilliseconds: Int64 = 500

  package init(runsDirectory: String, isReadOnly: Bool) {
    directory = runsDirectory + "/.tasks"
    self.isReadOnly = isReadOnly
  }

  /// Enters a call as a task; nil where none can be kept, and the call is answered as usual.
  package func begin(tool: String, handle: CallHandle) -> TaskState? {
    guard !isReadOnly else { return nil }
    let id = Self.prefix + RunIdentifier.make().dropFirst("run_".count)
    let now = Clocks.wall()
    let process = ProcessTable.current()
    let record: JSONValue = [
      "tool": .string(tool), "created_at": .double(now), "pid": .int(Int64(process.pid)),
      "start": .string(String(process.start)), "boot_id": .string(process.bootID), "host": .string(process.host),
    ]
    do {
      try Disk.createDirectory(directory)
      removeOld(before: now - Self.lifetimeSeconds)
      try AtomicFile.write(record.serialized(), to: path(id))
    } catch {
      return nil
    }
    handles.withLock { $0[id] = handle }
    return state(id, tool: tool, created: now, updated: now)
  }

  /// Keeps the result of a task, unless it was cancelled before.
  package func end(_ id: String, result: JSONObject, successor: String?) -> Bool {
    handles.withLock { $0[id] = nil }
    var members: JSONObject = ["status": "completed", "at": .double(Clocks.wall()), "result": .object(result)]
    members["successor"] = successor.map { .string($0) }
    if finish(id, members) { return true }
    // A file that cannot be written is no cancellation.
    return ended(id)?["status"] != "cancelled"
  }

  package func task(_ id: String) throws -> TaskState? {
    guard let record = record(id), let tool = record["tool"]?.string, let created = record["created_at"]?.number else {
      return nil
    }
    if let ended = ended(id) { return state(id, tool: tool, created: created, ended: ended) }
    guard isAlive(record) else {
      // The process may have written the end and gone between the two looks.
      let lost = ToolResult.failure(ToolError("The server that computed this has ended before. Call \(tool) again."))
      let members: JSONObject = ["status": "completed", "at": .double(Clocks.wall()), "result": .object(lost)]
      if !isReadOnly { _ = finish(id, members) }
      return state(id, tool: tool, created: created, ended: ended(id) ?? members)
    }
    return state(id, tool: tool, created: created, updated: Clocks.wall())
  }

  package func cancel(_ id: String) throws -> Bool {
    guard record(id) != nil else { return false }
    _ = finish(id, ["status": "cancelled", "at": .double(Clocks.wall())])
    handles.withLock { $0.removeValue(forKey: id) }?.cancel()
    return true
  }

  package func task(for result: JSONObject, of tool: String) -> TaskState? { nil }

  private func state(_ id: String, tool: String, created: Double, updated: Double) -> TaskState {
    TaskState(
      id: id, status: .working, message: "\(tool) is being computed", createdAt: Timestamp.text(created),
      updatedAt: Timestamp.text(updated), result: nil, pollMilliseconds: Self.pollMilliseconds)
  }

  private func state(_ id: String, tool: String, created: Double, ended: JSONObject) -> TaskState {
    let status = ended["status"]?.string.flatMap { TaskState.Status(rawValue: $0) } ?? .completed
    return TaskState(
      id: id, status: status, message: "\(tool) is \(status.rawValue)", createdAt: Timestamp.text(created),
      updatedAt: Timestamp.text(ended["at"]?.number ?? created), result: ended["result"]?.object,
      pollMilliseconds: Self.pollMilliseconds, successor: ended["successor"]?.string)
  }

  private func path(_ id: String) -> String { "\(directory)/\(id).json" }

  private func endPath(_ id: String) -> String { "\(directory)/\(id).end.json" }

  private func record(_ id: String) -> JSONObject? {
    guard id.hasPrefix(Self.prefix), RunIdentifier.isValid("run_" + id.dropFirst(Self.prefix.count)) else { return nil }
    return object(path(id))
  }

  private func ended(_ id: String) -> JSONObject? { object(endPath(id)) }

  private func object(_ path: String) -> JSONObject? {
    guard let bytes = try? AtomicFile.read(path, limit: Self.maximumBytes) else { return nil }
    return (try? JSONParser.parse(bytes))?.object
  }

  private func isAlive(_ record: JSONObject) -> Bool {
    guard let pid = record["pid"]?.int, let start = record["start"]?.string.flatMap({ UInt64($0) }),
      let bootID = record["boot_id"]?.string, let host = record["host"]?.string
    else { return false }
    // Of another host nothing is known; the lifetime ends its tasks.
    return ProcessTable.isAlive(ProcessIdentity(pid: pid, start: start, bootID: bootID, host: host)) ?? true
  }

  /// Makes the file of the end; false where there is one already.
  private func finish(_ id: String, _ members: JSONObject) -> Bool {
    let fresh = "\(directory)/\(id).\(UInt64.random(in: 0 ... .max)).part"
    guard (try? AtomicFile.write(JSONValue.object(members).serialized(), to: fresh)) != nil else { return false }
    defer { unlink(fresh) }
    return link(fresh, endPath(id)) == 0
  }

  private func removeOld(before limit: Double) {
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return }
    for name in entries where name.hasPrefix(Self.prefix) {
      var status = stat()
      guard stat("\(directory)/\(name)", &status) == 0, Double(status.st_mtim.tv_sec) < limit else { continue }
      unlink("\(directory)/\(name)")
    }
  }
}

/// Several stores as one.
///
/// The id of a task shows which store it belongs to.
package struct JoinedTasks: TaskStore {
  let stores: [any TaskStore]

  package init(_ stores: [any TaskStore]) { self.stores = stores }

  package func task(_ id: String) throws -> TaskState? {
    for store in stores {
      guard let task = try store.task(id) else { continue }
      guard let next = task.successor, next != id else { return task }
      // A successor that is gone leaves what the call had answered.
      guard var going = try successor(next) else { return task }
      (going.id, going.createdAt) = (task.id, task.createdAt)
      going.message = "\(next): \(going.message)"
      return going
    }
    return nil
  }

  /// The task as which another one goes on; that is the last one.
  private func successor(_ id: String) throws -> TaskState? {
    for store in stores { if let task = try store.task(id) { return task } }
    return nil
  }

  package func cancel(_ id: String) throws -> Bool {
    for store in stores {
      if let next = try store.task(id)?.successor, next != id {
        for other in stores where try other.cancel(next) { return true }
      }
      if try store.cancel(id) { return true }
    }
    return false
  }

  package func task(for result: JSONObject, of tool: String) -> TaskState? {
    stores.lazy.compactMap { $0.task(for: result, of: tool) }.first
  }

  package func begin(tool: String, handle: CallHandle) -> TaskState? {
    stores.lazy.compactMap { $0.begin(tool: tool, handle: handle) }.first
  }

  package func end(_ id: String, result: JSONObject, successor: String?) -> Bool {
    var isKept = true
    for store in stores { isKept = store.end(id, result: result, successor: successor) && isKept }
    return isKept
  }
}
