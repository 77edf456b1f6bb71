internal import CobreEngine
package import CobreRuns

/// The argument that names the run for tools that read results.
package enum RunArgument {
  package static let parameter = Parameter(
    "run_id", .name, brief: "Id or name; default the newest run.",
    "Handle from train or list_runs, or the name of a run. Default: the newest run.")

  /// The run that a call names, or the newest one.
  package static func run(_ arguments: Arguments, _ runs: RunService) throws -> RunSnapshot {
    let runID = arguments.text(parameter.name)
    if let run = try runs.snapshot(runID: runID) { return run }
    guard let runID else {
      throw ToolError("There is no run yet. Call train with the case_dir of a case to start one.")
    }
    throw ToolError("There is no run \"\(runID)\". Call list_runs to see the runs there are.")
  }
}
