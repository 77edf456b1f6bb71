package import CobreEngine

/// `simulate`: tries the policy of a run on other scenarios.
package struct SimulateTool: Tool {
  let runs: RunService
  let paths: PathPolicy
  let maximumWait: Double

  package let name = "simulate"
  package let title = "Simulate a policy"

  package var description: String {
    """
    Simulate the policy of a run that has ended on other scenarios: another number, seed, origin of the noise or detail to \
    keep. Nothing is trained. It is a run of its own with its own run_id, in processes of its own, read with status, plot \
    and query_results like any other. Waits at most wait_seconds for the end; ending the call does not stop it: use cancel. \
    Uses num_workers CPU cores. Call status next.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)

  package var parameters: [Parameter] {
    [
      Parameter("run_id", .name, required: true, "Handle of the run whose policy is simulated."),
      Parameter("scenarios", .integer(1...1_000_000), required: true, "Scenarios to simulate, e.g. 2000."),
      Parameter(
        "scheme", .choice(ScenarioSource.Scheme.allCases.map(\.rawValue)),
        "Origin of the noise. in_sample: openings of the tree. out_of_sample: fresh noise of the same model. historical: "
          + "past years. external: tables of scenarios of the case. Default: what the case says."),
      Parameter(
        "seed", .integer(-9_007_199_254_740_991...9_007_199_254_740_991),
        "Seed of the scenarios; the opening tree stays as it was. Default: that of the case."),
      Parameter(
        "detail", .choice(SimulationDetail.allCases.map(\.rawValue)), default: "statistics",
        "What is kept beside statistics by element and stage: every scenario and stage, or every block too, which can be "
          + "large."),
      Parameter(
        "case_dir", .text(maximumLength: 4096),
        "Directory of another case with the same reservoirs and lags. Default: the case of the run."),
      Parameter(
        "backend", .choice(RequestedBackend.allCases.map(\.rawValue)), default: "auto",
        "How the processes communicate; see train."),
      Parameter(
        "num_workers", .integer(1...1024),
        "Processes that share the work. Default: the physical cores over threads_per_worker."),
      Parameter("threads_per_worker", .integer(1...1024), default: 1, "Threads of each of them; see train."),
      StartedRun.name,
      StartedRun.wait(maximum: maximumWait),
    ]
  }

  package var outputSchema: JSONObject { StartedRun.schema(required: ["policy_of"]) }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let directory = try arguments.text("case_dir").map { path throws(ToolError) in
      try paths.directory(path, argument: "case_dir")
    }
    let request = SimulationRequest(
      policyRun: arguments.text("run_id") ?? "", scenarios: arguments.integer("scenarios") ?? 0,
      caseDirectory: directory,
      scheme: arguments.text("scheme").flatMap { ScenarioSource.Scheme(rawValue: $0) },
      seed: arguments.integer("seed").map { Int64($0) },
      detail: arguments.text("detail").flatMap { SimulationDetail(rawValue: $0) },
      backend: arguments.text("backend").flatMap { RequestedBackend(rawValue: $0) } ?? .auto,
      workers: arguments.integer("num_workers"), threadsPerWorker: arguments.integer("threads_per_worker"),
      runName: arguments.text("run_name"))
    let started = try runs.simulate(request)
    return try StartedRun.answer(
      started.snapshot, created: started.created, arguments, maximumWait: maximumWait, context, runs)
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
