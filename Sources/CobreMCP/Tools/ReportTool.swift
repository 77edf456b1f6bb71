package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `report`: a run, or several side by side, as one HTML file.
package struct ReportTool: Tool {
  let runs: RunService
  let paths: PathPolicy

  package let name = "report"
  package let title = "Write a report"

  package var description: String {
    """
    Write a report of a run, or of up to four compared, as one HTML file: convergence, costs, storages, prices, deficits, water \
    values, diagnosis. Overwrites nothing; without file the page is a resource only.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)
  package let handsOver = true
  package let app: String? = ReportResources.app
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }
  package func patience(_ arguments: Arguments) -> Double { OutsideCalls.longer }

  package var parameters: [Parameter] {
    [
      Parameter("run_ids", .names(1...4), required: true, "Handles from train or list_runs, or names."),
      Parameter("file", .text(maximumLength: 4096), "Path of the new file, ending in .html."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_ids": Schema.list(of: ["type": "string"], "The runs"),
        "resource": Schema.text("Address of the page on this server"), "file": Schema.text("Path of the file"),
        "bytes": Schema.integer("Its size"), "next": Schema.text("What to do next"),
      ], required: ["run_ids", "resource", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let name = try arguments.text("file").map(Self.name)
    let ids = try arguments.names("run_ids").map { try runs.identify($0) }
    guard Set(ids).count == ids.count else { throw ToolError("`run_ids` names a run twice; name each run once.") }
    for id in ids where try runs.snapshot(runID: id) == nil {
      throw ToolError("There is no run \"\(id)\". Call list_runs to see the runs there are.")
    }
    var result: JSONObject = [
      "run_ids": .array(ids.map { .string($0) }), "resource": .string(ReportResources.uri(ids)),
    ]
    guard let file = arguments.text("file"), let name else {
      result["next"] = "Read the resource for the page, or call again with file."
      return result
    }
    let document = try runs.answer(.report, runIDs: ids, isCancelled: { context.handle.shouldStopWaiting })
    let page = Array(RunReport.html(document).utf8)
    try context.change.begin()
    let folder = file.dropLast(name.count)
    let directory = try paths.outputDirectory(folder.isEmpty ? "." : String(folder), argument: "file")
    let bytes = try directory.write(name) { try $0(page) }
    result["file"] = .string("\(directory.path)/\(name)")
    result["bytes"] = .int(Int64(bytes))
    result["next"] = "Give the user the path of the file; a browser shows it."
    return result
  }

  /// The name of the file in a path.
  private static func name(_ file: String) throws -> String {
    if file.utf8.contains(0) { throw ToolError("`file` must not contain a NUL byte.") }
    guard file.hasSuffix(".html"), let name = file.split(separator: "/", omittingEmptySubsequences: false).last,
      name.count > 5
    else { throw ToolError("`file` must be a path that ends in a name with .html; \"\(file.prefix(80))\" does not.") }
    return String(name)
  }

  package func links(_ result: JSONObject) -> [ResourceLink] {
    let ids = result["run_ids"]?.array?.compactMap(\.string) ?? []
    guard let file = result["file"]?.string else { return ids.isEmpty ? [] : [ReportResources.link(ids)] }
    return [
      ResourceLink(
        uri: FileAddress.uri(file), name: String(file.split(separator: "/").last ?? "report"), title: "Report",
        description: "Report of the run as a web page", mimeType: "text/html"), ReportResources.link(ids),
    ]
  }
}
