package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `copy_case`: a variant of a case.
package struct CopyCaseTool: Tool {
  let paths: PathPolicy

  package let name = "copy_case"
  package let title = "Copy a case"

  package var description: String {
    """
    Copy a case into a new directory with changes on the way: a variant to compare with the original, such as a \
    drier one, with another risk measure (CVaR) or without a line. Takes the edits of edit_case. Then train both and \
    compare_runs.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      Parameter("case_dir", .text(maximumLength: 4096), required: true, "Directory of the case to copy."),
      Parameter(
        "directory", .text(maximumLength: 4096), required: true, "New or empty directory for the copy, e.g. cases/dry."),
      Parameter("edits", .changes, "Changes of the copy, as in edit_case."),
      Parameter("dry_run", .flag, default: false, "Only say what would come out."),
      Parameter("allow_errors", .flag, default: false, "Write although a valid case gets errors."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(EditView.schema, required: ["applied", "valid", "findings", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let source = try paths.directory(arguments.text("case_dir") ?? "", argument: "case_dir")
    let path = arguments.text("directory") ?? ""
    let target = try paths.newDirectory(path, argument: "directory")
    let isDryRun = arguments.flag("dry_run")
    do {
      let copied = try paths.caseEditor.copy(
        source, to: target, try arguments.edits("edits"),
        CaseEditor.Options(
          isDryRun: isDryRun, allowsErrors: arguments.flag("allow_errors"), beforeChange: context.change.begin))
      var result = EditView.json(copied.outcome, directory: copied.path ?? target)
      result["next"] = .string(EditView.advice(copied.outcome, isDryRun: isDryRun))
      return result
    } catch let failure as CaseEditFailure {
      throw ToolError(failure.problems)
    } catch let failure as OutputDirectory.Failure {
      throw paths.refusal(failure, path, argument: "directory")
    }
  }
}
