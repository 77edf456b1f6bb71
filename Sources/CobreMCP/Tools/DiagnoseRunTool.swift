package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `diagnose_run`: why a run is slow, and whether it has converged.
package struct DiagnoseRunTool: Tool {
  let runs: RunService

  package let name = "diagnose_run"
  package let title = "Why is a run slow, has it converged"

  package var description: String {
    """
    Say why a run is slow and whether it has converged: where time went, trend, waiting, retries, cuts, and the options that \
    would help most. Reads only.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] { [RunArgument.parameter] }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "converged": Schema.text("Whether it has converged, with numbers"),
        "findings": Schema.list(of: ["type": "string"], "What stands out"),
        "options": Schema.list(
          of: ["type": "object"], "What would help: option, value, expected_gain (share of training time), reason"),
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "converged", "findings", "options", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    return try RunDiagnosis(try runs.evidence(runID: run.runID), looksAround: true).json
  }
}
