package import CobreBase

/// One change of one file of a case.
package struct CaseEdit: Sendable, Equatable {
  package enum Operation: Sendable, Equatable {
    /// A JSON merge patch, at every value to which `at` leads.
    case merge(at: String, patch: JSONValue)
    /// Takes away the values to which `at` leads.
    case removeValues(at: String)
    /// Rows of a table, each with its key: changed where the key is there, else added.
    case rows([JSONObject])
    /// New values, and factors, for all rows that have the values of `matching`.
    case update(matching: JSONObject, set: JSONObject, multiply: JSONObject)
    /// Takes away all rows that have the values of one of these objects.
    case removeRows([JSONObject])
    /// The whole text of the file: JSON, or CSV with a header.
    case content(String)
    /// Takes away the file.
    case removeFile
    /// Leaves the first so many stages of the study, in all files.
    case keepStages(Int)
  }

  /// Path relative to the case directory.
  package var file: String
  package var operation: Operation

  package init(file: String, operation: Operation) {
    self.file = file
    self.operation = operation
  }
}

/// Why edits cannot be applied; nothing has been changed.
package struct CaseEditFailure: Error, Sendable {
  /// Sentences, each with the number of the edit, from 1, and the file.
  package var problems: [String]

  package init(problems: [String]) { self.problems = problems }
}

extension CaseEdit {
  /// Edits of one call, at most.
  package static let maximumEdits = 200

  private static let keys = [
    "file", "at", "merge", "rows", "where", "set", "multiply", "delete_rows", "content", "remove", "keep_stages",
  ]

  /// Reads a list of edits and reports everything that is wrong with their form.
  package static func list(_ values: [JSONValue]) throws(CaseEditFailure) -> [CaseEdit] {
    guard (1...maximumEdits).contains(values.count) else {
      throw CaseEditFailure(problems: ["There are \(values.count) edits; 1 to \(maximumEdits) are applied at once."])
    }
    var edits: [CaseEdit] = []
    var problems: [String] = []
    for (index, value) in values.enumerated() {
      do throws(Malformed) {
        edits.append(try CaseEdit(value))
      } catch {
        problems.append("Edit \(index + 1): \(error.sentence)")
      }
    }
    if !problems.isEmpty { throw CaseEditFailure(problems: problems) }
    return edits
  }

  private struct Malformed: Error {
    var sentence: String
  }

  private init(_ value: JSONValue) throws(Malformed) {
    guard let members = value.object else {
      throw Malformed(sentence: "it must be an object, found \(value.typeName).")
    }
    for key in members.keys where !Self.keys.contains(key) {
      let nearest = NearestName.nearest(to: key, among: Self.keys).map { " Did you mean \"\($0)\"?" } ?? ""
      throw Malformed(
        sentence: "\"\(key.printable(limit: 60))\" is not a part of an edit.\(nearest) Parts are "
          + "\(Self.keys.joined(separator: ", ")).")
    }
    guard let file = members["file"]?.string, !file.isEmpty else {
      throw Malformed(sentence: "`file` must name a file of the case, such as \"system/hydros.json\".")
    }
    var given = JSONObject(members.members.filter { $0.key != "file" && !$0.value.isNull }.map { ($0.key, $0.value) })
    if given["remove"] == .bool(false) { given["remove"] = nil }
    self.file = file
    operation = try Self.operation(given, file)
  }

  private static func operation(_ given: JSONObject, _ file: String) throws(Malformed) -> Operation {
    let at = given["at"]?.string
    if let value = given["at"], at == nil { throw Malformed(sentence: "`at` must be a text, found \(value.typeName).") }
    let verbs = Self.keys.filter { !["file", "at", "where"].contains($0) }.filter { given.contains($0) }
    let isUpdate = verbs == ["set"] || verbs == ["multiply"] || verbs == ["set", "multiply"]
    guard verbs.count == 1 || isUpdate, let verb = verbs.first else {
      throw Malformed(
        sentence:
          "\(file): it must say one thing to do (merge, rows, set or multiply, delete_rows, content, remove or keep_stages); it "
          + (verbs.isEmpty ? "says none." : "says \(verbs.joined(separator: ", "))."))
    }
    if at != nil, verb != "merge", verb != "remove" { throw Malformed(sentence: "`at` goes with merge or remove.") }
    if given.contains("where"), !isUpdate { throw Malformed(sentence: "`where` goes with set or multiply.") }
    switch verb {
    case "merge":
      guard let patch = given["merge"], patch.object != nil else {
        throw Malformed(sentence: "`merge` must be an object (JSON merge patch); `at` leads to the object it changes.")
      }
      return .merge(at: at ?? "", patch: patch)
    case "rows": return .rows(try objects(given, "rows"))
    case "delete_rows": return .removeRows(try objects(given, "delete_rows"))
    case "content":
      guard let text = given["content"]?.string else { throw Malformed(sentence: "`content` must be a text.") }
      return .content(text)
    case "keep_stages":
      guard file == "stages.json", let count = given["keep_stages"]?.int, count >= 1 else {
        throw Malformed(sentence: "`keep_stages` is a whole number from 1 on, of the file stages.json.")
      }
      return .keepStages(Int(clamping: count))
    case "remove":
      guard given["remove"] == .bool(true) else { throw Malformed(sentence: "`remove` must be true.") }
      return at.map { .removeValues(at: $0) } ?? .removeFile
    default:
      return .update(
        matching: try object(given, "where"), set: try object(given, "set"), multiply: try object(given, "multiply"))
    }
  }

  private static func object(_ given: JSONObject, _ key: String) throws(Malformed) -> JSONObject {
    guard let value = given[key] else { return JSONObject() }
    guard let object = value.object else {
      throw Malformed(sentence: "`\(key)` must be an object of columns and values, found \(value.typeName).")
    }
    return object
  }

  private static func objects(_ given: JSONObject, _ key: String) throws(Malformed) -> [JSONObject] {
    let rows = given[key]?.array?.map(\.object)
    guard let rows, !rows.isEmpty, rows.allSatisfy({ $0?.isEmpty == false }) else {
      throw Malformed(sentence: "`\(key)` must be a list of at least one object of columns and values.")
    }
    return rows.compactMap { $0 }
  }
}
