package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `delete_run`: removes a run that has ended, with all that it has learnt.
package struct DeleteRunTool: Tool {
  let runs: RunService

  package let name = "delete_run"
  package let title = "Delete a run"

  package var description: String {
    """
    Delete a run that has ended, with its bounds, cuts, results and logs; this cannot be undone. A run that is \
    still on its way is refused: cancel it first. Use it to free disk space or a run_name. Call list_runs for what \
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

  package func question(_ arguments: Arguments) -> String? {
    // What cannot be deleted is refused without a question.
    guard let run = (try? runs.snapshot(runID: arguments.text("run_id"))) ?? nil, run.state.isFinal else { return nil }
    let name = run.runName.map { " (\($0))" } ?? ""
    return
      "Delete the run \(run.runID)\(name) of \(run.caseDirectory) with \(run.iteration) iterations, its results and logs?"
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let runID = try runs.identify(arguments.text("run_id") ?? "")
    try context.change.begin()
    try runs.delete(runID: runID)
    return ["run_id": .string(runID), "deleted": true, "next": "Call list_runs for the runs that are left."]
  }
}
