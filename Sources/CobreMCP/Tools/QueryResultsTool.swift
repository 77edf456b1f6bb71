package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `query_results`: SQL over the database of one run.
package struct QueryResultsTool: Tool {
  let runs: RunService

  package let name = "query_results"
  package let title = "Query the results of a run"

  package var description: String {
    """
    Answer a question about results by SQL: price, deficit, storage, generation, cost, CVaR, by scenario, stage \
    and element. One SELECT (SQLite) over a run's database; describe_results names tables, columns and units. \
    Nothing can be changed. Ends after limit rows, max_bytes or time_limit_seconds and says so.
    """
  }

  package let annotations = ToolAnnotations.reading
  package let runsOutside = false
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      Parameter(
        "sql", .text(maximumLength: ResultQuery.maximumLength), required: true,
        "One SELECT, e.g. \"SELECT iteration, lower_bound FROM convergence ORDER BY iteration DESC LIMIT 5\"."),
      RunArgument.parameter,
      Parameter("limit", .integer(1...2000), default: 50, "Rows at most."),
      Parameter(
        "max_bytes", .integer(1000...200_000), default: 6000,
        brief: "Bytes of the rows, at most.",
        "Bytes of the rows as JSON, at most; more than the default may be cut or set aside by the host."),
      Parameter("time_limit_seconds", .number(0.1...30), default: 5.0, "Seconds the statement may take."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"),
        "columns": Schema.list(of: ["type": "string"], "Names of the columns"),
        "rows": Schema.list(of: ["type": "array"], "One list per row, in the order of columns"),
        "row_count": Schema.integer("Rows that are here"),
        "truncated": Schema.boolean("Whether there are more rows"),
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "columns", "rows", "truncated", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    let limits = QueryLimits(
      rows: arguments.integer("limit") ?? 50, bytes: arguments.integer("max_bytes") ?? 6000,
      seconds: arguments.number("time_limit_seconds") ?? 5)
    let result = try runs.query(
      arguments.text("sql") ?? "", runID: run.runID, limits: limits,
      isCancelled: { context.handle.shouldStopWaiting })
    let advice =
      result.omission.map { $0 + " Use aggregates, WHERE, LIMIT with OFFSET, or export_results for all of it." }
      ?? (result.rows.isEmpty && run.simulation == nil
        ? "No row. There is no simulation yet: its tables fill when the run ends, or by the tool simulate."
        : "All rows are here.")
    return [
      "run_id": .string(run.runID),
      "columns": .array(result.columns.map { .string($0) }),
      "rows": .array(result.rows.map { .array($0) }),
      "row_count": .int(Int64(result.rows.count)),
      "truncated": .bool(result.omission != nil),
      "next": .string(advice),
    ]
  }
}
