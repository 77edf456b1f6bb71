package import CobreBase
internal import CobreEngine

/// An answer as text for a terminal: its sentences and figures under their names, tables in columns.
package enum AnswerText {
  /// Hints for callers of tools are left out.
  private static let hidden: Set<String> = ["next", "run_id"]

  package static func text(_ answer: JSONObject) -> String {
    lines(answer, indent: "", hidden: hidden).joined(separator: "\n")
  }

  private static func lines(_ object: JSONObject, indent: String, hidden: Set<String> = []) -> [String] {
    object.members.filter { !hidden.contains($0.key) && !$0.value.isNull }.flatMap { key, value -> [String] in
      let name = indent + key.replacing("_", with: " ")
      switch value {
      case .object(let inner):
        if let table = table(inner, indent: indent + "  ") {
          let others = JSONObject(
            inner.members.filter { $0.key != "columns" && $0.key != "rows" }.map { ($0.key, $0.value) })
          return [name + ":"] + lines(others, indent: indent + "  ") + table
        }
        return [name + ":"] + lines(inner, indent: indent + "  ")
      case .array(let items) where items.contains { $0.object != nil || ($0.string?.utf8.count ?? 0) > 40 }:
        return [name + ":"]
          + items.flatMap { item -> [String] in
            guard let object = item.object else { return [indent + "  - " + word(item)] }
            var inner = lines(object, indent: indent + "    ")
            if let first = inner.first { inner[0] = indent + "  - " + first.dropFirst(indent.count + 4) }
            return inner
          }
      case .array(let items): return [name + ": " + items.map(word).joined(separator: ", ")]
      default: return [name + ": " + word(value)]
      }
    }
  }

  /// The rows of an object with `columns` and `rows`, in columns of equal width; nil for another object.
  private static func table(_ object: JSONObject, indent: String) -> [String]? {
    guard let columns = object["columns"]?.array?.map(word), let rows = object["rows"]?.array else { return nil }
    let cells = [columns] + rows.map { ($0.array ?? []).map(word) }
    let widths = columns.indices.map { column in cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return cells.map { row in
      var line = indent
      for (column, cell) in row.enumerated() where column < widths.count {
        line += (column > 0 ? "  " : "") + cell
        if column + 1 < row.count { line += String(repeating: " ", count: widths[column] - cell.count) }
      }
      return line
    }
  }

  private static func word(_ value: JSONValue) -> String {
    switch value {
    case .null: "-"
    case .string(let text): text
    case .bool(let isTrue): isTrue ? "yes" : "no"
    case .double(let number): Figures.digits(number)
    default: value.text()
    }
  }
}
