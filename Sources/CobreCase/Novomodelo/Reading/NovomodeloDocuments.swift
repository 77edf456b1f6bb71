internal import CobreBase

/// The files of a Novomodelo case after their shapes are checked: parsed JSON and typed tables.
struct NovomodeloDocuments {
  /// Top-level objects of the JSON files that parse, whether their content is right or not.
  private(set) var json: [NovomodeloFile: JSONObject] = [:]
  /// Tables that exist, even without rows.
  private(set) var tables: [NovomodeloFile: Table] = [:]

  /// Elements of a list in a file, with their paths.
  func elements(_ file: NovomodeloFile, _ key: String) -> [(path: String, value: JSONValue)] {
    (json[file]?[key]?.array ?? []).enumerated().map { ("\(key)[\($0)]", $1) }
  }

  /// Unknown keys that one file may have.
  private static let maximumUnknownKeys = 1000

  /// Parses and checks every file.
  static func read(_ files: CaseFiles, _ collector: inout FindingCollector) -> NovomodeloDocuments {
    var documents = NovomodeloDocuments()
    checkNames(files, &collector)
    for file in NovomodeloFile.allCases {
      guard let bytes = files.contents[file.path] else { continue }
      if let fields = NovomodeloFormat.fields(file) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
          collector.report(
            106, file: file.path, at: "line 1, column 1", "The file starts with a byte order mark.",
            suggestion: "Save it as UTF-8 without one.")
          continue
        }
        guard var object = CaseDocuments.parse(bytes, file.path, &collector) else { continue }
        if NovomodeloFormat.allowsUnknownKeys(file) { removeUnknownKeys(&object, fields, file, &collector) }
        documents.json[file] = object
        var validator = ShapeValidator(file: file.path, collector: collector)
        validator.validate(object, fields)
        collector = validator.collector
      } else if let shape = NovomodeloFormat.table(file) {
        var reader = ParquetTableReader(shape: shape, collector: collector)
        let table = reader.read(bytes)
        collector = reader.collector
        if let table { documents.tables[file] = table }
      }
    }
    return documents
  }

  /// Rules 101, 104 and 105, CSV tables that nothing reads (604) and files of earlier releases (605).
  private static func checkNames(_ files: CaseFiles, _ collector: inout FindingCollector) {
    for file in NovomodeloFile.allCases {
      if let failure = files.failures[file.path] {
        collector.report(105, file: file.path, "The file cannot be read. \(failure)")
      } else if files.contents[file.path] == nil, file.isRequired {
        collector.report(
          101, file: file.path, "The required file \(file.path) is missing.",
          suggestion: file.path.hasPrefix("system/") ? "Add it; the list in it may be empty." : "Add it.")
      }
    }
    StructureChecks.checkOrigins(files, &collector)
    for folder in files.failures.keys.sorted() where folder.hasSuffix("/") {
      collector.report(105, file: folder, "The folder cannot be read. \(files.failures[folder] ?? "")")
    }
    let tables = Dictionary(
      NovomodeloFile.allCases.compactMap { file in file.csvPath.map { ($0, file) } }
    ) { first, _ in first }
    let unread = files.contents.keys.filter { NovomodeloFile(rawValue: $0) == nil } + files.others
    for path in StructureChecks.listed(unread.sorted(), &collector) {
      if let file = tables[path] {
        let isBeside = files.contents[file.path] != nil
        collector.report(
          604, file: path, "Novomodelo reads no CSV tables: \(path) is ignored.",
          suggestion: isBeside ? "Remove it; \(file.path) counts." : "Write it as \(file.path).")
      } else if let advice = NovomodeloFormat.retiredFiles[path] {
        collector.report(605, file: path, "\(path) belongs to an earlier release.", suggestion: advice)
      } else {
        collector.report(
          104, file: path.printable(limit: 120), "The file is not part of the format and is ignored.",
          suggestion: NearestName.nearest(to: path, among: NovomodeloFile.allCases.map(\.path)).map {
            "Did you mean \($0)?"
          })
      }
    }
  }

  private static func removeUnknownKeys(
    _ object: inout JSONObject, _ fields: [Field], _ file: NovomodeloFile, _ collector: inout FindingCollector
  ) {
    let known = Set(fields.map(\.name) + ["$schema"])
    let unknown = object.keys.filter { !known.contains($0) }
    guard !unknown.isEmpty else { return }
    object = JSONObject(object.members.filter { known.contains($0.key) }.map { ($0.key, $0.value) })
    // A search for the nearest name takes too long to be done for millions of keys.
    if unknown.count > maximumUnknownKeys {
      collector.report(
        112, file: file.path, value: "\(unknown.count) keys",
        "The file has more than \(maximumUnknownKeys) unknown keys.", suggestion: "Check that it is the right file.")
    }
    for key in unknown.prefix(FindingCollector.limit + 1) {
      collector.report(
        606, file: file.path, at: key.printable(limit: 60), value: key,
        "\"\(key.printable(limit: 60))\" is not a known key and is ignored.",
        suggestion: NearestName.nearest(to: key, among: fields.map(\.name)).map { "Did you mean \"\($0)\"?" })
    }
  }
}
