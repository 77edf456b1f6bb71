package import CobreEngine

/// One rank of a run as last reported.
package struct RankRow: Codable, Sendable, Equatable {
  package var rank: Int
  package var pid: Int
  /// Host the rank runs on.
  package var host: String
  /// One of `starting`, `running`, `finished`, `failed`, `lost`.
  package var state: String
  /// Linear programs solved so far.
  package var solves: Int
  /// How the rank ended, as a sentence, if it did not end well.
  package var message: String?
  /// Threads that share its work.
  package var threads = 1
  /// Seconds that its training spent in collectives, waiting for others included.
  package var communicationSeconds = 0.0
  /// The part of them before the last rank had arrived.
  package var waitSeconds = 0.0
  /// Largest proportional set size in bytes at the readings so far: shared pages count in part, so that ranks add up.
  ///
  /// Estimates and budgets are in this measure.
  package var memoryBytes: Int?
  /// Largest resident set in bytes, shared pages in full.
  package var peakMemoryBytes: Int?
}

/// Figures of the simulation of a trained policy.
package struct SimulationSummary: Codable, Sendable, Equatable {
  package var scenarios: Int
  /// Mean total cost over the scenarios, in $.
  package var meanCost: Double?
  /// Sample standard deviation of the total cost, in $.
  package var standardDeviation: Double?
  /// Half width of the 95 % interval of the mean, in $.
  package var halfWidth: Double?
}

/// All that is known of a run at one moment.
///
/// It is read only from the run directory.
///
/// Numbers that are not finite are `nil`, so that a snapshot can always be written as JSON.
package struct RunSnapshot: Codable, Sendable, Equatable {
  package var runID: String
  package var runName: String?
  package var state: RunState
  /// Absolute path of the case.
  package var caseDirectory: String
  /// Backend in use: `local`, `shm`, `tcp` or `mpi`.
  package var backend: String
  package var backendReason: String
  package var workers: Int
  /// Threads of each worker.
  package var threadsPerWorker: Int
  /// Who solves the stage LPs: `clp`, `highs` or `simplex`.
  package var solver: String
  /// Iterations completed.
  package var iteration: Int
  package var iterationLimit: Int
  /// In $.
  package var lowerBound: Double?
  /// Estimate from the forward passes of the last iteration, in $.
  package var upperBound: Double?
  /// Half width of the 95 % interval of `upperBound`, in $.
  package var upperBoundHalfWidth: Double?
  /// By inner approximation, in $, where the case asks for it.
  package var deterministicUpperBound: Double?
  /// Solves that needed more than a plain first attempt.
  package var retries: Int?
  /// (upper - lower) / max(1, |upper|).
  package var gap: Double?
  /// Wall time since the supervisor started, or the total for a run that has ended, in seconds.
  package var elapsedSeconds: Double
  /// Estimated time to the iteration limit or time limit, whichever is nearer, in seconds.
  ///
  /// `nil` if unknown.
  package var remainingSeconds: Double?
  package var ranks: [RankRow]
  /// Why training stopped, as the engine's name of the reason.
  package var stopReason: String?
  /// Why the run failed or was interrupted, as a sentence.
  package var error: String?
  /// Last lines of the logs, without control characters.
  ///
  /// Filled for runs that failed or were interrupted.
  package var logTail: [String]
  package var simulation: SimulationSummary?
  package var warnings: [String]
  /// Moments of the run's life as ISO 8601 in UTC.
  package var createdAt: String
  package var startedAt: String?
  package var endedAt: String?
  /// Directory of the run.
  package var directory: String
  package var engineVersion: String
  /// Run whose policy is simulated, if this one does not train.
  package var policyRun: String?
  /// Run whose training this one has gone on with.
  package var continuedRun: String?
  /// What the bounds are bounds of; `nil` where an older engine did not say.
  package var bounds: BoundKind?
}

/// One iteration as stored: `nil` if the figure was not finite.
package struct ConvergenceRow: Codable, Sendable, Equatable {
  package var iteration: Int
  package var lowerBound: Double?
  package var upperBound: Double?
  package var upperBoundHalfWidth: Double?
  package var gap: Double?
  /// Since training began.
  package var elapsedSeconds: Double
  package var forwardSeconds: Double
  package var backwardSeconds: Double
  package var communicationSeconds: Double
  /// Linear programs solved in this iteration, by all ranks.
  package var solves: Int
  /// By inner approximation, in $, or nil if none was known.
  package var deterministicUpperBound: Double?
  /// Solves of this iteration that needed more than a plain first attempt.
  package var retries: Int?
  /// Seconds of `communicationSeconds` before the last rank had arrived.
  package var waitSeconds: Double?
}

extension ConvergenceRow {
  /// The results of an iteration, as they are stored.
  package init(_ report: IterationReport) {
    self.init(
      iteration: report.iteration, lowerBound: report.lowerBound, upperBound: report.upperBound,
      upperBoundHalfWidth: report.upperBoundHalfWidth, gap: report.gap, elapsedSeconds: report.elapsedSeconds,
      forwardSeconds: report.forwardSeconds, backwardSeconds: report.backwardSeconds,
      communicationSeconds: report.communicationSeconds, solves: report.solves,
      deterministicUpperBound: report.deterministicUpperBound, retries: report.retries,
      waitSeconds: report.ranks.first?.waitSeconds)
  }
}
