package import CobreEngine

/// `report`: a run, or several side by side, as one HTML file.
package struct ReportTool: Tool {
  let runs: RunService
  let paths: PathPolicy

  package let name = "report"
  package let title = "Write a report"

  package var description: String {
    """
    Write a report of a run, or of up to four compared, as one HTML file: convergence, costs, storages, prices, deficits, water \
    values, diagnosis. Overwrites nothing.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)
  package let handsOver = true
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      Parameter("run_ids", .names(1...4), required: true, "Handles from train or list_runs, or names."),
      Parameter("file", .text(maximumLength: 4096), required: true, "Path of the new file, ending in .html."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_ids": Schema.list(of: ["type": "string"], "The runs"), "file": Schema.text("Path of the file"),
        "bytes": Schema.integer("Its size"), "next": Schema.text("What to do next"),
      ], required: ["run_ids", "file", "bytes", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let file = arguments.text("file") ?? ""
    if file.utf8.contains(0) { throw ToolError("`file` must not contain a NUL byte.") }
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    guard file.hasSuffix(".html"), let name = parts.last, name.count > 5 else {
      throw ToolError("`file` must be a path that ends in a name with .html; \"\(file.prefix(80))\" does not.")
    }
    let ids = try arguments.names("run_ids").map { try runs.identify($0) }
    guard Set(ids).count == ids.count else { throw ToolError("`run_ids` names a run twice; name each run once.") }
    let evidence = try ids.map { id in
      guard try runs.snapshot(runID: id) != nil else {
        throw ToolError("There is no run \"\(id)\". Call list_runs to see the runs there are.")
      }
      return try runs.evidence(runID: id)
    }
    let page = try RunReport(evidence, bounds: runs.caseBounds).html()
    let folder = parts.dropLast().joined(separator: "/")
    let directory = try paths.outputDirectory(
      folder.isEmpty ? (file.hasPrefix("/") ? "/" : ".") : folder, argument: "file")
    let bytes = try directory.write(String(name)) { try $0(Array(page.utf8)) }
    return [
      "run_ids": .array(ids.map { .string($0) }), "file": .string("\(directory.path)/\(name)"),
      "bytes": .int(Int64(bytes)), "next": "Give the user the path of the file; a browser shows it.",
    ]
  }

  package func links(_ result: JSONObject) -> [ResourceLink] {
    guard let file = result["file"]?.string else { return [] }
    return [
      ResourceLink(
        uri: FileAddress.uri(file), name: String(file.split(separator: "/").last ?? "report"), title: "Report",
        description: "Report of the run as a web page", mimeType: "text/html")
    ]
  }
}
