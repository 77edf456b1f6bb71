package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `explain_violation`: why a deficit or a missed limit was unavoidable.
package struct ExplainViolationTool: Tool {
  let runs: RunService

  package let name = "explain_violation"
  package let title = "Why is there a deficit or a limit missed"

  package var description: String {
    """
    Say why a deficit (unserved load) or a missed limit could not be avoided: the limits that prove it, what one unit more of \
    each changes, what was a choice of the policy. Reads only.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }
  package func patience(_ arguments: Arguments) -> Double { OutsideCalls.longer }

  package var parameters: [Parameter] { [RunArgument.parameter] + ReplayArguments.parameters }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "summary": Schema.list(of: ["type": "string"], "The answer in sentences"),
        "missed": ["type": "object", "description": "All that is missed, by mean cost"],
        "worst": ["type": "object", "description": "The dearest single case and how much of it was unavoidable"],
        "limits": ["type": "object", "description": "Limits that prove it"], "next": Schema.text("What to do next"),
      ], required: ["run_id", "summary", "missed", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    return try runs.answer(
      .violation(ReplayArguments.scope(arguments)), runIDs: [run.runID],
      isCancelled: { context.handle.shouldStopWaiting })
  }
}
