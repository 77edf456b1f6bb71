package import CobreEngine

/// `delete_run`: removes a run that has ended, with all that it has learnt.
package struct DeleteRunTool: Tool {
  let runs: RunService

  package let name = "delete_run"
  package let title = "Delete a run"

  package var description: String {
    """
    Remove a run that has ended, with its bounds, cuts, results and logs; this cannot be undone. A run that is still on its \
    way is refused: cancel it first and wait for its end. Use it to free disk space or a run_name. Call list_runs for what \
    is left.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: true, idempotent: false)

  package var parameters: [Parameter] {
    [Parameter("run_id", .name, required: true, "Handle from train or list_runs.")]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run that is gone"),
        "deleted": Schema.boolean("Always true; a run that cannot be deleted is an error"),
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "deleted"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let runID = try runs.identify(arguments.text("run_id") ?? "")
    try runs.delete(runID: runID)
    return ["run_id": .string(runID), "deleted": true, "next": "Call list_runs for the runs that are left."]
  }
}
