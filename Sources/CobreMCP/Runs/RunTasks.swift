package import CobreBase
internal import CobreEngine
internal import CobreRuns
internal import Foundation

/// Runs as tasks, each stretch of a run one: the first has the id of the run, one that `resume` began has a number
/// behind it.
///
/// A task that has ended stays as it is: what goes on after a resume is a task of its own.
package struct RunTasks: TaskStore {
  let runs: RunService
  let maximumWait: Double

  package func task(_ id: String) throws -> TaskState? {
    guard let (runID, number) = Self.parts(id), let run = try runs.snapshot(runID: runID) else { return nil }
    let episodes = try episodes(runID)
    guard number <= max(1, episodes.count) else { return nil }
    let began = number <= episodes.count ? Timestamp.text(episodes[number - 1].beganAt) : run.createdAt
    if number < episodes.count { return former(run, episodes[number - 1], id: id, began: began, next: number + 1) }
    return present(run, id: id, began: began)
  }

  /// The stretch of a run that goes on, or was the last one.
  private func present(_ run: RunSnapshot, id: String, began: String) -> TaskState {
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
      id: id, status: status, message: message, createdAt: began,
      updatedAt: run.endedAt ?? Date.now.formatted(.iso8601), result: result)
  }

  /// A stretch after which the run was resumed.
  private func former(_ run: RunSnapshot, _ episode: RunEpisode, id: String, began: String, next: Int) -> TaskState {
    let state = episode.endState ?? .interrupted
    let following = Self.id(run.runID, next)
    let message = "\(state.rawValue); the run was resumed as the task \(following)"
    var result: JSONObject?
    if state != .cancelled {
      result = ToolResult.success([
        "run_id": .string(run.runID), "state": .string(state.rawValue),
        "next": .string("The run was resumed: the task \(following) goes on. Call status for how it is now."),
      ])
      if state != .succeeded { result?["isError"] = true }
    }
    return TaskState(
      id: id, status: state == .cancelled ? .cancelled : .completed, message: message, createdAt: began,
      updatedAt: episode.endedAt.map { Timestamp.text($0) } ?? began, result: result)
  }

  package func cancel(_ id: String) throws -> Bool {
    guard let (runID, number) = Self.parts(id), try runs.snapshot(runID: runID) != nil else { return false }
    let count = try episodes(runID).count
    guard number <= max(1, count) else { return false }
    // A task that has ended is left alone, although the run goes on as another one.
    if number == max(1, count) { _ = try runs.cancel(runID: runID) }
    return true
  }

  package func task(for result: JSONObject, of tool: String) -> TaskState? {
    guard ["train", "simulate", "resume"].contains(tool), let runID = result["run_id"]?.string,
      let state = result["state"]?.string.flatMap({ RunState(rawValue: $0) }), !state.isFinal
    else { return nil }
    guard let count = try? episodes(runID).count else { return nil }
    return try? task(Self.id(runID, max(1, count)))
  }

  /// The stretches of a run, or none if its database cannot be read, which `status` reports.
  private func episodes(_ runID: String) throws -> [RunEpisode] {
    do {
      return try runs.episodes(runID: runID)
    } catch let error as RunError where error.code == .storage {
      return []
    }
  }

  private static func id(_ runID: String, _ number: Int) -> String { number == 1 ? runID : "\(runID).\(number)" }

  /// The run and the number of a stretch that an id names.
  private static func parts(_ id: String) -> (runID: String, number: Int)? {
    let parts = id.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let runID = parts.first, RunIdentifier.isValid(runID), parts.count <= 2 else { return nil }
    guard parts.count == 2 else { return (runID, 1) }
    guard let number = Int(parts[1]), number >= 2, String(number) == parts[1] else { return nil }
    return (runID, number)
  }
}
