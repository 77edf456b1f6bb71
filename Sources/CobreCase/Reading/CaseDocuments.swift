internal import CobreBase

/// The files of a case after layers 1 and 2: parsed JSON and typed tables.
struct CaseDocuments {
  /// Top-level objects of the JSON files that parse, whether their content is right or not.
  private(set) var json: [CaseFileName: JSONObject] = [:]
  /// Tables with at least one row.
  private(set) var tables: [CaseFileName: Table] = [:]

  func table(_ name: CaseFileName) -> Table? { tables[name] }
  func has(_ name: CaseFileName) -> Bool { tables[name] != nil || json[name] != nil }

  /// Parses and checks every file.
  static func read(_ files: CaseFiles, _ collector: inout FindingCollector) -> CaseDocuments {
    var documents = CaseDocuments()
    StructureChecks.checkNames(files, &collector)
    for name in CaseFileName.allCases {
      guard let bytes = files.bytes(name) else { continue }
      if let fields = CaseFormat.fields(name) {
        guard let object = parse(bytes, name.path, &collector) else { continue }
        documents.json[name] = object
        var validator = ShapeValidator(file: name.path, collector: collector)
        validator.validate(object, fields)
        collector = validator.collector
      } else if let shape = CaseFormat.table(name) {
        var reader = TableReader(shape: shape, collector: collector)
        let table = reader.read(bytes)
        collector = reader.collector
        if let table, table.rowCount > 0 { documents.tables[name] = table }
      }
    }
    StructureChecks.checkCombinations(documents, files, &collector)
    return documents
  }

  /// Parses a JSON file whose top level must be an object, and returns nil if it is not, which is reported.
  static func parse(
    _ bytes: [UInt8], _ file: String, _ collector: inout FindingCollector
  ) -> JSONObject? {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(bytes, options: JSONParser.Options(allowsOverflow: true))
    } catch {
      collector.report(
        error.kind == .encoding ? 105 : 106, file: file, at: "line \(error.line), column \(error.column)",
        error.message, suggestion: error.kind == .encoding ? "Save the file as UTF-8." : nil)
      return nil
    }
    guard let object = value.object else {
      collector.report(
        106, file: file, at: "line 1, column 1", value: value.typeName,
        "The top level must be an object, found \(value.typeName).")
      return nil
    }
    return object
  }
}
