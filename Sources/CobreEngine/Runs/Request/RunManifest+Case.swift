extension RunManifest {
  /// The case of the run, for giving its figures a meaning.
  ///
  /// - Parameter bounds: where the case may lie.
  /// - Returns: the case.
  /// - Throws: `RunError` where its files cannot be read any more, or are others than those that the run computed on.
  package func study(bounds: CaseBounds = .anywhere) throws -> StudyCase {
    let files = CaseFiles(directory: request.caseDirectory, bounds: bounds)
    guard let study = CaseReader.read(files).study, CaseInput.hash(of: files).text == caseHash else {
      throw RunError(
        .invalidCase,
        "The case \(request.caseDirectory) cannot be read any more, or is another than the run was computed on, so its "
          + "figures have no meaning. Put its files back.")
    }
    return study
  }
}
