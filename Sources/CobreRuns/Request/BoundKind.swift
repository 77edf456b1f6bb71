package import CobreCase
internal import CobreEngine

/// What the bounds of a run are bounds of.
package enum BoundKind: String, Codable, Sendable {
  case expected
  /// Some stage weighs bad outcomes more than their probability: a mean cost of trajectories is then not a bound.
  case riskAdjusted = "risk_adjusted"
  /// Truncated inflows with lags: the bounds may be on either side of the true cost.
  case heuristic

  package init(_ study: StudyCase) {
    if InflowProcess(study: study).hasHeuristicBounds {
      self = .heuristic
    } else {
      self = study.stages.allSatisfy(\.riskMeasure.isNeutral) ? .expected : .riskAdjusted
    }
  }

  /// Name of the bound that rises.
  package var nameOfBound: String { self == .riskAdjusted ? "bound of the risk-adjusted cost" : "lower bound" }

  /// Name of the mean cost of trajectories.
  package var nameOfMean: String {
    self == .riskAdjusted ? "mean cost of trajectories (no bound)" : "upper bound (estimate)"
  }

  /// What the lower bound bounds, as the end of "lower bound of ...".
  package var meaning: String {
    switch self {
    case .expected: "the expected cost"
    case .riskAdjusted: "the risk-adjusted cost"
    case .heuristic: "nothing for certain: truncated inflows with lags make it heuristic"
    }
  }
}
