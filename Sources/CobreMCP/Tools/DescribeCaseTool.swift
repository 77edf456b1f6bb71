package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `describe_case`: how big a case is and what is uncertain in it.
package struct DescribeCaseTool: Tool {
  let paths: PathPolicy

  package let name = "describe_case"
  package let title = "Describe a case"

  package var description: String {
    """
    Tell what a case holds: elements, stages and horizon, states, noise and openings, power and storage, risk \
    measure (CVaR), the size of its linear programs, its own settings of training. A case with errors is refused \
    with its errors. Call train next.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [CaseArgument.parameter]
  }

  package var outputSchema: JSONObject {
    var properties = CaseView.schema
    properties["case_dir"] = Schema.text("Directory of the case, resolved")
    properties["warnings"] = Schema.integer("Number of warnings; validate_case lists them")
    properties["notes"] = Schema.list(
      of: ["type": "string"], "Defaults in use that change results, such as the observations that inflows start from")
    properties["next"] = Schema.text("What to do next")
    return Schema.object(properties, required: ["counts", "horizon", "state_dimension", "noise", "training", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let directory = try paths.directory(arguments.text("case_dir") ?? "", argument: "case_dir")
    let report = CaseReader.read(directory: directory, bounds: paths.caseBounds)
    guard let study = report.study else {
      throw ToolError("The case in \(directory) has errors. Correct these:\n" + FindingView.text(report.errors))
    }
    var result = CaseView.json(study)
    let notes = report.notes.prefix(10).map { JSONValue.string($0.message) }
    if !notes.isEmpty { result["notes"] = .array(notes) }
    result["case_dir"] = .string(directory)
    result["warnings"] = .int(Int64(report.warnings.count))
    result["next"] =
      report.warnings.isEmpty
      ? "Call train with this case_dir."
      : "Call validate_case for the warnings, or train with this case_dir."
    return result
  }
}
