package import CobreBase
internal import CobreEngine

extension RunDiagnosis {
  /// Ranks that are listed; of many those that waited least and most say enough.
  private static let rankLimit = 16

  /// The diagnosis as tools and commands report it.
  package var json: JSONObject {
    var result: JSONObject = [
      "run_id": .string(run.runID), "state": .string(run.state.rawValue), "converged": .string(convergence),
      "findings": .array(findings.map { .string($0) }),
      "options": .array(advice.prefix(2).map(Self.json)),
      "time": .object(time), "trend": .object(trend), "lps": .object(lps), "cuts": .object(cutCounts),
      "ranks": .object(rankTable),
    ]
    if let load {
      result["machine"] = [
        "load_average": .optional(load.average), "processors": .int(Int64(load.processors)),
        "busy_processors": .optional(Self.rounded(load.busy)), "of_this_run": .optional(Self.rounded(load.own)),
        "of_others": .optional(Self.rounded(load.others)),
      ]
    }
    let remark = advice.isEmpty ? "No option promises a gain of 5 % or more." : "The options name what would help most."
    result["next"] = .string(
      remark + " Call train with another value to try one, convergence for the history, compare_runs afterwards.")
    return result
  }

  private static func json(_ advice: Advice) -> JSONValue {
    [
      "option": .string(advice.option), "value": .string(advice.value),
      "expected_gain": advice.gain.map { .double(rounded($0)) } ?? .null, "reason": .string(advice.reason),
    ]
  }

  /// To a thousandth: more digits would be noise.
  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

  private var time: JSONObject {
    [
      "elapsed_seconds": .seconds(run.elapsedSeconds),
      "start_seconds": totals.startSeconds.map { .seconds($0) } ?? .null,
      "training_seconds": .seconds(totals.elapsedSeconds), "forward_seconds": .seconds(totals.forwardSeconds),
      "backward_seconds": .seconds(totals.backwardSeconds), "backward_includes": "the LPs of the lower bound",
      "other_seconds": .seconds(totals.otherSeconds),
      "communication_seconds": .seconds(totals.communicationSeconds), "wait_seconds": .seconds(totals.waitSeconds),
      "simulation_seconds": totals.simulationSeconds.map { .seconds($0) } ?? .null,
    ]
  }

  private var trend: JSONObject {
    [
      "iterations": .int(Int64(totals.iterations)), "first_tenth_seconds": firstPace.map { .seconds($0) } ?? .null,
      "last_tenth_seconds": lastPace.map { .seconds($0) } ?? .null,
      "growth_seconds_per_iteration": .optional(pace?.growth), "bound_rise_last_tenth": .optional(lastGain),
      "bound_settled_at": settled.map { .int(Int64($0.iteration)) } ?? .null,
      "remaining_seconds": run.remainingSeconds.map { .seconds($0) } ?? .null,
    ]
  }

  private var lps: JSONObject {
    [
      "solved": .int(Int64(totals.solves)), "retried": .int(Int64(totals.retries)),
      "microseconds_each": .optional(secondsPerSolve.map { Self.rounded($0 * 1e6) }),
      "smallest_coefficient": .optional(coefficients?.lowerBound),
      "largest_coefficient": .optional(coefficients?.upperBound),
    ]
  }

  private var cutCounts: JSONObject {
    [
      "total": .int(Int64(cuts.reduce(0, +))), "fewest_of_a_stage": .int(Int64(cuts.min() ?? 0)),
      "most_of_a_stage": .int(Int64(cuts.max() ?? 0)),
      "selection": hasCutSelection.map { .bool($0) } ?? .null,
    ]
  }

  private var rankTable: JSONObject {
    var shown = ranks
    if shown.count > Self.rankLimit {
      shown.sort { ($0.waitSeconds, $0.rank) < ($1.waitSeconds, $1.rank) }
      shown = Array(shown.prefix(Self.rankLimit / 2) + shown.suffix(Self.rankLimit / 2))
    }
    return [
      "count": .int(Int64(ranks.count)), "busiest_over_mean": .optional(imbalance.map(Self.rounded)),
      "columns": ["rank", "host", "lp_solves", "communication_seconds", "wait_seconds", "memory_mb"],
      "rows": .array(
        shown.map { rank in
          [
            .int(Int64(rank.rank)), .string(rank.host), .int(Int64(rank.solves)), .seconds(rank.communicationSeconds),
            .seconds(rank.waitSeconds), .optional(rank.memoryBytes.map { (Double($0) / 1e5).rounded() / 10 }),
          ]
        }),
    ]
  }
}
