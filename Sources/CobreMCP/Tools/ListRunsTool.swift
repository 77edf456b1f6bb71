package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `list_runs`: the runs of this runs directory.
package struct ListRunsTool: Tool {
  let runs: RunService

  package let name = "list_runs"
  package let title = "List runs"

  package var description: String {
    """
    List the runs, newest first: run_id, name, state, case, backend, iterations, lower bound, gap. Use it to find \
    a run_id after a restart or a lost reply. Call status with a run_id for the rest.
    """
  }

  package let annotations = ToolAnnotations.reading
  package let runsOutside = false

  package func effort(_ arguments: Arguments) -> CallEffort { .reading }

  package var parameters: [Parameter] {
    [
      Parameter("limit", .integer(1...50), default: 20, "Runs to list at most."),
      Parameter(
        "state", .choice(RunState.allCases.map(\.rawValue)), "List only runs in this state. Default: all."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "runs": Schema.list(of: ["type": "object"], "Newest first"),
        "more": Schema.boolean("Whether there are more than were listed"),
        "runs_dir": Schema.text("The runs directory of this server"),
        "next": Schema.text("What to do next"),
      ], required: ["runs", "next"])
  }

  /// Runs read when filtering by state.
  private static let searched = 1000
  /// The most unreadable runs that are reported.
  ///
  /// The rest would only fill the answer.
  private static let reported = 3

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let limit = arguments.integer("limit") ?? 20
    let state = arguments.text("state")
    var reported = 0
    let found = try runs.list(limit: state == nil ? limit + 1 : Self.searched) { sentence in
      reported += 1
      if reported <= Self.reported { context.notes.add(sentence) }
    }
    .filter { state == nil || $0.state.rawValue == state }
    return [
      "runs": .array(found.prefix(limit).map(RunView.row)),
      "more": .bool(found.count > limit),
      "runs_dir": .string(runs.runsDirectory),
      "next": found.isEmpty
        ? "There is no such run. Call train with the case_dir of a case to start one."
        : "Call status with a run_id for all that is known of one run.",
    ]
  }
}
