/// What reading a case gave.
package struct CaseReport: Sendable {
  /// Errors first, then by layer (code), file and position.
  package var findings: [Finding]
  /// The case with its inflow model, given or estimated, or nil if there is any error.
  package var study: StudyCase?

  package var errors: [Finding] { findings.filter { $0.severity == .error } }
  package var warnings: [Finding] { findings.filter { $0.severity == .warning } }
  package var notes: [Finding] { findings.filter { $0.severity == .note } }
}
