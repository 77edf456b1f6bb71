package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `create_case`: a complete small case to start from.
package struct CreateCaseTool: Tool {
  let paths: PathPolicy

  package init(paths: PathPolicy) { self.paths = paths }

  package let name = "create_case"
  package let title = "Create a case"

  package var description: String {
    """
    Write a complete small case of twelve stages into a new or empty directory: single-hydro (one reservoir), cascade (three \
    reservoirs, load blocks), two-areas (line with losses, wind), four-areas (ring with pump, solar, contracts), \
    risk-averse, battery (days), mesh (DC power flow), river-rules (operating rules), markov (wet and dry months), \
    spot-market (price process). It trains as it is. Call edit_case to change it.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      Parameter(
        "template", .choice(CaseTemplate.allCases.map(\.rawValue)), required: true, "Which case to start from."),
      Parameter(
        "directory", .text(maximumLength: 4096), required: true,
        brief: "New or empty directory, e.g. cases/north.",
        "New or empty directory for the case, absolute or relative to the server's working directory, e.g. "
          + "\"cases/north\"."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "case_dir": Schema.text("Directory of the case, for the other tools"),
        "template": Schema.text("What was written"),
        "files": Schema.list(of: ["type": "string"], "Files written, relative to case_dir"),
        "next": Schema.text("What to do next"),
      ], required: ["case_dir", "files", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    guard let template = arguments.text("template").flatMap({ CaseTemplate(rawValue: $0) }) else {
      throw ToolError("`template` is required.")
    }
    try context.change.begin()
    let directory = try paths.outputDirectory(arguments.text("directory") ?? "", argument: "directory")
    guard directory.entries?.isEmpty == true else {
      throw ToolError("`directory`: \(directory.path) is not empty; name an empty or new directory.")
    }
    let files = template.files().sorted { $0.key < $1.key }
    for (path, text) in files { try directory.write(path) { try $0(Array(text.utf8)) } }
    return [
      "case_dir": .string(directory.path),
      "template": .string(template.rawValue),
      "files": .array(files.map { .string($0.key) }),
      "next": .string(
        "Edit the files (edit_case; get_schema says what may be in each), then call validate_case and train with this case_dir."
      ),
    ]
  }
}
