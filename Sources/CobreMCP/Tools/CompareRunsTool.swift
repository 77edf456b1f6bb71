package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `compare_runs`: several runs side by side.
package struct CompareRunsTool: Tool {
  let runs: RunService

  package let name = "compare_runs"
  package let title = "Compare runs"

  package var description: String {
    """
    Compare two to ten runs: options and case entries that differ, and costs, prices, storages and deficits with 95 % \
    intervals. Reads only.
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
        "summary": Schema.list(of: ["type": "string"], "What stands out, in sentences"),
        "case_differences": Schema.list(
          of: ["type": "object"], "By run: entries of its case that differ from those of the first"),
        "results": Schema.list(
          of: ["type": "object"], "By run: costs and the largest changes by quantity, with their intervals"),
        "runs": Schema.list(
          of: ["type": "object"],
          "Figures of each run, in the order asked for; money in $, mean_cost from the simulation"),
        "next": Schema.text("What to do next"),
      ], required: ["same_case", "differences", "runs", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let ids = try arguments.names("run_ids").map { try runs.identify($0) }
    guard Set(ids).count == ids.count else { throw ToolError("`run_ids` names a run twice; name each run once.") }
    let evidence = try ids.map { id in
      guard try runs.snapshot(runID: id) != nil else {
        throw ToolError("There is no run \"\(id)\". Call list_runs to see the runs there are.")
      }
      return try runs.evidence(runID: id)
    }
    return try RunComparison(evidence, bounds: runs.caseBounds).json
  }
}
