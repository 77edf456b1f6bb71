package import CobreBase
internal import CobreEngine
package import CobreRuns

/// `train`: starts a run and waits a bounded time for it.
package struct TrainTool: StartingTool {
  package let runs: RunService
  let paths: PathPolicy
  package let maximumWait: Double

  package let name = "train"
  package let title = "Train a policy"

  package var description: String {
    """
    Train a dispatch policy for a case by SDDP: expected cost, bounds, water values. It runs in processes of its \
    own; the call returns its run_id within wait_seconds, then read it with status. Ending this call does not stop the \
    run: use cancel. A case with errors starts nothing; its errors are returned.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)

  package var parameters: [Parameter] { Self.request + [StartedRun.name, StartedRun.wait(maximum: maximumWait)] }

  /// The arguments that say what to compute.
  package static var request: [Parameter] {
    [
      Parameter(
        "case_dir", .text(maximumLength: 4096),
        brief: "Directory of the case, with config.json.",
        "Directory of the case (the one that holds config.json), absolute or relative to the server's working directory, "
          + "e.g. \"examples/four-areas\". Needed, except with continue_from, whose case is taken then.")
    ] + RunOption.training.map { Parameter($0) }
  }

  package var outputSchema: JSONObject { StartedRun.schema(required: ["backend", "num_workers", "iteration"]) }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    var directory = ""
    if let path = arguments.text("case_dir") { directory = try paths.directory(path, argument: "case_dir") }
    let started = try runs.start(Self.request(directory, arguments), beforeChange: context.change.begin)
    return try StartedRun.answer(
      started.snapshot, created: started.created, arguments, maximumWait: maximumWait, context, runs)
  }

  /// The request described by arguments, for a case that was found.
  package static func request(_ directory: String, _ arguments: Arguments) -> RunRequest {
    arguments.request(RunRequest(caseDirectory: directory), options: RunOption.training + [.runName])
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
