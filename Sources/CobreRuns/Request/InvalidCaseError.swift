package import CobreCase
internal import CobreEngine

/// A case that no run can be started on, with everything that is wrong with it.
package struct InvalidCaseError: Error, Sendable, CustomStringConvertible {
  /// Absolute path of the case, or the path as given if it does not exist.
  package let caseDirectory: String
  /// Errors and warnings, errors first.
  package let findings: [Finding]

  package init(caseDirectory: String, findings: [Finding]) {
    self.caseDirectory = caseDirectory
    self.findings = findings
  }

  package var description: String {
    let errors = findings.filter { $0.severity == .error }
    let first = errors.first.map { " The first: \($0.description)" } ?? ""
    let count = errors.count == 1 ? "1 error" : "\(errors.count) errors"
    return "The case \(caseDirectory) cannot be used: \(count).\(first)"
  }
}
