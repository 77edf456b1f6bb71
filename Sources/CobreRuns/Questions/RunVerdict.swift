internal import CobreCase
internal import CobreEngine

/// Whether a run has converged, in the words of a person who asks that.
package enum RunVerdict {
  /// Why training ended and what that says of its bounds, or nil for a run that has not ended its training.
  package static func sentence(_ run: RunSnapshot) -> String? {
    guard let reason = run.stopReason else { return nil }
    return why(StopReason(rawValue: reason), run) + " " + gap(run)
  }

  private static func why(_ reason: StopReason, _ run: RunSnapshot) -> String {
    let done = "\(run.iteration) of \(run.iterationLimit) iterations"
    switch reason {
    case .iterationLimit:
      let all = run.iteration == 1 ? "its only iteration" : "all \(run.iteration) iterations"
      return "Training ended after \(all), which says nothing of convergence by itself."
    case .timeLimit:
      return "Training ended by its own time limit after \(done), which says nothing of convergence by itself."
    case .serverWallLimit:
      return
        "The server's limit of wall time (--max-wall-seconds) stopped the training after \(done). It is not complete: "
        + "resume goes on from there under a server that grants more."
    case .boundStalling:
      return
        "Training ended after \(done), since the lower bound hardly moved any more; that is a hint of convergence, no proof."
    case .simulation:
      return
        "Training ended after \(done), since neither the bound nor simulated costs moved any more; that is a hint of "
        + "convergence, no proof."
    case .statistical:
      return
        "Converged to the statistical gap that was asked for, after \(done): the upper end of the interval of a fresh "
        + "simulation lies that close to the lower bound (95 %)."
    case .targetGap: return "Converged to the gap that was asked for, after \(done)."
    case .heuristicGap:
      return
        "The gap that was asked for was met after \(done), but between heuristic bounds, so nothing is certified: judge the "
        + "policy by simulation."
    case .allRules: return "Training ended after \(done), when all stopping rules held together."
    case .cancelled:
      return "Training was stopped on request after \(done). It is not complete: resume goes on from there."
    case .trainingDisabled: return "Nothing was trained: the run simulates a policy that was there."
    default: return "Training ended by the rule \(reason.rawValue) after \(done)."
    }
  }

  /// What the bounds say, whatever ended the training.
  static func gap(_ run: RunSnapshot) -> String {
    guard let lower = run.lowerBound else { return "" }
    func percent(_ share: Double) -> String { String((share * 1000).rounded() / 10) + " %" }
    if let upper = run.deterministicUpperBound, run.bounds != .heuristic {
      let gap = BoundGap(lower: lower, proven: upper)
      guard !gap.isContradiction else {
        return "The deterministic upper bound lies below the lower bound: they contradict each other."
      }
      return "The true cost is at most \(percent(max(0, gap.share))) above the lower bound."
    }
    switch run.bounds {
    case .riskAdjusted:
      return
        "The lower bound is one of the risk-adjusted cost; the mean cost of trajectories is no upper bound of that. A case in the "
        + "engine's own format gets a gap by upper_bound_evaluation.enabled in config.json."
    case .heuristic: return "The bounds are heuristic, as inflows with lags are truncated at 0."
    default: break
    }
    guard let upper = run.upperBound else { return "" }
    // Runs of earlier engines have 0 there.
    guard let half = run.upperBoundHalfWidth, half > 0 else {
      return "A single trajectory per iteration gives no interval, so the gap is unknown."
    }
    let gap = BoundGap(lower: lower, mean: upper, halfWidth: half)
    let distance = percent(abs(gap.share))
    let place =
      distance == percent(0) ? "on the lower bound" : "\(distance) \(upper > lower ? "above" : "below") the lower bound"
    return "The sampled cost lies \(place), with an interval of ± \(percent(gap.halfWidthShare)) (95 %)."
  }
}
