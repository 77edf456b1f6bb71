/// Ends training when the lower bound lies close to the upper end of the sampled cost's interval; for expectations only.
///
/// (mean + deviations · spread of the mean − lower bound) / max(1, |mean|) ≤ tolerance. Not in the case format: a run asks
/// for it.
package struct StatisticalGap: ConvergenceCondition {
  /// Fresh trajectories per check; 0 for the trajectories of the iteration.
  package var replications: Int
  /// Iterations between checks, ≥ 1.
  package var period: Int
  /// Standard deviations of the mean that the interval reaches up to.
  package var deviations: Double
  /// Share of the mean, ≥ 0.
  package var tolerance: Double

  package init(replications: Int, period: Int, deviations: Double, tolerance: Double) {
    self.replications = replications
    self.period = period
    self.deviations = deviations
    self.tolerance = tolerance
  }

  package var reason: StopReason { .statistical }

  package func holds(_ evidence: StoppingEvidence, memory _: inout [Double]) throws -> Bool {
    guard evidence.iteration % period == 0, evidence.isRiskNeutral, let lowerBound = evidence.lowerBounds.last else {
      return false
    }
    let costs =
      replications > 0
      ? try evidence.totals(replications: replications, of: .fresh) : evidence.costs
    let sample = BoundStatistics(costs: costs)
    let upper = sample.mean + deviations * sample.standardDeviation / Double(costs.count).squareRoot()
    return (upper - lowerBound) / max(1, abs(sample.mean)) <= tolerance
  }
}

extension StopReason {
  package static let statistical = StopReason(rawValue: "statistical")
}

extension StoppingRule {
  package static func statistical(replications: Int, period: Int, deviations: Double, tolerance: Double) -> Self {
    Self(StatisticalGap(replications: replications, period: period, deviations: deviations, tolerance: tolerance))
  }
}
