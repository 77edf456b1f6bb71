package import CobreBase
internal import CobreEngine
package import CobreRuns

/// `explain_run`: the results of a run, for a user who has to make decisions with them.
package struct ExplainRunPrompt: Prompt {
  private let runs: RunService
  private let resources: RunResources

  package init(runs: RunService) {
    self.runs = runs
    resources = RunResources(runs: runs)
  }

  package let name = "explain_run"
  package let title = "Explain a run"
  package let description = "Explain how well a run has converged and what its policy does."
  package let parameters = [PromptParameter("run_id", "Handle of the run. Default: the newest run.")]

  package func messages(_ values: [String: String]) throws -> [JSONValue] {
    let run: RunSnapshot?
    do {
      run = try runs.snapshot(runID: values["run_id"])
    } catch let error as RunError {
      throw RPCError(.invalidParams, error.message)
    }
    guard let run else {
      throw RPCError(
        .invalidParams,
        values["run_id"].map { "There is no run \($0.prefix(80)); list_runs shows those there are." }
          ?? "There is no run yet; train starts one.")
    }
    let text = """
      Explain the run \(run.runID) of the case \(run.caseDirectory), whose summary is attached, to somebody who decides by it.

      1. Is it complete? If it failed or was interrupted, say why and what to do.
      2. Has it converged? Call convergence: look at the last iterations of the lower bound, and whether it lies within the \
      confidence interval of the upper bound; plot draws both. The gap may be negative by chance.
      3. What does it cost? Compare the mean cost of the simulation, if there is one, with the lower bound; simulate \
      gives more or other scenarios, compare_runs sets the run beside an earlier one.
      4. What does the policy do? Call describe_results and query_results for storage, generation and deficit by stage, and \
      inspect_policy for the value of water; describe_case says how big the system is.
      5. Say in plain words what follows, what is uncertain, and what should be tried next.
      """
    var messages: [JSONValue] = [["role": "user", "content": ["type": "text", "text": .string(text)]]]
    if let summary = try resources.read(RunResources.link(run.runID, .summary).uri) {
      messages.append(["role": "user", "content": ["type": "resource", "resource": summary.json]])
    }
    return messages
  }
}
