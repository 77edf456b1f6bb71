package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `export_results`: what a run has found, as files.
package struct ExportResultsTool: Tool {
  let runs: RunService
  let paths: PathPolicy

  package let name = "export_results"
  package let title = "Export the results of a run"

  package var description: String {
    """
    Write the results of a run as files into a new or empty directory: CSV tables (convergence, simulation, values \
    by element and stage, cuts), one SQLite file, the policy (cuts and water values with dates and units, CSV and \
    Parquet), or the Parquet tables of Novomodelo's output, whose simulation needs detail stages or blocks.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }
  package func patience(_ arguments: Arguments) -> Double { OutsideCalls.exporting }

  package var parameters: [Parameter] {
    [
      Parameter(
        "directory", .text(maximumLength: 4096), required: true,
        brief: "New or empty directory, e.g. exports/north.",
        "New or empty directory, absolute or relative to the server's working directory, e.g. \"exports/north\"."),
      RunArgument.parameter,
      Parameter(
        "format", .choice(["csv", "sqlite", "both", "novomodelo", "policy"]), default: "csv", "What to write."),
      Parameter(
        "max_megabytes", .integer(1...10_000), default: 200,
        "MB at most; beyond it nothing is written."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "directory": Schema.text("Directory of the files"),
        "files": Schema.list(of: ["type": "object"], "name, bytes, and rows of tables; folders of a table as one"),
        "bytes": Schema.integer("Size of all files"), "next": Schema.text("What to do next"),
      ], required: ["run_id", "directory", "files", "bytes", "next"])
  }

  /// Time for reading the database, in s.
  private static let maximumSeconds = 600.0

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    var directory = try paths.stagedDirectory(arguments.text("directory") ?? "", argument: "directory")
    context.change.leave(WorkerExchange.Leftover(directory: directory.stagingPath))
    var export = try RunExport(
      of: try runs.store(runID: run.runID), limit: (arguments.integer("max_megabytes") ?? 200) << 20,
      seconds: Self.maximumSeconds, isCancelled: { context.handle.shouldStopWaiting })
    let format = arguments.text("format") ?? "csv"
    var files: [RunExport.File] = []
    if format == "novomodelo" {
      let manifest = try runs.manifest(runID: run.runID)
      files = try export.writeNovomodelo(
        to: directory, study: try manifest.study(bounds: runs.caseBounds),
        settings: manifest.settings)
    } else if format == "policy" {
      files = try export.writePolicy(try runs.policy(runID: run.runID), to: directory)
    } else if format != "sqlite" {
      files += try export.writeTables(to: directory, stateNames: runs.stateNames(runID: run.runID))
    }
    if format == "sqlite" || format == "both" { files.append(try export.writeDatabase(to: directory)) }
    guard !files.isEmpty else {
      throw ToolError("Run \(run.runID) has nothing to export yet. Call status with wait_seconds, then try again.")
    }
    try context.change.begin()
    return [
      "run_id": .string(run.runID),
      "directory": .string(try directory.publish()),
      "files": .array(
        files.map { file in
          var members: JSONObject = ["name": .string(file.name), "bytes": .int(Int64(file.bytes))]
          if let rows = file.rows { members["rows"] = .int(Int64(rows)) }
          return .object(members)
        }),
      "bytes": .int(Int64(files.reduce(0) { $0 + $1.bytes })),
      "next": .string(
        (run.state.isFinal ? "" : "The run goes on, so this is what it had at this moment. ")
          + "Give the user the path of the directory."),
    ]
  }

  private static func mimeType(_ name: String) -> String {
    switch name.split(separator: ".").last {
    case "csv": "text/csv"
    case "json": "application/json"
    case "parquet": "application/vnd.apache.parquet"
    default: "application/vnd.sqlite3"
    }
  }

  package func links(_ result: JSONObject) -> [ResourceLink] {
    guard let directory = result["directory"]?.string else { return [] }
    // Folders of tables have no content of their own.
    return (result["files"]?.array ?? []).compactMap { $0["name"]?.string }.filter { $0.contains(".") }.map { name in
      ResourceLink(
        uri: FileAddress.uri("\(directory)/\(name)"), name: name, title: "Exported \(name)", description: "",
        mimeType: Self.mimeType(name))
    }
  }
}
