package import CobreBase
internal import CobreEngine
package import CobreRuns

/// `simulate`: tries the policy of a run on other scenarios.
package struct SimulateTool: StartingTool {
  package let runs: RunService
  let paths: PathPolicy
  package let maximumWait: Double

  package let name = "simulate"
  package let title = "Simulate a policy"

  package var description: String {
    """
    Simulate the policy of a run that has ended on other scenarios: another number, seed, origin of the noise or \
    detail to keep. Nothing is trained. It is a run with a run_id of its own, read like any other. Waits at most \
    wait_seconds; ending the call does not stop it: use cancel. Call status next.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)

  package var parameters: [Parameter] {
    [
      Parameter("run_id", .name, required: true, "Handle of the run whose policy is simulated."),
      Parameter("scenarios", .integer(1...1_000_000), required: true, "Scenarios to simulate, e.g. 2000."),
    ] + RunOption.scenarios.map { Parameter($0) } + [
      Parameter(
        "case_dir", .text(maximumLength: 4096),
        "Directory of another case with the same reservoirs and lags. Default: the case of the run.")
    ] + RunOption.simulators.map { Parameter($0) } + [
      StartedRun.name,
      StartedRun.wait(maximum: maximumWait),
    ]
  }

  package var outputSchema: JSONObject { StartedRun.schema(required: ["policy_of"]) }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let directory = try arguments.text("case_dir").map { path throws(ToolError) in
      try paths.directory(path, argument: "case_dir")
    }
    let options = arguments.request(
      RunRequest(caseDirectory: ""), options: RunOption.scenarios + RunOption.simulators + [.runName])
    let request = SimulationRequest(
      policyRun: arguments.text("run_id") ?? "", scenarios: arguments.integer("scenarios") ?? 0,
      caseDirectory: directory, options: options)
    let started = try runs.simulate(request, beforeChange: context.change.begin)
    return try StartedRun.answer(
      started.snapshot, created: started.created, arguments, maximumWait: maximumWait, context, runs)
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
