package import CobreBase

/// A part of a file of a case as text, for callers that cannot read files themselves.
package struct CaseExcerpt: Sendable, Equatable {
  /// One file of a case.
  package struct Entry: Sendable, Equatable {
    package var path: String
    package var bytes: Int
    package var summary: String
  }

  /// JSON, or CSV with a header, whatever the file is.
  package var text: String
  /// Rows of the table that match, or values to which the path leads.
  package var total: Int
  /// Of them those before the first and in the text.
  package var offset: Int
  package var count: Int
  /// Whether the text was cut in the middle of a value.
  package var isCut = false

  /// The files of a case that are there.
  package static func entries(_ files: CaseFiles) -> [Entry] {
    let isOwn = FormatRecognition(files).format != .novomodelo
    return files.contents.sorted { $0.key < $1.key }.map { path, bytes in
      let own = CaseFileName(rawValue: path)?.summary
      let other = NovomodeloFile(rawValue: path)?.summary
      return Entry(path: path, bytes: bytes.count, summary: (isOwn ? own ?? other : other ?? own) ?? "")
    }
  }

  /// Reads a part of a file.
  ///
  /// - Parameters:
  ///   - files: the case.
  ///   - path: of the file, relative to the case.
  ///   - selector: where in a JSON file, such as `hydros[id=1]`; empty for all.
  ///   - matching: columns and values that rows must have.
  ///   - offset: rows or values to pass over.
  ///   - limit: bytes of text, at least one row or value.
  /// - Throws: `CaseEditFailure`.
  package init(
    _ files: CaseFiles, path: String, at selector: String = "", matching: JSONObject = JSONObject(), offset: Int = 0,
    limit: Int
  ) throws(CaseEditFailure) {
    do throws(JSONSelector.Failure) {
      guard let bytes = files.contents[path] else {
        if let failure = files.failures[path] { throw JSONSelector.Failure(sentence: failure) }
        let known = files.contents.keys.sorted()
        let meant = known.first { $0.hasSuffix("/" + path) } ?? NearestName.nearest(to: path, among: known)
        throw JSONSelector.Failure(
          sentence: "the case has no such file" + (meant.map { "; did you mean \"\($0)\"" } ?? "")
            + "; it has \(known.prefix(50).joined(separator: ", "))")
      }
      let file =
        CaseFileName(rawValue: path).map { DescribedFile($0) }
        ?? NovomodeloFile(rawValue: path).map { DescribedFile($0) }
      if let shape = file?.table {
        guard selector.isEmpty else { throw JSONSelector.Failure(sentence: "it is a table; choose rows by `where`") }
        self = try Self.rows(bytes, shape, matching, offset, limit)
      } else {
        guard matching.isEmpty else { throw JSONSelector.Failure(sentence: "it is a JSON file; choose a part by `at`") }
        self = try Self.values(bytes, selector, offset, limit)
      }
    } catch {
      throw CaseEditFailure(problems: ["\(path.printable(limit: 80)): \(error.sentence)."])
    }
  }

  private init(text: String, total: Int, offset: Int, count: Int, isCut: Bool = false) {
    (self.text, self.total, self.offset, self.count, self.isCut) = (text, total, offset, count, isCut)
  }

  private static func rows(
    _ bytes: [UInt8], _ shape: TableShape, _ matching: JSONObject, _ offset: Int, _ limit: Int
  ) throws(JSONSelector.Failure) -> CaseExcerpt {
    do throws(EditableTable.Failure) {
      var table = try CaseRevision.table(bytes, shape)
      let chosen = try table.matches(matching)
      let all = table.rows
      var count = 0
      table.rows = []
      var size = table.csv.count
      for row in chosen.dropFirst(offset) {
        // A line has its fields and as many separators; quotes make it longer by little.
        size += all[row].reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 }
        if size > limit, count > 0 { break }
        table.rows.append(all[row])
        count += 1
      }
      return CaseExcerpt(
        text: String(decoding: table.csv, as: UTF8.self), total: chosen.count, offset: min(offset, chosen.count),
        count: count)
    } catch {
      throw JSONSelector.Failure(sentence: error.sentence)
    }
  }

  private static func values(
    _ bytes: [UInt8], _ selector: String, _ offset: Int, _ limit: Int
  ) throws(JSONSelector.Failure) -> CaseExcerpt {
    let document = try CaseRevision.json(bytes)
    let values = try JSONSelector(selector).values(in: document)
    var text = ""
    var count = 0
    var isCut = false
    for value in values.dropFirst(offset) {
      let plain = value.text()
      let next = plain.utf8.count <= limit / 4 ? value.text(JSONValue.WritingOptions(isIndented: true)) : plain
      if text.utf8.count + next.utf8.count > limit, count > 0 { break }
      text += (count > 0 ? "\n" : "") + next
      count += 1
    }
    if text.utf8.count > limit {
      text = String(decoding: text.utf8.prefix(limit), as: UTF8.self) + " ..."
      isCut = true
    }
    return CaseExcerpt(text: text, total: values.count, offset: min(offset, values.count), count: count, isCut: isCut)
  }
}
