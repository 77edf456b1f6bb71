package import CobreEngine

/// `resume`: lets a run that did not end well go on from its last completed iteration.
package struct ResumeTool: Tool {
  let runs: RunService
  let maximumWait: Double

  package let name = "resume"
  package let title = "Resume a run"

  package var description: String {
    """
    Let an interrupted, failed or cancelled run go on from its last completed iteration, with the request it was started \
    with; it ends with the same figures as if nothing had happened. Waits at most wait_seconds for the end. Refused where \
    the files of the case have changed since. Call status next.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)

  package var parameters: [Parameter] {
    [
      Parameter("run_id", .name, required: true, "Handle from train or list_runs."),
      Parameter(
        "wait_seconds", .number(0...maximumWait), default: .double(min(20, maximumWait)),
        "How long to wait for the end before returning what is known, in seconds. 0 returns at once."),
    ]
  }

  package var outputSchema: JSONObject {
    var properties = RunView.summarySchema
    properties["waited_seconds"] = Schema.number("Time this call waited")
    return Schema.object(properties, required: ["run_id", "state", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let resumed = try runs.resume(runID: arguments.text("run_id") ?? "")
    context.turn.settle()
    let (run, waited) = try BoundedWait(runs: runs)
      .wait(resumed, seconds: arguments.number("wait_seconds") ?? 0, context)
    var result = RunView.summary(run)
    result["waited_seconds"] = .seconds(waited)
    result["next"] = .string(RunAdvice.next(run, maximumWait: maximumWait))
    return result
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
