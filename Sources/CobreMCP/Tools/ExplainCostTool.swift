package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `explain_cost`: who pays what in the simulation of a run.
package struct ExplainCostTool: Tool {
  let runs: RunService

  package let name = "explain_cost"
  package let title = "Who pays what"

  package var description: String {
    """
    Say where the cost of a run comes from: by category (thermal, deficit, violations), by plant, bus or limit, and by stage or \
    year. Reads only.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }
  package func patience(_ arguments: Arguments) -> Double { OutsideCalls.longer }

  package var parameters: [Parameter] { [RunArgument.parameter] + ReplayArguments.parameters }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "mean_cost": Schema.optionalNumber("$, discounted"),
        "summary": Schema.list(of: ["type": "string"], "The answer in sentences"),
        "categories": ["type": "object", "description": "Costs by category"],
        "payers": ["type": "object", "description": "The largest costs by plant, bus or limit"],
        "periods": ["type": "object", "description": "Costs by stage or year"],
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "mean_cost", "summary", "categories", "payers", "periods", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    return try runs.answer(
      .cost(ReplayArguments.scope(arguments)), runIDs: [run.runID], isCancelled: { context.handle.shouldStopWaiting })
  }
}
