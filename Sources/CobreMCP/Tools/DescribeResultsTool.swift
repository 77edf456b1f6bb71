package import CobreEngine

/// `describe_results`: what can be asked of a run's database.
package struct DescribeResultsTool: Tool {
  let runs: RunService

  package let name = "describe_results"
  package let title = "Describe the results of a run"

  package var description: String {
    """
    List the tables of a run's database with the unit and meaning of each column and the number of rows, the quantities that \
    the simulation has left, and statements to start from. Use it before query_results. With table only that table. Reads \
    only, also while the run computes. Call query_results next.
    """
  }

  package let annotations = ToolAnnotations.reading

  package func effort(_ arguments: Arguments) -> CallEffort { .reading }

  package var parameters: [Parameter] {
    [
      RunArgument.parameter,
      Parameter("table", .choice(ResultTable.all.map(\.name)), "Show this table alone. Default: all."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "state": Schema.text("Where the run stands"),
        "tables": Schema.list(
          of: ["type": "object"], "name, row (what a row stands for), rows (how many), columns: name [unit] meaning"),
        "quantities": [
          "type": "object", "description": "simulation_quantity by entity kind: name [unit]",
        ],
        "examples": Schema.list(of: ["type": "string"], "Statements for query_results"),
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "tables", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    let store = try runs.store(runID: run.runID)
    let counts = try store.rowCounts()
    let wanted = arguments.text("table")
    let tables = ResultTable.all.filter { wanted == nil || $0.name == wanted }
    var result: JSONObject = [
      "run_id": .string(run.runID), "state": .string(run.state.rawValue),
      "tables": .array(
        tables.map { table in
          [
            "name": .string(table.name), "row": .string(table.meaning), "rows": .int(Int64(counts[table.name] ?? 0)),
            "columns": .array(table.columns.map { .string(Self.text($0)) }),
          ]
        }),
    ]
    if wanted == nil || wanted == "simulation_quantity" {
      var quantities: JSONObject = [:]
      for (kind, list) in Dictionary(grouping: try store.quantities(), by: \.kind).sorted(by: { $0.key < $1.key }) {
        quantities[kind] = .string(list.map { "\($0.name) [\($0.unit)]" }.joined(separator: ", "))
      }
      result["quantities"] = .object(quantities)
    }
    result["examples"] = .array(Self.examples.map { .string($0) })
    result["next"] =
      run.simulation == nil
      ? "There is no simulation yet: its tables fill when the run ends, or by the tool simulate. Call query_results."
      : "Call query_results with a SELECT over these tables."
    return result
  }

  private static func text(_ column: ResultTable.Column) -> String {
    var text = column.name
    if !column.unit.isEmpty { text += " [\(column.unit)]" }
    return column.meaning.isEmpty ? text : text + " " + column.meaning
  }

  private static let examples = [
    "SELECT iteration, lower_bound, gap FROM convergence ORDER BY iteration DESC LIMIT 5",
    "SELECT s.stage, s.entity, s.mean, s.p05, s.p95 FROM simulation_statistics s JOIN simulation_quantity q "
      + "ON q.id = s.quantity WHERE q.entity_kind = 'bus' AND q.name = 'marginal_cost' ORDER BY s.entity, s.stage LIMIT 100",
    "SELECT AVG(cost), MAX(cost) FROM simulation_scenario",
  ]
}
