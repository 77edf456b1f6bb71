package import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreRuns

/// `edit_case`: changes of files of a case, all or none.
package struct EditCaseTool: Tool {
  let runs: RunService
  let paths: PathPolicy

  package let name = "edit_case"
  package let title = "Edit a case"

  package var description: String {
    """
    Change the files of a case without a file tool: plants, demand, inflows, costs, risk (CVaR), horizon, options. \
    Several edits are applied together or not at all, with the findings of validate_case; one that would break a \
    valid case is refused. A run whose case was edited keeps its results, but cannot be resumed. read_case_file \
    and get_schema show what there is to change.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: true, idempotent: false)
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      Parameter(
        "case_dir", .text(maximumLength: 4096), required: true, "Directory of the case."),
      Parameter("edits", .edits, required: true, "Changes, in order; each names a file and one thing to do with it."),
      Parameter("dry_run", .flag, default: false, "Only say what would come out."),
      Parameter("allow_errors", .flag, default: false, "Write although a valid case gets errors."),
    ]
  }

  package var outputSchema: JSONObject {
    var properties = EditView.schema
    properties["runs"] = Schema.list(of: ["type": "object"], "Newest runs of this case: run_id, state")
    return Schema.object(properties, required: ["applied", "valid", "findings", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let path = arguments.text("case_dir") ?? ""
    let directory = try paths.directory(path, argument: "case_dir")
    let isDryRun = arguments.flag("dry_run")
    do {
      let outcome = try paths.caseEditor.edit(
        directory, try arguments.edits("edits"),
        CaseEditor.Options(
          isDryRun: isDryRun, allowsErrors: arguments.flag("allow_errors"), beforeChange: context.change.begin))
      var result = EditView.json(outcome, directory: directory)
      let concerned = try runs.list(ofCase: directory, limit: Self.maximumRuns)
      result["runs"] = .array(
        concerned.prefix(5).map { ["run_id": .string($0.runID), "state": .string($0.state.rawValue)] })
      result["next"] = .string(
        EditView.advice(outcome, isDryRun: isDryRun) + Self.note(on: concerned, isApplied: outcome.isApplied))
      return result
    } catch let failure as CaseEditFailure {
      throw ToolError(failure.problems)
    } catch let failure as OutputDirectory.Failure {
      throw paths.refusal(failure, path, argument: "case_dir")
    }
  }

  /// Runs of the case that are looked at, besides those that go on.
  private static let maximumRuns = 5

  /// What the edit means for runs of the case.
  private static func note(on runs: [RunSnapshot], isApplied: Bool) -> String {
    guard isApplied, !runs.isEmpty else { return "" }
    let alive = runs.filter { !$0.state.isFinal }
    let waiting = alive.filter { $0.state == .queued || $0.state == .starting }.map(\.runID)
    var text = ""
    if !waiting.isEmpty {
      text +=
        " \(waiting.joined(separator: ", ")) has not read the case yet and fails if it finds other files than it was "
        + "asked for: cancel it and train again."
    }
    let computing = alive.filter { !waiting.contains($0.runID) }.map(\.runID)
    if !computing.isEmpty {
      text += " \(computing.joined(separator: ", ")) goes on with the files as it has read them."
    }
    return text + " Earlier runs of this case keep their results, but can be resumed only with its former files."
  }
}
