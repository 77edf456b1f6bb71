package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `get_schema`: what the files of a case may contain.
package struct GetSchemaTool: Tool {
  package init() {}

  package let name = "get_schema"
  package let title = "Schema of a case file"

  package var description: String {
    """
    Tell what may stand in a file of a case: the JSON Schema of a JSON file, or the columns of a table with units \
    and keys; without file, the list of all files. Cobre's own format is JSON and CSV, Novomodelo's JSON and \
    Parquet. Use it before edit_case. Inner objects of long schemas are reduced to their keys; part gives one in \
    full.
    """
  }

  package let annotations = ToolAnnotations.reading
  package let runsOutside = false
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      Parameter(
        "format", .choice(DescribedFormat.allCases.map(\.rawValue)), default: "cobre",
        "cobre: Cobre's own format. novomodelo: that of Novomodelo 0.19."),
      Parameter(
        "file", .text(maximumLength: 200),
        brief: "Path in the case, e.g. system/hydros.json. Default: all files.",
        "Path of the file within the case, e.g. \"system/hydros.json\"; tables are .csv in Cobre's own format, .parquet in "
          + "Novomodelo's. Default: the list of all files."),
      Parameter(
        "part", .text(maximumLength: 200),
        brief: "Only the schema under this key, e.g. training.stopping_rules.",
        "Only the schema under this key of a JSON file, e.g. \"training.stopping_rules\". Default: the whole file."),
      Parameter(
        "form", .choice(["schema", "documentation"]), default: "schema",
        brief: "schema, or a Markdown table of every key.",
        "schema: JSON Schema or column list. documentation: a Markdown table of every key with type, default, unit and "
          + "meaning, which may be longer than other results."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "format": Schema.text("The format that is described"),
        "file": Schema.text("Path of the file within the case"),
        "part": Schema.text("Part of the file that is described"),
        "schema": ["type": "object", "description": "JSON Schema 2020-12, or the columns of a table"],
        "reduced": Schema.boolean("Whether inner objects were reduced to their keys"),
        "documentation": Schema.text("Markdown"),
        "files": Schema.list(of: ["type": "object"], "All files: file, required, holds"),
        "next": Schema.text("What to do next"),
      ], required: ["next"])
  }

  private static let maximumBytes = 6800

  /// Paths of both formats, Cobre's own first.
  private static let paths = DescribedFormat.allCases.reduce(into: [String]()) { paths, format in
    paths += format.files.map(\.path).filter { !paths.contains($0) }
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let format = arguments.text("format").flatMap { DescribedFormat(rawValue: $0) } ?? .cobre
    guard let path = arguments.text("file") else {
      return listing(format, documentation: arguments.text("form") == "documentation")
    }
    guard let name = format.file(path) else {
      guard Self.paths.contains(path) else {
        let meant = NearestName.nearestPath(to: path, among: Self.paths)
        throw ToolError(
          "`file` cannot be \"\(path.prefix(100))\"." + (meant.map { " Did you mean \"\($0)\"?" } ?? "")
            + " get_schema without file lists all.")
      }
      let other = DescribedFormat.allCases.first { $0.file(path) != nil }
      throw ToolError(
        "`file`: the format \(format.rawValue) has no file \"\(path.prefix(100))\"."
          + (other.map { " Set format to \"\($0.rawValue)\" for it." } ?? ""))
    }
    if arguments.text("form") == "documentation" {
      return [
        "format": .string(format.rawValue), "file": .string(name.path),
        "documentation": .string(FormatDocument.file(name)),
        "next": "Write the file, then call validate_case.",
      ]
    }
    var schema = SchemaDocument.schema(name)
    var result: JSONObject = ["format": .string(format.rawValue), "file": .string(name.path)]
    if let part = arguments.text("part") {
      guard let found = SchemaView.part(part, of: schema) else {
        let deeper = SchemaView.paths(to: part, in: schema).prefix(4)
        throw ToolError(
          "`part`: \(name.path) has no key \"\(part.prefix(100))\"."
            + (deeper.isEmpty ? "" : " Did you mean \(deeper.map { "\"\($0)\"" }.joined(separator: " or "))?")
            + " Its keys are " + SchemaView.keys(of: schema).joined(separator: ", ") + "; join inner ones by dots.")
      }
      schema = found
      result["part"] = .string(part)
    }
    let (fitted, isReduced) = SchemaView.fitted(schema, bytes: Self.maximumBytes)
    result["schema"] = fitted
    result["reduced"] = .bool(isReduced)
    result["next"] = .string(
      isReduced
        ? "Call get_schema with part for an inner object in full, such as part \"\(firstReduced(fitted) ?? "...")\"."
        : "Write the file, then call validate_case.")
    return result
  }

  private func listing(_ format: DescribedFormat, documentation: Bool) -> JSONObject {
    if documentation {
      return [
        "format": .string(format.rawValue), "documentation": .string(FormatDocument.overview(format)),
        "next": "Call get_schema with one of the files.",
      ]
    }
    return [
      "format": .string(format.rawValue),
      "files": .array(
        format.files.map {
          ["file": .string($0.path), "required": .bool($0.isRequired), "holds": .string($0.summary)]
        }),
      "next": .string(
        format == .cobre
          ? "Call get_schema with one of the files, or create_case for a case to start from."
          : "Call get_schema with format novomodelo and one of the files, or convert_deck for a case made of a deck."),
    ]
  }

  /// A key whose object was reduced, as `part` takes it.
  private func firstReduced(_ schema: JSONValue) -> String? {
    for key in SchemaView.keys(of: schema) {
      guard let inner = SchemaView.part(key, of: schema) else { continue }
      if inner["keys"] != nil || inner["items"]?["keys"] != nil { return key }
    }
    return SchemaView.keys(of: schema).first
  }
}
