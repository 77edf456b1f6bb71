internal import CobreCase
internal import CobreEngine
package import CobreRuns

/// The next step to take, as a sentence: agents follow it, and grow impatient without it.
package enum RunAdvice {
  package static func next(_ run: RunSnapshot, maximumWait: Double) -> String {
    let wait = Int(maximumWait)
    switch run.state {
    case .queued, .starting:
      return "The run is about to compute. Call status with run_id \"\(run.runID)\" and wait_seconds \(wait)."
    case .running:
      let left = run.remainingSeconds.map { " About \(duration($0)) remain." } ?? ""
      return "The run goes on by itself.\(left) Call status with run_id \"\(run.runID)\" and wait_seconds \(wait) "
        + "until it ends, or cancel to stop it."
    case .cancelling:
      return "The run stops at the end of its iteration. "
        + "Call status with run_id \"\(run.runID)\" and wait_seconds \(wait)."
    case .cancelled where run.stopReason == StopReason.serverWallLimit.rawValue:
      return "The server's limit of wall time (--max-wall-seconds) stopped the run after \(run.iteration) of "
        + "\(run.iterationLimit) iterations; what it has learnt is kept. Start a server that grants more and call resume."
    case .cancelled:
      return "The run was stopped; its bounds hold for the iterations done. Call resume to let it go on, or train for "
        + "another run."
    case .succeeded:
      if run.policyRun != nil {
        return
          "The simulation is complete. Call plot or query_results with this run_id for what it gave, compare_runs to "
          + "compare it with another."
      }
      return
        "The run is complete. Call convergence or plot with run_id \"\(run.runID)\"; inspect_policy for the value of "
        + "water, "
        + (run.simulation == nil ? "simulate to try the policy on scenarios" : "query_results for the simulation")
        + "; if the gap is too wide, train with continue_from \"\(run.runID)\" and iterations above \(run.iteration)."
    case .failed:
      return "The run failed; `error` says why, and status shows the end of its log. "
        + "Remove the cause, then call resume to go on from its last iteration, or train for another run."
    case .interrupted:
      return "The processes of the run are gone before its end. "
        + "Call resume to let it go on from its last completed iteration."
    }
  }

  private static func duration(_ seconds: Double) -> String {
    if seconds < 90 { return "\(Int(max(0, seconds).rounded(.up))) s" }
    if seconds < 5400 { return "\(Int((seconds / 60).rounded(.up))) min" }
    return seconds < 1e9 ? "\(Int((seconds / 3600).rounded(.up))) h" : "very long"
  }
}
