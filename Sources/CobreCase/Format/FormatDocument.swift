internal import CobreBase

/// The case format as Markdown, made from the definitions that the reader uses.
package enum FormatDocument {
  /// What a case is, and which files it has.
  package static func overview() -> String {
    let rows = CaseFileName.allCases.map {
      "| `\($0.path)` | \($0.isRequired ? "yes" : "no") | \($0.summary) |"
    }
    return """
      # Case format

      A case is a directory of JSON and CSV files.

      | File | Required | Holds |
      |---|---|---|
      \(rows.joined(separator: "\n"))

      ## Conventions

      * Text is UTF-8. JSON has no comments and no duplicate keys; CSV has a header row, commas and decimal points, and an \
      empty field is null. Unknown keys and columns are errors.
      * Units: MW, MWh, m3/s, hm3, m, km2, hours; $ is the one currency. 1 m3/s during h hours is 0.0036 h hm3.
      * Dates are YYYY-MM-DD; a period ends the day before its end date.
      * Study stages are numbered 0, 1, ... without gaps, pre-study stages -1, -2, ... backwards. Ids are integers, unique \
      among the elements of one kind.
      * An element with entry_stage_id and exit_stage_id exists in stage t when entry <= t < exit.
      * Costs of flows are $ per m3/s and hour.
      """
  }

  /// The overview and every file, as one document.
  package static func whole() -> String {
    let files = CaseFileName.allCases.map { name in
      // A heading deeper than in the document of that file alone.
      "#" + file(name)
    }
    return overview() + "\n\n" + files.joined(separator: "\n")
  }

  /// What a case of the format is, and which files it has.
  package static func overview(_ format: DescribedFormat) -> String {
    guard format == .novomodelo else { return overview() }
    let rows = format.files.map { "| `\($0.path)` | \($0.isRequired ? "yes" : "no") | \($0.summary) |" }
    return """
      # Case format of Novomodelo 0.19

      A case is a directory of JSON files and Parquet tables. Cobre reads it as it is.

      | File | Required | Holds |
      |---|---|---|
      \(rows.joined(separator: "\n"))

      ## Conventions

      * JSON has no comments and no duplicate keys; an integer is written without a decimal point. Unknown keys are errors.
      * Tables are Parquet, uncompressed or with ZSTD: INT32 for int, DOUBLE for num, DATE for date, UINT_32 for \
      opening_index and entity_index. Unknown columns are ignored; CSV is never read.
      * Units: MW, MWh, m3/s, hm3, m, km2, hours; $ is the one currency. 1 m3/s during h hours is 0.0036 h hm3.
      * Dates are YYYY-MM-DD; a period ends the day before its end date.
      * There are at least two stages. Their ids rise from 0 or more, with gaps if need be; tables name stages by id. Statistics \
      of the time before the study have ids below 0.
      * An element with entry_stage_id and exit_stage_id exists in stage t when entry <= t < exit.
      * In tables of limits a null block_id is for every block without a row of its own.
      * Costs of flows are $ per m3/s and hour.
      """
  }

  /// One file of our own format.
  package static func file(_ name: CaseFileName) -> String { file(DescribedFile(name)) }

  /// One file: every key or column with type, default, unit and meaning.
  package static func file(_ name: DescribedFile) -> String {
    var lines = ["# `\(name.path)`", "", "\(name.summary). \(name.isRequired ? "Required." : "Optional.")", ""]
    if let table = name.table {
      let key = table.key.map { "`\($0)`" }.joined(separator: ", ")
      lines += ["One row per \(key).", "", "| Column | Type | Required | Unit | Meaning |", "|---|---|---|---|---|"]
      lines += table.columns.map(row)
    } else if let fields = name.fields {
      lines += ["| Key | Type | Default | Unit | Meaning |", "|---|---|---|---|---|"]
      append(fields, under: "", to: &lines, depth: 0)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ column: ColumnShape) -> String {
    let type = column.kind.rawValue + words(column.range)
    let need = column.isNullable && !column.isRequired ? "no" : "yes"
    return "| `\(column.name)` | \(type) | \(need) | \(column.unit ?? "") | \(cell(column.summary)) |"
  }

  /// Deeper than any definition nests.
  private static let maximumDepth = 12

  private static func append(_ fields: [Field], under path: String, to lines: inout [String], depth: Int) {
    guard depth < maximumDepth else { return }
    for field in fields {
      let place = path + field.name
      let fallback =
        field.isRequired ? "required" : field.defaultValue.map { "`\(cell($0.text()))`" } ?? "none"
      let type = type(field.shape) + (field.isNullable ? " or null" : "")
      lines.append("| `\(place)` | \(type) | \(fallback) | \(field.unit ?? "") | \(cell(field.summary)) |")
      append(field.shape, at: place, to: &lines, depth: depth)
    }
  }

  private static func append(_ shape: Shape, at place: String, to lines: inout [String], depth: Int) {
    switch shape {
    case .object(let fields): append(fields, under: place + ".", to: &lines, depth: depth + 1)
    case .array(let array): append(array.element, at: place + "[]", to: &lines, depth: depth + 1)
    case .map(let value, _): append(value, at: place + ".*", to: &lines, depth: depth + 1)
    case .tagged(let tagged):
      append([tagged.tagField] + tagged.common, under: place + ".", to: &lines, depth: depth + 1)
      for (name, fields) in tagged.variants {
        append(fields, under: "\(place)(\(tagged.tag)=\(name)).", to: &lines, depth: depth + 1)
      }
    case .either(let shapes):
      for shape in shapes { append(shape, at: place, to: &lines, depth: depth + 1) }
    case .string, .integer, .number, .boolean, .date: break
    }
  }

  private static func type(_ shape: Shape) -> String {
    switch shape {
    case .object: return "object"
    case .map: return "object with free keys"
    case .tagged(let tagged): return "object by `\(tagged.tag)`"
    case .array(let array):
      let count = array.count.map { ", \($0) elements" } ?? (array.minimum > 0 ? ", at least \(array.minimum)" : "")
      return "list of \(type(array.element))\(count)"
    case .string(let string):
      guard let values = string.values else { return "string" }
      return values.map { "`\($0)`" }.joined(separator: ", ") + (string.ignoresCase ? " in any case" : "")
    case .integer(let integer): return "integer" + words(integer.range)
    case .number(let range): return "number" + words(range)
    case .boolean: return "boolean"
    case .date: return "date"
    case .either(let shapes): return shapes.map(type).joined(separator: " or ")
    }
  }

  private static func words(_ range: NumberRange) -> String { range.words.isEmpty ? "" : ", " + range.words }

  /// Text that cannot end a cell of a table.
  private static func cell(_ text: String) -> String { text.split(separator: "|").joined(separator: "\\|") }
}
