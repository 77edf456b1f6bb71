package import CobreEngine

/// `compare_runs`: several runs side by side.
package struct CompareRunsTool: Tool {
  let runs: RunService

  package let name = "compare_runs"
  package let title = "Compare runs"

  package var description: String {
    """
    Put two to ten runs side by side: the options in which they differ, bounds, gap, iterations, seconds and simulated costs, \
    and whether they computed on the same contents of a case. Use it to judge what another seed, number of iterations or \
    change of the case has brought. Reads only. Call list_runs for the ids.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [Parameter("run_ids", .names(2...10), required: true, "Handles from train or list_runs, two to ten.")]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "same_case": Schema.boolean("Whether all runs computed on the same contents of a case"),
        "differences": [
          "type": "object", "description": "Options that differ: name and the values in order of the runs",
        ],
        "runs": Schema.list(
          of: ["type": "object"],
          "Figures of each run, in the order asked for; money in $, mean_cost from the simulation"),
        "next": Schema.text("What to do next"),
      ], required: ["same_case", "differences", "runs", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let ids = try arguments.names("run_ids").map { try runs.identify($0) }
    guard Set(ids).count == ids.count else { throw ToolError("`run_ids` names a run twice; name each run once.") }
    let entries = try ids.map { id in
      guard let run = try runs.snapshot(runID: id) else {
        throw ToolError("There is no run \"\(id)\". Call list_runs to see the runs there are.")
      }
      return RunComparison.Entry(run: run, manifest: try runs.manifest(runID: id))
    }
    let isSame = RunComparison.isSameCase(entries)
    let isEnded = entries.allSatisfy { $0.run.state.isFinal }
    return [
      "same_case": .bool(isSame),
      "differences": .object(RunComparison.differences(entries)),
      "runs": .array(entries.map(RunComparison.figures)),
      "next": .string(
        (Set(entries.map(\.run.bounds)).count > 1
          ? "The bounds are bounds of different costs (see bounds of each run), so only simulated costs can be compared. "
          : "")
          + (isSame
            ? "The runs share the contents of their case, so their bounds can be compared."
            : "The cases differ in their contents: their bounds bound different costs.")
          + (isEnded ? " Call convergence or plot for one of them." : " Some run is still on its way.")),
    ]
  }
}
