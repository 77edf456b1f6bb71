internal import CobreBase
internal import CobreCase
internal import CobreEngine

/// A case that can be computed on, with the fingerprint of its files.
struct CaseInput {
  let study: StudyCase
  let hash: ContentHash
  /// The same without what a training may be continued with differently.
  let trainingHash: ContentHash
  /// Sentences of the reader that do not forbid the run.
  let warnings: [String]

  /// Reads a case once.
  ///
  /// Throws `InvalidCaseError` with all findings if it cannot be used.
  init(directory: String, bounds: CaseBounds = .anywhere) throws {
    try self.init(CaseFiles(directory: directory, bounds: bounds), directory: directory)
  }

  /// Reads the case of a request once, with its edits and those of a budget.
  ///
  /// - Throws: `InvalidCaseError` with all findings if it cannot be used.
  init(_ request: RunRequest, budget: BudgetDecision? = nil, bounds: CaseBounds) throws {
    let files = request.caseFiles(bounds: bounds).edited(by: budget?.edits)
    if request.allEdits != nil, let reason = files.failures[""],
      CaseFiles(directory: request.caseDirectory, bounds: bounds).failures[""] == nil
    {
      throw RunError(
        .invalidRequest, "`case_edits`: \(reason) read_case_file and get_schema show what there is to edit.")
    }
    try self.init(files, directory: request.caseDirectory)
  }

  /// Makes a case of files that have been read.
  ///
  /// `directory` is for messages.
  init(_ files: CaseFiles, directory: String) throws {
    let report = CaseReader.read(files)
    guard var study = report.study else {
      throw InvalidCaseError(caseDirectory: directory, findings: report.findings)
    }
    if let boundary = study.configuration.policy.boundary, boundary.isBesideCase, !boundary.path.hasPrefix("/") {
      study.configuration.policy.boundary?.path = directory + "/" + boundary.path
    }
    self.study = study
    hash = Self.hash(of: files)
    trainingHash = Self.trainingHash(of: files)
    warnings = report.warnings.map { $0.description }
  }

  /// The fingerprint of the files of a case without stopping rules, simulation and exports, on which no cut depends.
  static func trainingHash(of files: CaseFiles) -> ContentHash {
    var hash = ContentHash()
    for (path, bytes) in files.contents.sorted(by: { $0.key < $1.key }) {
      hash.combine(path.utf8)
      guard path == CaseFileName.config.path, case .object(var document) = try? JSONParser.parse(bytes) else {
        hash.combine(bytes)
        continue
      }
      document["simulation"] = nil
      document["exports"] = nil
      if case .object(var training) = document["training"] {
        training["stopping_rules"] = nil
        training["stopping_mode"] = nil
        document["training"] = .object(training)
      }
      hash.combine(JSONValue.object(document).serialized(.init(sortedKeys: true)))
    }
    return hash
  }

  /// The fingerprint of all files of a case.
  static func hash(of files: CaseFiles) -> ContentHash {
    var hash = ContentHash()
    for (path, bytes) in files.contents.sorted(by: { $0.key < $1.key }) {
      hash.combine(path.utf8)
      hash.combine(bytes)
    }
    return hash
  }
}
