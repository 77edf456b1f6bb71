internal import CobreBase

/// Layer 1: which files there are.
enum StructureChecks {
  /// Rules 101 to 105, on names.
  static func checkNames(_ files: CaseFiles, _ collector: inout FindingCollector) {
    if let problem = files.failures[""] {
      collector.report(101, file: "", problem, suggestion: "Give the path of a directory that holds a case.")
      return
    }
    if let first = files.innerCases.first {
      let names = files.innerCases.prefix(10).map { $0.printable(limit: 60) }
      collector.report(
        101, file: "", "The directory holds no case itself, but folders with cases: \(names.joined(separator: ", ")).",
        suggestion: "Did you mean its folder \(first.printable(limit: 60))?")
      return
    }
    for name in CaseFileName.allCases {
      if let failure = files.failures[name.path] {
        collector.report(105, file: name, "The file cannot be read. \(failure)")
      } else if files.bytes(name) == nil, name.isRequired {
        collector.report(
          101, file: name, "The required file \(name.path) is missing.",
          suggestion: name.path.hasPrefix("system/") ? "Add it; the list in it may be empty." : "Add it.")
      }
    }
    checkOrigins(files, &collector)
    for folder in files.failures.keys.sorted() where folder.hasSuffix("/") {
      collector.report(105, file: folder, "The folder cannot be read. \(files.failures[folder] ?? "")")
    }
    let parquet = Dictionary(
      CaseFileName.allCases.compactMap { name in name.parquetPath.map { ($0, name) } }
    ) { first, _ in first }
    let foreign = files.contents.keys.filter { CaseFileName(rawValue: $0) == nil }.sorted()
    for path in listed(foreign + files.others, &collector) {
      if let name = parquet[path] {
        if files.bytes(name) != nil {
          collector.report(
            102, file: path, "\(path) and \(name.path) stand side by side.", suggestion: "Keep \(name.path) only.")
        } else {
          collector.report(
            103, file: path, "A case of this format has its tables as CSV.", suggestion: "Convert it to \(name.path).")
        }
      } else {
        let known = CaseFileName.allCases.map(\.path)
        collector.report(
          104, file: path.printable(limit: 120), "The file is not part of the format and is ignored.",
          suggestion: NearestName.nearest(to: path, among: known).map { "Did you mean \($0)?" })
      }
    }
  }

  /// Rule 114: files that may hold what their directory does not show.
  static func checkOrigins(_ files: CaseFiles, _ collector: inout FindingCollector) {
    func report(_ paths: [String], _ words: String, _ advice: String) {
      guard let first = paths.first else { return }
      let others = paths.count > 1 ? " and \(paths.count - 1) more" : ""
      collector.report(
        114, file: first, value: paths.prefix(5).joined(separator: ", "), "\(first)\(others) \(words)",
        suggestion: advice)
    }
    report(
      files.linked, "can be reached under another name as well (hard link).",
      "Copy the files, so that the case has its own.")
    report(files.borrowed, "belongs to another user, who may change it.", "Copy the files, so that they are your own.")
  }

  /// Misplaced files that are reported one by one.
  ///
  /// Beyond these only their number is reported.
  private static let maximumForeign = 200

  /// The first of many files that do not belong to a case.
  static func listed(_ paths: [String], _ collector: inout FindingCollector) -> ArraySlice<String> {
    if paths.count > maximumForeign {
      collector.report(
        104, file: "", value: "\(paths.count) files",
        "\(paths.count - maximumForeign) more files are not part of the format and are ignored.")
    }
    return paths.prefix(maximumForeign)
  }

  /// Rules 108 to 111: tables that exclude each other or have no effect.
  static func checkCombinations(
    _ documents: CaseDocuments, _ files: CaseFiles, _ collector: inout FindingCollector
  ) {
    func exclude(_ file: CaseFileName, _ code: Int, _ others: [CaseFileName]) {
      guard documents.has(file) else { return }
      for other in others where documents.has(other) {
        collector.report(
          code, file: other, "\(other.path) must not be there together with \(file.path), which replaces it.",
          suggestion: "Remove one of the two files.")
      }
    }
    exclude(
      .inflowOpenings, 108,
      [.inflowSeasonalStats, .inflowARCoefficients, .inflowAnnualComponent, .inflowHistory, .noiseOpenings])
    exclude(.loadOpenings, 109, [.loadSeasonalStats, .noiseOpenings, .inflowSeasonalStats, .inflowHistory])
    let hasMoments = documents.has(.inflowSeasonalStats) || documents.has(.inflowHistory)
    for file in [CaseFileName.inflowARCoefficients, .inflowAnnualComponent]
    where documents.has(file) && !hasMoments && !documents.has(.inflowOpenings) {
      collector.report(
        110, file: file, "The table is ignored: there is neither inflow_seasonal_stats nor inflow_history.",
        suggestion: "Add scenarios/inflow_seasonal_stats.csv.")
    }
    // The model is estimated where history must supply the moments or the coefficients.
    let isEstimated =
      documents.has(.inflowHistory)
      && !(documents.has(.inflowSeasonalStats) && documents.has(.inflowARCoefficients))
    if isEstimated, documents.has(.inflowAnnualComponent) {
      collector.report(
        111, file: .inflowAnnualComponent, "The table is ignored, because the inflow model is estimated from history.",
        suggestion: "Set estimation.order_selection to \"pacf_annual\" to fit an annual component.")
    }
  }
}
