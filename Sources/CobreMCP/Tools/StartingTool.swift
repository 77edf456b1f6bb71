internal import CobreBase
internal import CobreEngine
package import CobreRuns

/// A tool that sets a run going, and then waits for it.
///
/// A process of its own makes the run, since that reads the case; the server waits, since it sends signs of life.
package protocol StartingTool: Tool {
  var runs: RunService { get }
  var maximumWait: Double { get }
}

extension StartingTool {
  package func patience(_ arguments: Arguments) -> Double { OutsideCalls.longer }

  /// Waits for the run that another process has made.
  ///
  /// - Parameters:
  ///   - begun: what that process has answered.
  ///   - arguments: of the call.
  ///   - context: of the call.
  /// - Returns: the answer.
  /// - Throws: `RunError`.
  func follow(_ begun: JSONObject, _ arguments: Arguments, _ context: CallContext) throws -> ToolAnswer {
    guard let id = begun["run_id"]?.string, let run = try runs.snapshot(runID: id) else {
      throw RunError(.storage, "The run that was started is not there any more. Call list_runs.")
    }
    let members = try StartedRun.answer(
      run, created: begun["created"]?.bool, arguments, maximumWait: maximumWait, context, runs)
    return ToolAnswer(structured: members, links: links(members))
  }
}
