package import CobreBase
internal import CobreEngine
internal import Foundation

/// In what two cases differ, entry by entry: JSON files by member, tables by row.
package struct CaseDifferences: Sendable, Equatable {
  /// One entry that differs; nil where a case lacks it.
  package struct Entry: Sendable, Equatable {
    package var file: String
    /// Such as `hydros[id=3].storage.max`, or `stage_id=4, bus_id=1: mean_mw` in tables; empty for the whole file.
    package var place: String
    package var first: String?
    package var second: String?
  }

  /// The entries, at most `limit` of each file.
  package var entries: [Entry] = []
  /// Number of entries that differ, by file, those that are not listed included.
  package var counts: [String: Int] = [:]
  /// Files of other bytes that say the same.
  package var rewritten: [String] = []

  private let limit: Int

  /// - Parameters:
  ///   - first: files of one case, by name.
  ///   - second: the files of the other.
  ///   - limit: entries of each file at most.
  package init(_ first: [String: [UInt8]], _ second: [String: [UInt8]], limit: Int = 20) {
    self.limit = limit
    for file in Set(first.keys).union(second.keys).sorted() where first[file] != second[file] {
      let before = counts[file] ?? 0
      compare(file, first[file], second[file])
      if counts[file] ?? 0 == before { rewritten.append(file) }
    }
  }

  private mutating func compare(_ file: String, _ first: [UInt8]?, _ second: [UInt8]?) {
    guard let first, let second else {
      return add(file, "", first.map { "\($0.count) bytes" }, second.map { "\($0.count) bytes" })
    }
    if file.hasSuffix(".json"), let left = try? JSONParser.parse(first), let right = try? JSONParser.parse(second) {
      compare(file, "", left, right)
    } else if file.hasSuffix(".csv"), let left = Rows(first), let right = Rows(second, keys: left.keyColumns) {
      compare(file, left, right)
    } else {
      add(file, "", "\(first.count) bytes", "\(second.count) bytes")
    }
  }

  private mutating func add(_ file: String, _ place: String, _ first: String?, _ second: String?) {
    counts[file, default: 0] += 1
    guard counts[file] ?? 0 <= limit else { return }
    entries.append(Entry(file: file, place: place, first: first.map(Self.short), second: second.map(Self.short)))
  }

  private static func short(_ text: String) -> String { text.utf8.count <= 60 ? text : text.prefix(56) + " ..." }
}

// MARK: JSON

extension CaseDifferences {
  private mutating func compare(_ file: String, _ place: String, _ first: JSONValue, _ second: JSONValue) {
    switch (first, second) {
    case (.object(let left), .object(let right)):
      for key in left.keys + right.keys.filter({ !left.contains($0) }) {
        step(file, place.isEmpty ? key : "\(place).\(key)", left[key], right[key])
      }
    case (.array(let left), .array(let right)):
      // Elements are matched by their id, whatever their position.
      guard let leftIDs = Self.ids(left), let rightIDs = Self.ids(right) else {
        for index in 0..<max(left.count, right.count) {
          step(
            file, "\(place)[\(index)]", index < left.count ? left[index] : nil, index < right.count ? right[index] : nil
          )
        }
        return
      }
      for id in leftIDs.order + rightIDs.order.filter({ leftIDs.values[$0] == nil }) {
        step(file, "\(place)[id=\(id)]", leftIDs.values[id], rightIDs.values[id])
      }
    default:
      // 1 and 1.0 are the same number.
      if let left = first.number, let right = second.number, left == right { return }
      if first != second { add(file, place, first.text(), second.text()) }
    }
  }

  private mutating func step(_ file: String, _ place: String, _ first: JSONValue?, _ second: JSONValue?) {
    guard let first, let second else { return add(file, place, first?.text(), second?.text()) }
    compare(file, place, first, second)
  }

  /// The elements of a list by their `id`; nil where they have none or share one.
  private static func ids(_ list: [JSONValue]) -> (order: [Int], values: [Int: JSONValue])? {
    var order: [Int] = []
    var values: [Int: JSONValue] = [:]
    for element in list {
      guard let id = element["id"]?.int, values[id] == nil else { return nil }
      order.append(id)
      values[id] = element
    }
    return (order, values)
  }
}

// MARK: Tables

extension CaseDifferences {
  /// A table whose rows are identified by their leading columns.
  private struct Rows {
    var columns: [String]
    var keyColumns: [String]
    var order: [[String]] = []
    var cells: [[String]: [String]] = [:]

    /// Columns that identify a row, besides the columns that end in `_id`.
    private static let keyNames: Set<String> = [
      "stage", "block", "season", "lag", "date", "scenario", "year", "month", "opening", "iteration", "segment",
      "plane",
    ]

    /// Nil where the bytes are no table.
    ///
    /// - Parameters:
    ///   - bytes: of the file.
    ///   - wanted: key columns of a table that this one is held against, whose order counts where all of them are
    ///     there.
    init?(_ bytes: [UInt8], keys wanted: [String]? = nil) {
      let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(Self.fields)
      guard let header = lines.first, !header.isEmpty else { return nil }
      columns = header
      var keys = header.indices.filter { header[$0].hasSuffix("_id") || Self.keyNames.contains(header[$0]) }
      if let wanted {
        let places = wanted.compactMap { header.firstIndex(of: $0) }
        if places.count == wanted.count { keys = places }
      }
      keyColumns = keys.map { header[$0] }
      for (number, line) in lines.dropFirst().enumerated() {
        guard line.count == header.count else { return nil }
        var key = keys.map { line[$0] }
        // Rows without a key, or with the same one, are distinguished by their number.
        if keys.isEmpty || cells[key] != nil { key.append("#\(number)") }
        order.append(key)
        cells[key] = line
      }
    }

    private static func fields(_ line: Substring) -> [String] {
      line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    func name(_ key: [String]) -> String {
      zip(keyColumns + ["row"], key).map { "\($0)=\($1)" }.joined(separator: ", ")
    }
  }

  private mutating func compare(_ file: String, _ first: Rows, _ second: Rows) {
    for key in first.order + second.order.filter({ first.cells[$0] == nil }) {
      guard let left = first.cells[key], let right = second.cells[key] else {
        add(
          file, first.name(key), first.cells[key]?.joined(separator: ","), second.cells[key]?.joined(separator: ","))
        continue
      }
      for (index, column) in first.columns.enumerated() {
        guard let other = second.columns.firstIndex(of: column) else { continue }
        let (one, two) = (left[index], right[other])
        if one == two { continue }
        if let a = Double(one), let b = Double(two), a == b { continue }
        add(file, "\(first.name(key)): \(column)", one, two)
      }
    }
    for column in second.columns where !first.columns.contains(column) { add(file, "column \(column)", nil, "there") }
    for column in first.columns where !second.columns.contains(column) { add(file, "column \(column)", "there", nil) }
  }
}

extension CaseDifferences {
  /// The differences as tools and commands report them.
  package var json: JSONObject {
    var result: JSONObject = [
      "columns": ["file", "place", "first", "second"],
      "rows": .array(
        entries.map { [.string($0.file), .string($0.place), .optional($0.first), .optional($0.second)] }),
    ]
    let hidden = counts.values.reduce(0, +) - entries.count
    if hidden > 0 { result["not_listed"] = .int(Int64(hidden)) }
    if !rewritten.isEmpty { result["written_differently"] = .array(rewritten.map { .string($0) }) }
    return result
  }
}
