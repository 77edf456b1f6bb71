package import CobreBase
package import CobreCase
internal import CobreEngine

/// What edits of a case came to, as tools answer it.
package enum EditView {
  /// Findings listed, at most, and the bytes of text after which the list ends.
  private static let maximumFindings = 20
  private static let maximumBytes = 4000
  private static let maximumFiles = 60

  package static let schema: JSONObject = [
    "applied": Schema.boolean("Whether the files were written"),
    "case_dir": Schema.text("Directory of the case"),
    "changes": Schema.list(of: ["type": "object"], "What each edit did: file, effect"),
    "files": Schema.list(of: ["type": "string"], "Files with other contents than before"),
    "valid": Schema.boolean("Whether train would accept the case as edited"),
    "errors": Schema.integer("Errors of the case as edited"),
    "warnings": Schema.integer("Warnings of the case as edited"),
    "findings": Schema.list(of: ["type": "object"], "Errors and warnings of the case as edited, errors first"),
    "omitted": Schema.integer("Findings that are not listed"),
    "next": Schema.text("What to do next"),
  ]

  package static func json(_ outcome: CaseEditor.Outcome, directory: String) -> JSONObject {
    var listed: [JSONValue] = []
    var bytes = 0
    // Notes belong to the case rather than to the edits.
    let findings = outcome.report.errors + outcome.report.warnings
    for finding in findings.prefix(maximumFindings) {
      let value = FindingView.json(finding)
      bytes += value.serialized().count
      if bytes > maximumBytes && !listed.isEmpty { break }
      listed.append(value)
    }
    return [
      "applied": .bool(outcome.isApplied),
      "case_dir": .string(directory),
      "changes": .array(
        outcome.changes.prefix(maximumFiles).map { ["file": .string($0.file), "effect": .string($0.effect)] }),
      "files": .array(outcome.files.prefix(maximumFiles).map { .string($0) }),
      "valid": .bool(outcome.report.study != nil),
      "errors": .int(Int64(outcome.report.errors.count)),
      "warnings": .int(Int64(outcome.report.warnings.count)),
      "findings": .array(listed),
      "omitted": .int(Int64(findings.count - listed.count)),
    ]
  }

  /// Why nothing was written, and what to do.
  package static func advice(_ outcome: CaseEditor.Outcome, isDryRun: Bool) -> String {
    let isValid = outcome.report.study != nil
    if outcome.isApplied {
      return isValid
        ? "The case is valid. Call train, or describe_case."
        : "The files are written, but the case has errors: correct them with edit_case."
    }
    if isDryRun {
      return isValid
        ? "Nothing was written (dry_run). The same call without dry_run applies the edits."
        : "Nothing was written (dry_run). The edited case would have errors."
    }
    return
      "Nothing was written: the case would get errors. Add what is missing to `edits`, or say allow_errors: true to go "
      + "on in steps."
  }
}
