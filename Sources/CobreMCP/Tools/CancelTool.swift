package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `cancel`: the only thing that stops a run.
package struct CancelTool: Tool {
  let runs: RunService
  let maximumWait: Double

  package let name = "cancel"
  package let title = "Cancel a run"

  package var description: String {
    """
    Stop a run at the end of the iteration it computes. What it has learnt is kept and can be read. Returns at \
    once; call status with wait_seconds to see the end.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: true, idempotent: true)
  package let runsOutside = false

  package var parameters: [Parameter] {
    [Parameter("run_id", .name, required: true, "Handle from train or list_runs.")]
  }

  package var outputSchema: JSONObject {
    Schema.object(RunView.summarySchema, required: ["run_id", "state", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try runs.cancel(runID: arguments.text("run_id") ?? "")
    var result = RunView.summary(run)
    result["next"] = .string(RunAdvice.next(run, maximumWait: maximumWait))
    return result
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
