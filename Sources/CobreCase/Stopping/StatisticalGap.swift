/// Ends training when the lower bound is close to the upper end of the sampled cost's interval, for expectations only.
///
/// (mean + deviations · spread of the mean − lower bound) / max(1, |mean|) ≤ tolerance. Where the mean is within the
/// tolerance and only the interval is too wide, the sample grows to the size that would decide, up to `largestSample`.
/// Not in the case format: a run asks for it.
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
  package var judgesGap: Bool { true }
  /// One number: the trajectories that the last check would have needed, 0 if more would not have helped.
  package var memoryName: String? { "statistical_needed" }

  /// The most trajectories that one check simulates.
  package static let largestSample = 2000

  package func holds(_ evidence: StoppingEvidence, memory: inout [Double]) throws -> Bool {
    guard evidence.iteration % period == 0, evidence.isRiskNeutral, let lowerBound = evidence.lowerBounds.last else {
      return false
    }
    let costs =
      replications > 0
      ? try evidence.totals(replications: replications, of: .fresh) : evidence.costs
    var sample = BoundStatistics(costs: costs)
    var count = costs.count
    while true {
      let gap = BoundGap(
        lower: lowerBound, mean: sample.mean,
        halfWidth: deviations * sample.standardDeviation / Double(count).squareRoot())
      if gap.farShare <= tolerance {
        memory = [0]
        return true
      }
      let needed = needed(sample, gap)
      memory = [needed.map(Double.init) ?? 0]
      guard let needed, needed <= Self.largestSample, needed > count, replications > 0 else { return false }
      // A larger sample has another mean and spread, so it may ask for more once again.
      count = needed
      sample = BoundStatistics(costs: try evidence.totals(replications: needed, of: .fresh))
    }
  }

  /// Trajectories whose interval would be narrow enough, or nil if the mean itself is too far above the bound.
  private func needed(_ sample: BoundStatistics, _ gap: BoundGap) -> Int? {
    let room = tolerance * gap.scale - gap.distance
    guard room > 0 else { return nil }
    let root = deviations * sample.standardDeviation / room
    let needed = (root * root).rounded(.up) + 1
    return needed < 1e9 ? Int(needed) : 1_000_000_000
  }

  /// Why a training has ended without this rule, as a sentence, or nil if nothing is known.
  package func shortfall(_ memory: [Double]) -> String? {
    guard let needed = memory.first, needed > Double(Self.largestSample) else { return nil }
    return "The statistical gap of \(tolerance) could not be decided: the interval of the mean cost would need about "
      + "\(Int(needed)) trajectories per check to be narrow enough, and a check simulates at most \(Self.largestSample). Ask for a "
      + "wider gap, or in the engine's own format use target_gap with upper_bound_evaluation in config.json."
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
