internal import CobreBase
internal import CobreCase
internal import CobreCommunication
internal import CobreEngine
internal import CobreMCP
internal import CobreRuns
internal import Foundation

/// A runs directory, as foreign code works with it.
final class Runs: Sendable {
  let service: RunService
  private let tools: ToolBox

  /// - Parameters:
  ///   - directory: nil for the user's own.
  ///   - worker: path of `cobre-worker`, or nil if no processes are to be started.
  init(directory: String?, worker: String?) {
    // The library may access whatever its process may access: there is no client to restrict.
    let options = ServerOptions(
      runsDirectory: directory, allowedDirectories: ["/"], maximumWaitSeconds: 0, worker: worker ?? "cobre-worker")
    service = RunService(runsDirectory: options.runsDirectory, workerExecutable: options.workerExecutable)
    tools = ToolBox.ofServer(runs: service, paths: options.paths, maximumWait: 0)
  }

  /// What is known of a run at one moment.
  struct News {
    var snapshot: RunSnapshot
    var rows: [ConvergenceRow]
  }

  /// The run when it has ended, when an iteration after `iteration` has been completed, or when the time is over.
  ///
  /// Less than 0 seconds also end the following of the run.
  func wait(runID: String, after iteration: Int, seconds: Double) throws -> News {
    if seconds > 0 {
      let news = try service.news(of: runID, after: iteration, until: .now + .seconds(seconds))
      return News(snapshot: news.snapshot, rows: news.rows)
    }
    service.unfollow(seconds < 0 ? runID : nil)
    guard let snapshot = try service.snapshot(runID: runID) else {
      throw RunError(.unknownRun, "There is no run \(runID) in \(service.runsDirectory).")
    }
    return News(snapshot: snapshot, rows: try service.convergence(runID: runID, since: max(0, iteration)))
  }

  /// Calls a tool of the server.
  func call(tool name: String, with sent: JSONObject) throws -> ToolAnswer {
    guard tools.tool(named: name) != nil else {
      throw Failure(.argument, "There is no tool \"\(name.prefix(80))\".")
    }
    return try tools.answer(name, with: sent)
  }
}

// MARK: Requests

extension Runs {
  private static let options: [RunOption] = [
    .restarts, .simulationDetail.named("keep", help: "What is kept of the simulation."),
  ]
  private static let additions = [StartedRun.name] + options.map { Parameter($0) }

  /// Members of the request for a run in its own processes.
  static let trainParameters = TrainTool.request + additions

  /// Members of the request for a computation in this process.
  static let jobParameters =
    TrainTool.request.filter { !["backend", "num_workers", "hosts"].contains($0.name) } + additions + [
      Parameter("lockstep", .integer(0...1), default: 0, "Whether each iteration waits until it has been seen.")
    ]

  static func request(_ arguments: Arguments) -> RunRequest {
    let path = arguments.text("case_dir") ?? ""
    let request = TrainTool.request(FilePath.resolve(path) ?? path, arguments)
    return arguments.request(request, options: options)
  }

  /// The environment of this process with variables of a group on top.
  static func variables(_ object: JSONObject) throws -> [String: String] {
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in object.members {
      guard name.hasPrefix("COBRE_"), let text = value.string else {
        throw Failure(
          .argument,
          "`environment` must have members COBRE_... with texts as values; \"\(name.prefix(80))\" is not one.")
      }
      variables[name] = text
    }
    return variables
  }
}

// MARK: Answers

extension Runs {
  static func json(_ run: RunSnapshot) -> JSONObject {
    var members = RunView.summary(run)
    members["ended"] = .bool(run.state.isFinal)
    members["directory"] = .string(run.directory)
    members["workers"] = .array(run.ranks.map(worker))
    members["log_tail"] = .array(run.logTail.map { .string($0) })
    members["engine_version"] = .string(run.engineVersion)
    return members
  }

  private static func worker(_ rank: RankRow) -> JSONValue {
    guard var members = RunView.worker(rank).object else { return .null }
    // `ChildProcess.End` writes this sentence.
    let end = rank.message?.firstMatch(of: /(killed by signal|exit code) (\d+)/)
    if let end, let number = Int64(end.output.2) {
      members[end.output.1 == "exit code" ? "exit_code" : "signal"] = .int(number)
    }
    return .object(members)
  }

  static func json(_ row: ConvergenceRow) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { $0.isFinite ? .double($0) : .null } ?? .null }
    return [
      "iteration": .int(Int64(row.iteration)), "lower_bound": number(row.lowerBound),
      "upper_bound": number(row.upperBound), "upper_bound_ci95": number(row.upperBoundHalfWidth),
      "deterministic_upper_bound": number(row.deterministicUpperBound), "gap": number(row.gap),
      "elapsed_seconds": number(row.elapsedSeconds), "forward_seconds": number(row.forwardSeconds),
      "backward_seconds": number(row.backwardSeconds), "communication_seconds": number(row.communicationSeconds),
      "wait_seconds": number(row.waitSeconds), "lp_solves": .int(Int64(row.solves)),
      "retried_solves": .int(Int64(row.retries ?? 0)),
    ]
  }

  static func json(_ outcome: DirectRun.Outcome) -> JSONObject {
    [
      "run_id": .string(outcome.runID), "directory": .string(outcome.directory), "rank": .int(Int64(outcome.rank)),
      "size": .int(Int64(outcome.size)), "backend": .string(outcome.backend.rawValue),
      "stop_reason": .string(outcome.stopReason.rawValue),
      "last": outcome.lastReport.map { json(ConvergenceRow($0)) } ?? .null,
    ]
  }
}
