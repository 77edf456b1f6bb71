package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `convergence`: how the bounds of a run have moved.
package struct ConvergenceTool: Tool {
  let runs: RunService
  let maximumWait: Double

  package let name = "convergence"
  package let title = "Convergence of a run"

  package var description: String {
    """
    Show whether a run has converged: lower bound, upper bound with its 95 % interval, gap, time and programs \
    solved by iteration, thinned to at most points rows. Also while the run computes. Call plot for a picture.
    """
  }

  package let annotations = ToolAnnotations.reading
  package let runsOutside = false

  package func effort(_ arguments: Arguments) -> CallEffort { .reading }

  package var parameters: [Parameter] {
    [
      RunArgument.parameter,
      Parameter("points", .integer(2...500), default: 30, "Rows at most."),
      Parameter(
        "since_iteration", .integer(0...1_000_000), default: 0, "Only iterations after this one; 0 for all."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "state": Schema.text("Where the run stands"),
        "convergence": ConvergenceView.schema,
        "last_gain": Schema.optionalNumber(
          "Relative rise of the lower bound over the last tenth of the iterations; near 0 where training has stalled"),
        "stop_reason": Schema.optionalText("Why training ended"),
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "state", "convergence", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    let store = try runs.store(runID: run.runID)
    let rows = try store.convergence(
      since: arguments.integer("since_iteration") ?? 0, points: arguments.integer("points") ?? 30)
    let before = try ConvergenceView.tenthBack(rows).flatMap { try store.convergence(at: $0) }
    return [
      "run_id": .string(run.runID), "state": .string(run.state.rawValue),
      "convergence": ConvergenceView.table(rows),
      "last_gain": .optional(ConvergenceView.gain(from: before, to: rows.last)),
      "stop_reason": .optional(run.stopReason),
      "next": .string(RunAdvice.next(run, maximumWait: maximumWait)),
    ]
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
