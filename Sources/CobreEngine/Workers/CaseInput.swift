/// A case that can be computed on, with the fingerprint of its files.
struct CaseInput {
  let study: StudyCase
  let hash: ContentHash
  /// Sentences of the reader that do not forbid the run.
  let warnings: [String]

  /// Reads a case once; throws `InvalidCaseError` with all findings where it cannot be used.
  init(directory: String) throws {
    let files = CaseFiles(directory: directory)
    let report = CaseReader.read(files)
    guard let study = report.study else {
      throw InvalidCaseError(caseDirectory: directory, findings: report.findings)
    }
    self.study = study
    var hash = ContentHash()
    for (path, bytes) in files.contents.sorted(by: { $0.key < $1.key }) {
      hash.combine(path.utf8)
      hash.combine(bytes)
    }
    self.hash = hash
    warnings = report.warnings.map { $0.description }
  }
}
