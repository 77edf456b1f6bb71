/// Reads cases in the format of Novomodelo 0.19.
enum NovomodeloReader {
  /// Reads a case.
  ///
  /// Every finding is reported at once.
  ///
  /// As in our own format: wrong files and shapes stop the reading, after all of them have been reported. References,
  /// coverage and meaning are then checked together.
  static func read(_ files: CaseFiles) -> CaseReport {
    var collector = FindingCollector()
    let documents = NovomodeloDocuments.read(files, &collector)
    NovomodeloSchemaChecks.check(documents, &collector)
    guard !collector.hasErrors else { return CaseReport(findings: collector.sorted(), study: nil) }
    let context = NovomodeloContext(documents)
    CaseReader.checkSize(context.stages, &collector) { context.registry($0).count }
    guard !collector.hasErrors else { return CaseReport(findings: collector.sorted(), study: nil) }
    NovomodeloReferenceChecks.check(context, &collector)
    var study = NovomodeloBuilder(context: context).build()
    NovomodeloConstraints.fill(&study, context, &collector)
    var given = GivenCase(study)
    NovomodeloMeaningChecks.check(context, &given, &collector)
    guard !collector.hasErrors else { return CaseReport(findings: collector.sorted(), study: nil) }
    // Nodes and scenarios change what the model is made of, so it is made of the complete case.
    given = GivenCase(NovomodeloBuilder(context: context).expandingNodes(study).takingExternalMoments())
    return CaseReport(findings: collector.sorted(), study: given.resolved())
  }
}
