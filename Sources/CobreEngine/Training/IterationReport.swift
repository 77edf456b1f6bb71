package import CobreCase

/// What one iteration of training found, identical on every rank except for the clock readings of rank 0.
///
/// Bounds are in $. The upper bound is the mean discounted cost of the iteration's trajectories, a statistical
/// estimate. Its interval is mean ± `upperBoundHalfWidth` (95 %, normal approximation).
package struct IterationReport: Sendable, Codable, Equatable {
  /// Number of the iteration, from 1.
  package var iteration: Int
  /// Cost of the first stage under the risk measure, with every cut of its pool, in $.
  package var lowerBound: Double
  /// Mean discounted cost of the trajectories of this iteration, in $.
  package var upperBound: Double
  /// Half width of the 95 % interval of `upperBound`, in $; infinite with a single trajectory.
  package var upperBoundHalfWidth: Double
  /// Distance of the bounds as a share of the upper one, `BoundGap.share`.
  ///
  /// Under risk aversion the mean cost is not a bound. Then it is the distance to the deterministic upper bound, or NaN
  /// if there is none.
  package var gap: Double
  /// Deterministic upper bound by inner approximation, in $, or nil if none is known yet.
  package var deterministicUpperBound: Double?
  /// Solves of this iteration that needed more than a plain first attempt, by all ranks.
  package var retries = 0
  /// Seconds since training began, at the end of this iteration.
  package var elapsedSeconds: Double
  /// Seconds of this iteration spent in the forward pass.
  package var forwardSeconds: Double
  /// Seconds of this iteration spent after the forward pass: backward pass, bounds, selection of cuts.
  package var backwardSeconds: Double
  /// Seconds that rank 0 spent in collectives since the report before, waiting for others included.
  package var communicationSeconds: Double
  /// What each rank did, by rank, at least one.
  package var ranks: [RankWork]
  /// Active cuts per pool after this iteration.
  ///
  /// Pool t approximates the cost after stage t.
  package var cutsPerStage: [Int]

  /// To the deterministic upper bound, or nil if there is none.
  package var provenGap: BoundGap? { deterministicUpperBound.map { BoundGap(lower: lowerBound, proven: $0) } }
  /// To the mean cost of the trajectories, which says something only of expectations.
  package var sampledGap: BoundGap { BoundGap(lower: lowerBound, mean: upperBound, halfWidth: upperBoundHalfWidth) }

  /// Linear programs solved in this iteration by all ranks.
  package var solves: Int { ranks.reduce(0) { $0 + $1.solves } }

  package init(
    iteration: Int, lowerBound: Double, upperBound: Double, upperBoundHalfWidth: Double, gap: Double,
    elapsedSeconds: Double, forwardSeconds: Double, backwardSeconds: Double, communicationSeconds: Double,
    ranks: [RankWork], cutsPerStage: [Int]
  ) {
    self.iteration = iteration
    self.lowerBound = lowerBound
    self.upperBound = upperBound
    self.upperBoundHalfWidth = upperBoundHalfWidth
    self.gap = gap
    self.elapsedSeconds = elapsedSeconds
    self.forwardSeconds = forwardSeconds
    self.backwardSeconds = backwardSeconds
    self.communicationSeconds = communicationSeconds
    self.ranks = ranks
    self.cutsPerStage = cutsPerStage
  }
}

/// What training ends with, the same on every rank but for the clock readings.
package struct TrainingResult: Sendable {
  package var stopReason: StopReason
  package var lastReport: IterationReport
  /// Messages for the user, for example on more workers than trajectories.
  package var warnings: [String]

  package init(stopReason: StopReason, lastReport: IterationReport, warnings: [String]) {
    self.stopReason = stopReason
    self.lastReport = lastReport
    self.warnings = warnings
  }
}
