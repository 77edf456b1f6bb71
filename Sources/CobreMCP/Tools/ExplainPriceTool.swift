package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `explain_price`: what sets the price at a bus.
package struct ExplainPriceTool: Tool {
  let runs: RunService

  package let name = "explain_price"
  package let title = "Why is the price what it is"

  package var description: String {
    """
    Say what sets the price (marginal cost) at a bus in a stage: causes by share of scenarios, the price as a sum of parts from \
    water value to $/MWh, full lines, what ends it. Reads only.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }
  package func patience(_ arguments: Arguments) -> Double { OutsideCalls.longer }

  package var parameters: [Parameter] {
    [
      RunArgument.parameter,
      Parameter("bus", .element, "Id or name. Default: the first."),
      Parameter("stage", .integer(0...100_000), "From 0. Default: 0."),
      Parameter("date", .text(maximumLength: 10), "Instead of stage, e.g. 2027-05."),
      Parameter("block", .integer(0...10_000), "From 0. Default: all."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "mean_price": Schema.optionalNumber("$/MWh"),
        "summary": Schema.list(of: ["type": "string"], "The answer in sentences"),
        "causes": ["type": "object", "description": "Share of scenarios by what weighs most in the price"],
        "parts": ["type": "object", "description": "Mean parts of the price; they add up to it"],
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "mean_price", "summary", "causes", "parts", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    let request = PriceExplanation.Request(
      bus: arguments.text("bus"), stage: arguments.integer("stage"), date: arguments.text("date"),
      block: arguments.integer("block"))
    return try runs.answer(.price(request), runIDs: [run.runID], isCancelled: { context.handle.shouldStopWaiting })
  }
}
