/// What training has found when an iteration ends, for the rules to judge, the same on every rank.
package struct StoppingEvidence {
  /// Which scenarios a judgement simulates.
  package enum Scenarios: Sendable {
    /// The same at every iteration.
    case fixed
    /// Drawn for this iteration.
    case fresh
  }

  /// Discounted costs by step of simulated trajectories, in $: `[trajectory * steps + step]`.
  ///
  /// Every rank must call it with the same arguments.
  package typealias Simulation = (_ replications: Int, _ scenarios: Scenarios) throws -> [Double]

  /// Iterations completed.
  package var iteration: Int
  /// Lower bounds by iteration, in $, back to the first known one.
  ///
  /// The last one belongs to the iteration that has just ended.
  package var lowerBounds: [Double]
  /// How many of the last iterations have walked through all states: before them a bound may rest for other reasons.
  package var openIterations: Int
  /// From the last lower bound to what is known above it, or nil if nothing is.
  package var gap: BoundGap?
  /// Discounted costs of this iteration's trajectories, in $.
  package var costs: [Double]
  /// Whether every stage takes expectations.
  ///
  /// Under risk aversion a mean cost is not a bound.
  package var isRiskNeutral: Bool
  /// Steps of a trajectory.
  package var steps: Int
  package var simulate: Simulation

  package init(
    iteration: Int, lowerBounds: [Double], openIterations: Int = .max, gap: BoundGap?, costs: [Double] = [],
    isRiskNeutral: Bool = true, steps: Int = 1, simulate: @escaping Simulation
  ) {
    self.iteration = iteration
    self.lowerBounds = lowerBounds
    self.openIterations = openIterations
    self.gap = gap
    self.costs = costs
    self.isRiskNeutral = isRiskNeutral
    self.steps = steps
    self.simulate = simulate
  }

  /// |LB_k − LB_j| / max(1, |LB_k|) for the last iteration k and the iteration j that is `distance` before it, or nil if
  /// there are too few, or trajectories were confined after j.
  package func movement(over distance: Int) -> Double? {
    guard let last = lowerBounds.last, lowerBounds.count > distance, distance <= openIterations else { return nil }
    return abs(last - lowerBounds[lowerBounds.count - 1 - distance]) / max(1, abs(last))
  }

  /// Total costs of simulated trajectories, in $.
  package func totals(replications: Int, of scenarios: Scenarios) throws -> [Double] {
    let costs = try simulate(replications, scenarios)
    return (0..<replications).map { replication in
      var sum = 0.0
      for step in 0..<steps { sum += costs[replication * steps + step] }
      return sum
    }
  }
}
