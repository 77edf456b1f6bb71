internal import CobreBase

/// The files of a case with edits applied, in memory; nothing has been written.
package struct CaseRevision: Sendable {
  /// What one edit did.
  package struct Change: Sendable, Equatable {
    package var file: String
    /// Such as "3 rows changed, 1 row added".
    package var effect: String
  }

  /// The files as they are after the edits.
  package private(set) var files: CaseFiles
  /// One entry for each edit, in order.
  package private(set) var changes: [Change] = []
  private let before: CaseFiles

  /// Paths of files whose bytes are others than before, in order; removed ones too.
  package var changedPaths: [String] {
    Set(files.contents.keys).union(before.contents.keys)
      .filter { files.contents[$0] != before.contents[$0] }.sorted()
  }

  /// Applies edits one after the other; the whole list fails where one of them does not fit.
  package init(_ files: CaseFiles, edits: [CaseEdit]) throws(CaseEditFailure) {
    self.files = files
    before = files
    var problems: [String] = []
    let format = FormatRecognition(files).format
    for (index, edit) in edits.enumerated() {
      do throws(JSONSelector.Failure) {
        let effect = try apply(edit, format)
        changes.append(Change(file: edit.file, effect: effect))
      } catch {
        problems.append("Edit \(index + 1), \(edit.file.printable(limit: 80)): \(error.sentence).")
      }
    }
    if !problems.isEmpty { throw CaseEditFailure(problems: problems) }
  }

  private mutating func apply(_ edit: CaseEdit, _ format: CaseFormatKind?) throws(JSONSelector.Failure) -> String {
    let file = try Self.described(edit.file, format)
    let old = files.contents[file.path]
    if old == nil, let failure = files.failures[file.path] { throw JSONSelector.Failure(sentence: failure) }
    switch edit.operation {
    case .removeFile:
      guard old != nil else { throw JSONSelector.Failure(sentence: "there is no such file in the case") }
      files.set(file.path, to: nil)
      return "removed"
    case .content(let text):
      files.set(file.path, to: try Self.bytes(of: text, file))
      return old == nil ? "new file" : "replaced"
    case .merge(let at, let patch):
      let count = try change(file, at: at, creates: true) { MergePatch.apply(patch, to: $0) }
      return "\(count) value\(count == 1 ? "" : "s") merged"
    case .removeValues(let at):
      guard !at.isEmpty else { throw JSONSelector.Failure(sentence: "`at` is empty; leave it out to remove the file") }
      let count = try change(file, at: at, creates: false) { _ in nil }
      return "\(count) value\(count == 1 ? "" : "s") removed"
    case .keepStages(let count):
      let described: DescribedFormat = format == .novomodelo ? .novomodelo : .cobre
      return try Horizon(count: count).cut(&files, described)
    case .rows, .update, .removeRows:
      return try changeTable(file, edit.operation)
    }
  }

  /// The file of the format at a path, with what was probably meant where there is none.
  private static func described(
    _ path: String, _ format: CaseFormatKind?
  ) throws(JSONSelector.Failure) -> DescribedFile {
    let formats: [DescribedFormat] =
      switch format {
      case .cobre: [.cobre]
      case .novomodelo: [.novomodelo]
      case nil: [.cobre, .novomodelo]
      }
    if let file = formats.lazy.compactMap({ $0.file(path) }).first { return file }
    let known = formats.flatMap { $0.files.map(\.path) }
    let stem = path.split(separator: "/").last.map { $0.split(separator: ".").first.map(String.init) ?? "" } ?? ""
    let meant =
      known.first { $0.hasSuffix("/" + path) }
      ?? known.first { !stem.isEmpty && $0.contains("/\(stem).") } ?? NearestName.nearest(to: path, among: known)
    throw JSONSelector.Failure(
      sentence: "it is no file of the format" + (meant.map { "; did you mean \"\($0)\"" } ?? ""))
  }

  private mutating func change(
    _ file: DescribedFile, at: String, creates: Bool, _ change: (JSONValue?) -> JSONValue?
  ) throws(JSONSelector.Failure) -> Int {
    guard !file.isTable else {
      throw JSONSelector.Failure(sentence: "it is a table; use rows, set, multiply or delete_rows")
    }
    var document = JSONValue.object(JSONObject())
    if let bytes = files.contents[file.path] {
      document = try Self.json(bytes)
    } else if !creates {
      throw JSONSelector.Failure(sentence: "there is no such file in the case")
    }
    let changed = try JSONSelector(at).applying(to: document, creates: creates, change)
    files.set(file.path, to: Self.serialized(changed.document))
    return changed.count
  }

  static func json(_ bytes: [UInt8]) throws(JSONSelector.Failure) -> JSONValue {
    do throws(JSONError) {
      return try JSONParser.parse(bytes)
    } catch {
      throw JSONSelector.Failure(sentence: "line \(error.line), column \(error.column): \(error.message)")
    }
  }

  static func serialized(_ document: JSONValue) -> [UInt8] {
    document.serialized(JSONValue.WritingOptions(isIndented: true)) + [0x0A]
  }

  private static func bytes(of text: String, _ file: DescribedFile) throws(JSONSelector.Failure) -> [UInt8] {
    guard let shape = file.table else {
      let document = try json(Array(text.utf8))
      guard document.object != nil else {
        throw JSONSelector.Failure(sentence: "the text must be a JSON object, found \(document.typeName)")
      }
      return Array((text.hasSuffix("\n") ? text : text + "\n").utf8)
    }
    do throws(EditableTable.Failure) {
      let table = try EditableTable(csv: Array(text.utf8), shape: shape)
      return shape.isParquet ? try table.parquet() : table.csv
    } catch {
      throw JSONSelector.Failure(sentence: error.sentence)
    }
  }

  private mutating func changeTable(
    _ file: DescribedFile, _ operation: CaseEdit.Operation
  ) throws(JSONSelector.Failure) -> String {
    guard let shape = file.table else {
      throw JSONSelector.Failure(sentence: "it is a JSON file; use merge, remove or content")
    }
    do throws(EditableTable.Failure) {
      var table = try Self.table(files.contents[file.path], shape)
      let effect: EditableTable.Effect
      switch operation {
      case .rows(let objects): effect = try table.merge(objects)
      case .update(let matching, let set, let multiply):
        effect = try table.update(matching: matching, set: set, multiply: multiply)
      case .removeRows(let objects): effect = try table.remove(objects)
      case .merge, .removeValues, .content, .removeFile, .keepStages: return ""
      }
      files.set(file.path, to: shape.isParquet ? try table.parquet() : table.csv)
      return effect.description
    } catch {
      throw JSONSelector.Failure(sentence: error.sentence)
    }
  }

  static func table(_ bytes: [UInt8]?, _ shape: TableShape) throws(EditableTable.Failure) -> EditableTable {
    guard let bytes else { return EditableTable(empty: shape) }
    return shape.isParquet
      ? try EditableTable(parquet: bytes, shape: shape) : try EditableTable(csv: bytes, shape: shape)
  }
}
