package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `describe_results`: what can be asked of a run's database.
package struct DescribeResultsTool: Tool {
  let runs: RunService

  package let name = "describe_results"
  package let title = "Describe the results of a run"

  package var description: String {
    """
    List what can be asked of results: ready views (probability of deficit, energy not served, storage by reservoir, price \
    duration), tables, units, statements to start from. Reads only.
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
      "tables": .array(tables.map { .object(Self.entry($0, rows: counts[$0.name], isWhole: wanted != nil)) }),
    ]
    if wanted == nil || wanted == "simulation_quantity" {
      var quantities: JSONObject = [:]
      for (kind, list) in Dictionary(grouping: try store.quantities(), by: \.kind).sorted(by: { $0.key < $1.key }) {
        quantities[kind] = .string(list.map { "\($0.name) [\($0.unit)]" }.joined(separator: ", "))
      }
      result["quantities"] = .object(quantities)
    }
    if wanted == nil { result["examples"] = .array(try Self.examples(store).map { .string($0) }) }
    result["next"] =
      run.simulation == nil
      ? "There is no simulation yet: its tables fill when the run ends, or by the tool simulate. Call query_results."
      : "Call query_results with a SELECT over these tables; with table this tool says what the columns of one mean."
    return result
  }

  private static func text(_ column: ResultTable.Column) -> String {
    var text = column.name
    if !column.unit.isEmpty { text += " [\(column.unit)]" }
    return column.meaning.isEmpty ? text : text + " " + column.meaning
  }

  /// A table; of all tables those of the machinery are named only, and columns come with their unit alone, those of a
  /// view that has those of its table not again.
  private static func entry(_ table: ResultTable, rows: Int?, isWhole: Bool) -> JSONObject {
    var entry: JSONObject = ["name": .string(table.name), "row": .string(table.meaning)]
    if let rows { entry["rows"] = .int(Int64(rows)) }
    if isWhole {
      entry["columns"] = .array(table.columns.map { .string(text($0)) })
    } else if let base = ResultTable.all.first(where: { $0.name == table.base }),
      base.columns.map(\.name) == table.columns.map(\.name)
    {
      entry["columns"] = .string("as \(base.name)")
    } else if table.group != .machinery {
      entry["columns"] = .string(
        table.columns.map { $0.unit.isEmpty ? $0.name : "\($0.name) [\($0.unit)]" }.joined(separator: ", "))
    }
    return entry
  }

  /// Statements that give rows on this run.
  private static func examples(_ store: RunStore) throws -> [String] {
    var examples = ["SELECT iteration, lower_bound, gap FROM convergence ORDER BY iteration DESC LIMIT 5"]
    guard try !store.means(kind: "bus", name: "marginal_cost").isEmpty else { return examples }
    examples += [
      "SELECT stage, probability, energy_not_served FROM deficit_by_stage ORDER BY stage",
      "SELECT name, stage, mean, p05, p95 FROM reservoir_storage ORDER BY hydro, stage LIMIT 100",
      "SELECT element, start_date, mean, p05, p95, unit FROM named_statistics WHERE entity_kind = 'bus' "
        + "AND quantity = 'marginal_cost' ORDER BY element, stage LIMIT 100",
      "SELECT AVG(cost), MAX(cost) FROM simulation_scenario",
    ]
    return examples
  }
}
