package import CobreBase
internal import CobreEngine
internal import CobrePlot
internal import CobreRuns

/// `save_plot`: the chart of `plot` as a file.
package struct SavePlotTool: Tool {
  let runs: RunService
  let paths: PathPolicy

  package let name = "save_plot"
  package let title = "Save a plot"

  package var description: String {
    """
    Draw the same charts as plot into a new file, as SVG, PNG or a Vega-Lite document (.vl.json) by the end of its name, under \
    an allowed directory. No file is overwritten. Returns the path and a link to it, not the image.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    RunChart.parameters + [
      Parameter(
        "file", .text(maximumLength: 4096), required: true,
        brief: "Path of the new file, .svg, .png or .vl.json.",
        "Path of the new file, ending in .svg, .png or .vl.json, e.g. \"figures/storage.svg\".")
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "file": Schema.text("Path of the file"),
        "bytes": Schema.integer("Its size"), "description": Schema.text("What the chart shows"),
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "file", "bytes", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let file = arguments.text("file") ?? ""
    if file.utf8.contains(0) { throw ToolError("`file` must not contain a NUL byte.") }
    let isVector = file.hasSuffix(".svg")
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    let isDocument = file.hasSuffix(".vl.json")
    guard isVector || isDocument || file.hasSuffix(".png"), let name = parts.last, name.count > (isDocument ? 8 : 4)
    else {
      throw ToolError(
        "`file` must be a path that ends in a name with .svg, .png or .vl.json; \"\(file.prefix(80))\" does not.")
    }
    let (drawn, run) = try RunChart.make(arguments, runs)
    let drawing =
      isDocument
      ? Array(VegaDocument.text(drawn.chart).utf8)
      : isVector ? ChartImage.svg(drawn.chart) : ChartImage.png(drawn.chart)
    guard let image = drawing else {
      throw ToolError("The chart could not be drawn: there is no memory for it. Try again.")
    }
    try context.change.begin()
    let folder = parts.dropLast().joined(separator: "/")
    let directory = try paths.outputDirectory(
      folder.isEmpty ? (file.hasPrefix("/") ? "/" : ".") : folder, argument: "file")
    let bytes = try directory.write(String(name)) { try $0(image) }
    return [
      "run_id": .string(run.runID), "file": .string("\(directory.path)/\(name)"), "bytes": .int(Int64(bytes)),
      "description": .string(drawn.sentence), "next": "Give the user the path of the file.",
    ]
  }

  package func links(_ result: JSONObject) -> [ResourceLink] {
    guard let file = result["file"]?.string else { return [] }
    return [
      ResourceLink(
        uri: FileAddress.uri(file), name: String(file.split(separator: "/").last ?? "plot"), title: "Plot of the run",
        description: result["description"]?.string ?? "",
        mimeType: file.hasSuffix(".svg") ? "image/svg+xml" : file.hasSuffix(".json") ? "application/json" : "image/png"
      )
    ]
  }
}
