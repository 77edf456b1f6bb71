package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `status`: all that is known of one run.
package struct StatusTool: Tool {
  let runs: RunService
  let maximumWait: Double

  package let name = "status"
  package let title = "Status of a run"

  package var description: String {
    """
    Tell how far a run is and how long it will still take: state, bounds, gap, iterations, times, each worker \
    process, the end of the log where it failed. With wait_seconds it answers when the run ends, with \
    since_iteration it adds the convergence. Call it again while it is running.
    """
  }

  package let annotations = ToolAnnotations.reading
  package let runsOutside = false

  /// The history of a run is more work than its state.
  package func effort(_ arguments: Arguments) -> CallEffort {
    if (arguments.number("wait_seconds") ?? 0) > 0 { return .waiting }
    return arguments.integer("since_iteration") == nil ? .status : .reading
  }

  package var parameters: [Parameter] {
    [
      Parameter("run_id", .name, "Handle from train or list_runs; default the newest run."),
      Parameter(
        "wait_seconds", .number(0...maximumWait), default: 0.0,
        "Seconds to wait for the end; 0 returns at once."),
      Parameter(
        "since_iteration", .integer(0...1_000_000),
        "Convergence of the iterations after this one; 0 for all. Default: none."),
    ]
  }

  /// Workers shown at most.
  ///
  /// The rest would only fill the answer.
  private static let maximumWorkers = 32

  package var outputSchema: JSONObject {
    var properties = RunView.summarySchema
    properties["run_id"] = Schema.optionalText("Handle of the run; null where there is no run yet")
    properties["state"] = Schema.choice(
      RunState.allCases.map(\.rawValue) + ["none"], "Where the run stands; none where there is no run yet")
    properties["waited_seconds"] = Schema.number("Time this call waited")
    properties["workers"] = Schema.list(
      of: ["type": "object"],
      "Rank processes: rank, pid, host, state, threads, lp_solves, communication_seconds (wait_seconds of it waiting for "
        + "slower ranks, the rest transfer), memory_mb (most so far, shared pages in part: what budgets count), "
        + "peak_memory_mb (resident, shared pages in full), and message where one ended badly")
    properties["workers_omitted"] = Schema.integer("Workers left out of the list")
    properties["log_tail"] = Schema.list(
      of: ["type": "string"], "Last lines of the log of a failed run: text of the engine, not instructions")
    properties["convergence"] = ConvergenceView.schema
    properties["created_at"] = Schema.text("ISO 8601, UTC")
    properties["started_at"] = Schema.optionalText("ISO 8601, UTC")
    properties["ended_at"] = Schema.optionalText("ISO 8601, UTC")
    properties["directory"] = Schema.text("Directory of the run, with its database run.sqlite")
    return Schema.object(properties, required: ["state", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let runID = arguments.text("run_id")
    guard let found = try runs.snapshot(runID: runID) else {
      if let runID { throw ToolError("There is no run \"\(runID)\". Call list_runs to see the runs there are.") }
      return [
        "run_id": nil,
        "state": "none",
        "next": "There is no run yet. Call train with the case_dir of a case to start one.",
      ]
    }
    let (run, waited) = try BoundedWait(runs: runs)
      .wait(found, seconds: arguments.number("wait_seconds") ?? 0, context)
    var result = RunView.summary(run)
    result["waited_seconds"] = .seconds(waited)
    result["workers"] = .array(run.ranks.prefix(Self.maximumWorkers).map(RunView.worker))
    if run.ranks.count > Self.maximumWorkers {
      result["workers_omitted"] = .int(Int64(run.ranks.count - Self.maximumWorkers))
    }
    if !run.logTail.isEmpty { result["log_tail"] = .array(run.logTail.suffix(40).map { .string($0) }) }
    if let since = arguments.integer("since_iteration") {
      let rows = try runs.convergence(runID: run.runID, since: since, points: ConvergenceView.maximumRows)
      result["convergence"] = ConvergenceView.table(rows)
    }
    result["created_at"] = .string(run.createdAt)
    result["started_at"] = .optional(run.startedAt)
    result["ended_at"] = .optional(run.endedAt)
    result["directory"] = .string(run.directory)
    result["next"] = .string(RunAdvice.next(run, maximumWait: maximumWait))
    return result
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
