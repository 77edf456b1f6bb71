package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `describe_stochastic`: what the inflow model of a case is, given or estimated, in figures an agent can read.
package struct DescribeStochasticTool: Tool {
  let paths: PathPolicy

  package let name = "describe_stochastic"
  package let title = "Describe the inflow model"

  package var description: String {
    """
    Tell how a case's inflows behave: autoregressive order, coefficients, deviation, stationarity and fit by \
    season for each hydro plant, correlation, and warnings. A model that the case leaves to its history is \
    estimated first. Shows a part of the plants at a time; a run writes all of it as CSV into stochastic/ of its \
    directory.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      CaseArgument.parameter,
      Parameter(
        "hydro_id", .integer(-2_147_483_648...2_147_483_647),
        "Id of one plant to show; without it plants in order of id."),
      Parameter(
        "offset", .integer(0...1_000_000), default: 0, "Plants to leave out at the beginning."),
      Parameter(
        "limit", .integer(1...40), "Plants at most. Default: up to 10, as fit about 5 KB."),
    ]
  }

  /// The most bytes of plants unless more are requested, so that the answer stays below 8 KB.
  private static let plantBytes = 5000

  package var outputSchema: JSONObject {
    var properties = StochasticView.schema
    properties["case_dir"] = Schema.text("Directory of the case, resolved")
    properties["next"] = Schema.text("What to do next")
    return Schema.object(properties, required: ["inflow", "hydros", "correlation", "warnings", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let directory = try paths.directory(arguments.text("case_dir") ?? "", argument: "case_dir")
    let report = CaseReader.read(directory: directory, bounds: paths.caseBounds)
    guard let study = report.study else {
      throw ToolError("The case in \(directory) has errors. Correct these:\n" + FindingView.text(report.errors))
    }
    var shown = Array(study.hydros.indices)
    if let id = arguments.integer("hydro_id") {
      guard let index = study.hydroIndex(id: id) else {
        throw ToolError("The case has no hydro plant \(id). Leave hydro_id out to see which there are.")
      }
      shown = [index]
    } else {
      shown = Array(shown.dropFirst(arguments.integer("offset") ?? 0))
    }
    let limit = arguments.integer("limit")
    var result = StochasticView.json(
      study, hydros: Array(shown.prefix(limit ?? 10)), plantBytes: limit == nil ? Self.plantBytes : .max,
      warnings: report.warnings)
    result["case_dir"] = .string(directory)
    let rest = shown.count - (result["hydros"]?.array?.count ?? 0)
    result["next"] =
      rest > 0
      ? .string("\(rest) more plants: call again with offset \(study.hydros.count - rest).")
      : "Call train with this case_dir, or describe_case for the other sizes of the case."
    return result
  }
}
