package import CobreBase
internal import CobreEngine
internal import CobreRuns

/// `estimate`: how long a training will take.
package struct EstimateTool: Tool {
  let runs: RunService
  let paths: PathPolicy

  package let name = "estimate"
  package let title = "How long will it take"

  package var description: String {
    """
    Estimate how long training a case will take, its memory and disk, as ranges, by training a little for about 4 s. Starts no run.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }
  package func patience(_ arguments: Arguments) -> Double { OutsideCalls.longer }

  private static let options: [RunOption] = [
    .workers, .iterations, .forwardPasses,
  ]

  package var parameters: [Parameter] {
    [Parameter("case_dir", .text(maximumLength: 4096), required: true, "Directory of the case.")]
      + Self.options.map { Parameter($0) } + [Parameter("run_id", .name, "Run that the answer is compared with.")]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "summary": Schema.list(of: ["type": "string"], "The answer in sentences"),
        "training_seconds": Schema.list(of: ["type": "number"], "Least and most"),
        "next": Schema.text("What to do next"),
      ], required: ["summary", "training_seconds", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let directory = try paths.directory(arguments.text("case_dir") ?? "", argument: "case_dir")
    let request = arguments.request(RunRequest(caseDirectory: directory), options: Self.options)
    return try runs.answer(
      .estimate(request), runIDs: arguments.text("run_id").map { [$0] } ?? [],
      isCancelled: { context.handle.shouldStopWaiting })
  }
}
