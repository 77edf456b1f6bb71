/// Reads case directories.
package enum CaseReader {
  /// Values of tables per stage and entity that a case may need.
  static let sizeLimit = 20_000_000

  /// Reads the case in a directory.
  package static func read(directory: String, bounds: CaseBounds = .anywhere) -> CaseReport {
    read(CaseFiles(directory: directory, bounds: bounds))
  }

  /// Reads a case; every finding is reported at once.
  ///
  /// Layers 1 and 2 (files, schema) stop the reading if they find an error, after reporting all they found; layers 3
  /// to 5 (references, coverage, meaning) then run together.
  package static func read(_ files: CaseFiles) -> CaseReport {
    var collector = FindingCollector()
    let documents = CaseDocuments.read(files, &collector)
    SchemaChecks.check(documents, &collector)
    guard !collector.hasErrors else { return CaseReport(findings: collector.sorted(), study: nil) }
    let context = CaseContext(documents)
    checkSize(context, &collector)
    guard !collector.hasErrors else { return CaseReport(findings: collector.sorted(), study: nil) }
    ReferenceChecks.check(context, &collector)
    let study = CaseBuilder(context: context).build()
    CoverageChecks.check(context, study, &collector)
    MeaningChecks.check(context, study, &collector)
    return CaseReport(findings: collector.sorted(), study: collector.hasErrors ? nil : study)
  }

  /// Refuses cases whose resolved tables could not be held in memory (rule 112).
  private static func checkSize(_ context: CaseContext, _ collector: inout FindingCollector) {
    let stages = context.stages.nodes
    let blocks = stages.reduce(0) { $0 + $1["blocks"].elements.count }
    let entities = EntityKind.allCases.filter { $0 != .stage }.reduce(0) { $0 + context.registry($1).count }
    let (size, overflow) = max(blocks, stages.count).multipliedReportingOverflow(by: entities)
    if overflow || size > sizeLimit {
      collector.report(
        112, file: .stages, at: "stages", value: "\(blocks) blocks, \(entities) elements",
        "Blocks times elements exceed the limit of \(sizeLimit).")
    }
  }
}
