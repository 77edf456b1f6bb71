package import CobreBase
internal import CobreEngine
package import CobreRuns

/// `resume`: continues a run that did not end well from its last completed iteration.
package struct ResumeTool: StartingTool {
  package let runs: RunService
  package let maximumWait: Double

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
      StartedRun.wait(maximum: maximumWait),
    ]
  }

  package var outputSchema: JSONObject { StartedRun.schema(isNamed: false, required: []) }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let resumed = try runs.resume(runID: arguments.text("run_id") ?? "", beforeChange: context.change.begin)
    return try StartedRun.answer(resumed, arguments, maximumWait: maximumWait, context, runs)
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
