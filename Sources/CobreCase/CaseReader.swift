/// Reads case directories, of our own format and of Novomodelo's.
package enum CaseReader {
  /// Values of tables per stage and entity that a case may need.
  static let sizeLimit = 20_000_000

  /// Reads the case in a directory.
  package static func read(directory: String, bounds: CaseBounds = .anywhere) -> CaseReport {
    read(CaseFiles(directory: directory, bounds: bounds))
  }

  /// Reads a case in the format that its content shows.
  ///
  /// Every finding is reported at once.
  ///
  /// Layers 1 and 2 (files, schema) stop the reading if they find an error, after reporting all they found. Layers 3 to
  /// 5 (references, coverage, meaning) then run together.
  package static func read(_ files: CaseFiles) -> CaseReport {
    var collector = FindingCollector()
    let recognition = FormatRecognition(files)
    guard let format = recognition.format else {
      recognition.report(&collector)
      return CaseReport(findings: collector.sorted(), study: nil)
    }
    return format == .novomodelo ? NovomodeloReader.read(files) : readOwn(files)
  }

  private static func readOwn(_ files: CaseFiles) -> CaseReport {
    var collector = FindingCollector()
    let documents = CaseDocuments.read(files, &collector)
    let study = check(documents, &collector)
    collector.attribute { documents.entity(in: $0, at: $1) }
    var names: [String: [Int: String]] = [:]
    collector.nameEntities { kind, id in
      if names[kind] == nil { names[kind] = documents.names(of: kind) }
      return names[kind]?[id]
    }
    return CaseReport(findings: collector.sorted(), study: study)
  }

  /// The study of documents of our own format, or nil if there are errors.
  private static func check(_ documents: CaseDocuments, _ collector: inout FindingCollector) -> StudyCase? {
    if !collector.isExhausted { SchemaChecks.check(documents, &collector) }
    guard !collector.hasErrors else { return nil }
    let context = CaseContext(documents)
    checkSize(context.stages, &collector) { context.registry($0).count }
    guard !collector.hasErrors else { return nil }
    ReferenceChecks.check(context, &collector)
    var given = GivenCase(CaseBuilder(context: context).build())
    CoverageChecks.check(context, given.tables, &collector)
    MeaningChecks.check(context, &given, &collector)
    return collector.hasErrors ? nil : given.resolved()
  }

  /// Refuses cases whose resolved tables do not fit in memory (rule 112).
  static func checkSize(_ stages: Registry, _ collector: inout FindingCollector, count: (EntityKind) -> Int) {
    let blocks = stages.nodes.reduce(0) { $0 + $1["blocks"].elements.count }
    let entities = EntityKind.allCases.filter { $0 != .stage }.reduce(0) { $0 + count($1) }
    let (size, overflow) = max(blocks, stages.count).multipliedReportingOverflow(by: entities)
    if overflow || size > sizeLimit {
      collector.report(
        112, file: .stages, at: "stages", value: "\(blocks) blocks, \(entities) elements",
        "Blocks times elements exceed the limit of \(sizeLimit).")
    }
  }
}
