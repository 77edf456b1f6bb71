package import CobreBase
internal import CobreCase
internal import CobreEngine
package import CobreRuns

/// A run as tools report it: the names are the contract with clients.
package enum RunView {
  /// The members that `train` and `status` share.
  package static func summary(_ run: RunSnapshot) -> JSONObject {
    [
      "run_id": .string(run.runID),
      "run_name": .optional(run.runName),
      "state": .string(run.state.rawValue),
      "case_dir": .string(run.caseDirectory),
      "backend": .string(run.backend),
      "backend_reason": .string(run.backendReason),
      "num_workers": .int(Int64(run.workers)),
      "threads_per_worker": .int(Int64(run.threadsPerWorker)),
      "policy_of": .optional(run.policyRun),
      "continued_from": .optional(run.continuedRun),
      "solver": .string(run.solver),
      "iteration": .int(Int64(run.iteration)),
      "iteration_limit": .int(Int64(run.iterationLimit)),
      "lower_bound": .optional(run.lowerBound),
      "upper_bound": .optional(run.upperBound),
      "upper_bound_ci95": .optional(run.upperBoundHalfWidth),
      "deterministic_upper_bound": .optional(run.deterministicUpperBound),
      "retried_solves": .int(Int64(run.retries ?? 0)),
      "gap": .optional(run.gap),
      "elapsed_seconds": .seconds(run.elapsedSeconds),
      "remaining_seconds": run.remainingSeconds.map { .seconds($0) } ?? .null,
      "stop_reason": .optional(run.stopReason),
      "verdict": .optional(RunVerdict.sentence(run)),
      "bounds": .optional(run.bounds?.rawValue),
      "error": .optional(run.error),
      "warnings": .array(run.warnings.prefix(10).map { .string($0) }),
      "simulation": run.simulation.map { .object(simulation($0)) } ?? .null,
    ]
  }

  /// The schema of `summary`.
  ///
  /// `next` is part of every answer about one run.
  package static let summarySchema: JSONObject = [
    "run_id": Schema.text("Handle of the run, for status and cancel"),
    "run_name": Schema.optionalText("Name given to train"),
    "state": Schema.choice(RunState.allCases.map(\.rawValue), "Where the run stands"),
    "case_dir": Schema.text("Directory of the case"),
    "backend": Schema.text("How the processes communicate: local, shm, tcp or mpi"),
    "backend_reason": Schema.text("Why that backend"),
    "num_workers": Schema.integer("Rank processes"),
    "threads_per_worker": Schema.integer("Threads of each of them"),
    "policy_of": Schema.optionalText("Run whose policy is simulated, where nothing is trained"),
    "continued_from": Schema.optionalText("Run whose training this one has gone on with"),
    "solver": Schema.text("Who solves the stage LPs: clp, highs or simplex"),
    "iteration": Schema.integer("Iterations completed"),
    "iteration_limit": Schema.integer("Iterations at most"),
    "lower_bound": Schema.optionalNumber("Lower bound of the cost that bounds names, $"),
    "upper_bound": Schema.optionalNumber("Estimate from the last iteration's trajectories, $"),
    "upper_bound_ci95": Schema.optionalNumber("Half width of the 95 % interval of upper_bound, $"),
    "deterministic_upper_bound": Schema.optionalNumber(
      "Upper bound by inner approximation, $, where config.json asks for it"),
    "retried_solves": Schema.integer("Stage LPs that needed more than one attempt; many hint at bad scaling"),
    "gap": Schema.optionalNumber("(upper - lower) / max(1, |upper|); negative by chance at times"),
    "elapsed_seconds": Schema.number("Wall time of the run so far"),
    "remaining_seconds": Schema.optionalNumber("Guess of the time left"),
    "stop_reason": Schema.optionalText("Why training ended"),
    "verdict": Schema.optionalText("Whether it has converged, in words"),
    "bounds": Schema.optionalText(
      "What lower_bound bounds: expected, risk_adjusted (then upper_bound, a mean, bounds nothing) or heuristic"),
    "error": Schema.optionalText("Why the run failed or was interrupted"),
    "warnings": Schema.list(of: ["type": "string"], "What the user should know"),
    "simulation": [
      "type": ["object", "null"],
      "description": "Simulation of the trained policy: scenarios, mean_cost, standard_deviation, mean_cost_ci95, in $",
    ],
    "next": Schema.text("What to do next"),
  ]

  /// The essential facts about one run in a list.
  package static func row(_ run: RunSnapshot) -> JSONValue {
    [
      "run_id": .string(run.runID),
      "run_name": .optional(run.runName),
      "state": .string(run.state.rawValue),
      "case_dir": .string(run.caseDirectory),
      "backend": .string(run.backend),
      "num_workers": .int(Int64(run.workers)),
      "iteration": .int(Int64(run.iteration)),
      "iteration_limit": .int(Int64(run.iterationLimit)),
      "lower_bound": .optional(run.lowerBound),
      "gap": .optional(run.gap),
      "elapsed_seconds": .seconds(run.elapsedSeconds),
      "created_at": .string(run.createdAt),
    ]
  }

  private static func simulation(_ simulation: SimulationSummary) -> JSONObject {
    [
      "scenarios": .int(Int64(simulation.scenarios)),
      "mean_cost": .optional(simulation.meanCost),
      "standard_deviation": .optional(simulation.standardDeviation),
      "mean_cost_ci95": .optional(simulation.halfWidth),
    ]
  }

  /// MB of 10⁶ bytes, to a tenth.
  private static func megabytes(_ bytes: Int) -> JSONValue { .double((Double(bytes) / 1e5).rounded() / 10) }

  /// One rank of a run.
  package static func worker(_ rank: RankRow) -> JSONValue {
    var members: JSONObject = [
      "rank": .int(Int64(rank.rank)),
      "pid": .int(Int64(rank.pid)),
      "host": .string(rank.host),
      "state": .string(rank.state),
      "threads": .int(Int64(rank.threads)),
      "lp_solves": .int(Int64(rank.solves)),
      "communication_seconds": .seconds(rank.communicationSeconds),
      "wait_seconds": .seconds(rank.waitSeconds),
    ]
    if let bytes = rank.memoryBytes, bytes > 0 { members["memory_mb"] = megabytes(bytes) }
    if let bytes = rank.peakMemoryBytes, bytes > 0 { members["peak_memory_mb"] = megabytes(bytes) }
    if let message = rank.message { members["message"] = .string(message) }
    return .object(members)
  }
}
