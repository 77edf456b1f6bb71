internal import CobreBase
package import CobreCase
internal import CobreEngine

extension RunManifest {
  /// The case of the run, which is needed to interpret its figures.
  ///
  /// - Parameter bounds: where the case may be.
  /// - Returns: the case.
  /// - Throws: `RunError` if its files cannot be read any more, or have changed since the run.
  package func study(bounds: CaseBounds = .anywhere) throws -> StudyCase {
    let files = caseFiles(bounds: bounds)
    guard let study = CaseReader.read(files).study, CaseInput.hash(of: files).text == caseHash else {
      throw RunError(
        .invalidCase,
        "The case \(request.caseDirectory) cannot be read any more, or is another than the run was computed on, so its "
          + "figures have no meaning. Put its files back.")
    }
    return study
  }
}
