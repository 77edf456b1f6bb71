package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `validate_case`: everything that is wrong with a case, without a run.
package struct ValidateCaseTool: Tool {
  let paths: PathPolicy

  package let name = "validate_case"
  package let title = "Validate a case"

  package var description: String {
    """
    Check a case and list all its errors and warnings at once, each with file, place, value and what to do. Starts \
    nothing, changes nothing, takes well under a second for usual cases. An invalid case is a normal answer with \
    valid: false. Call describe_case or train when it is valid.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      CaseArgument.parameter,
      Parameter("offset", .integer(0...1_000_000), default: 0, "Findings to skip, to read a long list in parts."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "valid": Schema.boolean("Whether train would accept the case"),
        "case_dir": Schema.text("Directory of the case, resolved"),
        "errors": Schema.integer("Number of errors"),
        "warnings": Schema.integer("Number of warnings"),
        "notes": Schema.integer("Number of notes: defaults and rules in use that change results"),
        "findings": Schema.list(
          of: ["type": "object"],
          "Errors first: severity, code, file, location, entity, value, message, rule, suggestion"),
        "omitted": Schema.integer("Findings after the last one listed; read them with offset"),
        "next": Schema.text("What to do next"),
      ], required: ["valid", "errors", "warnings", "findings", "next"])
  }

  /// Findings listed at once, at most, and the bytes of text after which the list ends.
  private static let maximumFindings = 40
  private static let maximumBytes = 7000

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let directory = try paths.directory(arguments.text("case_dir") ?? "", argument: "case_dir")
    let report = CaseReader.read(directory: directory, bounds: paths.caseBounds)
    let offset = arguments.integer("offset") ?? 0
    var listed: [JSONValue] = []
    var bytes = 0
    for finding in report.findings.dropFirst(offset).prefix(Self.maximumFindings) {
      let value = FindingView.json(finding)
      bytes += value.serialized().count
      if bytes > Self.maximumBytes && !listed.isEmpty { break }
      listed.append(value)
    }
    let omitted = max(0, report.findings.count - offset - listed.count)
    let next =
      report.study == nil
      ? "Correct the errors and call validate_case again." : "The case is valid. Call describe_case or train."
    return [
      "valid": .bool(report.study != nil),
      "case_dir": .string(directory),
      "errors": .int(Int64(report.errors.count)),
      "warnings": .int(Int64(report.warnings.count)),
      "notes": .int(Int64(report.notes.count)),
      "findings": .array(listed),
      "omitted": .int(Int64(omitted)),
      "next": .string(omitted == 0 ? next : next + " Offset \(offset + listed.count) lists the next findings."),
    ]
  }
}
