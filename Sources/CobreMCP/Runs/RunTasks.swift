package import CobreEngine
internal import Foundation

/// Runs as tasks: `train` and `simulate` become one where the run goes on after the call, and the task's id is the run's.
package struct RunTasks: TaskStore {
  let runs: RunService
  let maximumWait: Double

  package func task(_ id: String) throws -> TaskState? {
    guard RunIdentifier.isValid(id), let run = try runs.snapshot(runID: id) else { return nil }
    var message = "\(run.state.rawValue), iteration \(run.iteration)/\(run.iterationLimit)"
    if let bound = run.lowerBound { message += ", lower bound \(bound)" }
    let status: TaskState.Status =
      switch run.state {
      case .queued, .starting, .running, .cancelling: .working
      case .cancelled: .cancelled
      case .succeeded, .failed, .interrupted: .completed
      }
    var result: JSONObject?
    if status == .completed {
      var members = RunView.summary(run)
      members["next"] = .string(RunAdvice.next(run, maximumWait: maximumWait))
      result = ToolResult.success(members)
      if run.state != .succeeded { result?["isError"] = true }
    }
    return TaskState(
      id: run.runID, status: status, message: message, createdAt: run.createdAt,
      updatedAt: run.endedAt ?? Date.now.formatted(.iso8601), result: result)
  }

  package func cancel(_ id: String) throws -> Bool {
    guard RunIdentifier.isValid(id), try runs.snapshot(runID: id) != nil else { return false }
    _ = try runs.cancel(runID: id)
    return true
  }

  package func task(for result: JSONObject, of tool: String) -> TaskState? {
    guard tool == "train" || tool == "simulate", let id = result["run_id"]?.string,
      let state = result["state"]?.string.flatMap({ RunState(rawValue: $0) }), !state.isFinal
    else { return nil }
    return try? task(id)
  }
}
