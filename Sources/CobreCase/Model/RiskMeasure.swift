/// How a stage turns the costs of what may follow it into one number.
///
/// Every measure is monotone and convex, and a constant added to all costs is added to the number: cuts, the lower
/// bound and the inner approximation need these three.
package enum RiskMeasure: Sendable, Equatable {
  case expectation
  /// (1 − λ)·E + λ·CVaR_α: `alpha` in (0, 1] is the probability of the worst outcomes averaged, `lambda` in [0, 1]
  /// their weight.
  case cvar(alpha: Double, lambda: Double)
  /// The dearest outcome of those with a probability.
  case worstCase
  /// log E[exp(γ·Q)] / γ, with `gamma` > 0 in 1/$.
  case entropic(gamma: Double)
  /// The largest expectation over distributions within a distance of the given one: moving probability from one outcome
  /// to another costs their distance (`OutcomeDistances`). `radius` ≥ 0 in standard deviations of the noise.
  case wasserstein(radius: Double)
  /// The largest expectation over distributions q with Σ (q − p)² / p ≤ radius².
  case modifiedChiSquared(radius: Double)
  /// Σ weight · measure, with weights ≥ 0 of sum 1.
  case combination([Part])

  /// A measure with its weight in a combination.
  package struct Part: Sendable, Equatable {
    package var weight: Double
    package var measure: RiskMeasure

    package init(weight: Double, measure: RiskMeasure) {
      self.weight = weight
      self.measure = measure
    }
  }

  /// The outcomes beyond which the distances between all pairs take too much memory.
  package static let mostWassersteinOutcomes = 1000

  /// Whether the measure equals the expectation.
  package var isNeutral: Bool {
    switch self {
    case .expectation: true
    case .cvar(let alpha, let lambda): alpha >= 1 || lambda <= 0
    case .worstCase, .entropic: false
    case .wasserstein(let radius), .modifiedChiSquared(let radius): radius <= 0
    case .combination(let parts): parts.allSatisfy { $0.weight <= 0 || $0.measure.isNeutral }
    }
  }

  /// Whether the measure of several future costs fits into a stage LP with a column and a row for each of them.
  package var isSmallProgram: Bool {
    switch self {
    case .expectation, .cvar, .worstCase: true
    case .entropic, .wasserstein, .modifiedChiSquared: isNeutral
    case .combination(let parts): parts.allSatisfy(\.measure.isSmallProgram)
    }
  }

  /// Whether the weights depend on distances between outcomes.
  package var usesDistances: Bool {
    switch self {
    case .wasserstein: !isNeutral
    case .combination(let parts): parts.contains { $0.measure.usesDistances }
    default: false
    }
  }
}
