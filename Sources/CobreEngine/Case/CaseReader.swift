/// Reads case directories.
package enum CaseReader {
  /// Reads the case in a directory.
  package static func read(directory: String) -> CaseReport {
    read(CaseFiles(directory: directory))
  }

  /// Reads a case; every finding is reported at once.
  package static func read(_ files: CaseFiles) -> CaseReport {
    var findings: [Finding] = []
    if let problem = files.failures[""] {
      findings.append(Finding(severity: .error, code: 101, file: "", location: "", message: problem))
    }
    for name in CaseFileName.allCases where name.isRequired && files.bytes(name) == nil {
      findings.append(
        Finding(
          severity: .error, code: 101, file: name.path, location: "",
          message: "The required file \(name.path) is missing.",
          suggestion: "Add it; the format description shows its smallest content."))
    }
    findings.append(
      Finding(
        severity: .error, code: 900, file: "", location: "",
        message: "Decoding of case files is not available yet."))
    return CaseReport(findings: findings, study: nil)
  }
}
