package import CobreCase
internal import Glibc

/// How a risk measure sums costs at one point: Σ weight · cost + offset.
package struct OutcomeWeights: Sendable, Equatable {
  /// One per outcome, ≥ 0 and of sum 1.
  package var weights: [Double]
  /// In $, ≤ 0; 0 for measures that grow in proportion to the costs.
  package var offset = 0.0

  /// The value of the measure: Σ weight · cost in order of index, and the offset.
  package func value(_ costs: [Double]) -> Double {
    var sum = 0.0
    for outcome in costs.indices { sum += weights[outcome] * costs[outcome] }
    return offset == 0 ? sum : sum + offset
  }
}

extension RiskMeasure {
  /// The weights by which the measure sums costs: ρ[Q] = Σ weight · Q + offset, and no other costs have a measure below
  /// what these weights give for them, so that they make valid cuts.
  ///
  /// - Parameters:
  ///   - costs: one value per outcome, to be minimised.
  ///   - probabilities: one per outcome, of sum 1.
  ///   - distances: between the outcomes. Only Wasserstein measures use them.
  /// - Returns: a function of the arguments alone, without iterations that could end at different points.
  package func weighting(
    costs: [Double], probabilities: [Double], distances: OutcomeDistances = .none
  ) -> OutcomeWeights {
    guard !isNeutral else { return OutcomeWeights(weights: probabilities) }
    return switch self {
    case .expectation: OutcomeWeights(weights: probabilities)
    case .cvar(let alpha, let lambda):
      OutcomeWeights(weights: Self.cvarWeights(alpha, lambda, costs: costs, probabilities: probabilities))
    case .worstCase: OutcomeWeights(weights: Self.worstWeights(costs: costs, probabilities: probabilities))
    case .entropic(let gamma): Self.entropicWeighting(gamma, costs: costs, probabilities: probabilities)
    case .wasserstein(let radius):
      OutcomeWeights(weights: distances.weights(radius: radius, costs: costs, probabilities: probabilities))
    case .modifiedChiSquared(let radius):
      OutcomeWeights(weights: Self.chiSquaredWeights(radius, costs: costs, probabilities: probabilities))
    case .combination(let parts):
      Self.combined(parts, costs: costs, probabilities: probabilities, distances: distances)
    }
  }

  /// The weights without the offset.
  package func weights(
    costs: [Double], probabilities: [Double], distances: OutcomeDistances = .none
  ) -> [Double] {
    weighting(costs: costs, probabilities: probabilities, distances: distances).weights
  }

  /// The value of the measure in the unit of the costs.
  package func value(
    costs: [Double], probabilities: [Double], distances: OutcomeDistances = .none
  ) -> Double {
    weighting(costs: costs, probabilities: probabilities, distances: distances).value(costs)
  }

  /// CVaR as a re-weighting (Philpott, de Matos 2012): the worst outcomes get p/α until the probability is used up.
  ///
  /// The convex combination mixes the result with the probabilities. Equal costs are taken in order of index.
  private static func cvarWeights(
    _ alpha: Double, _ lambda: Double, costs: [Double], probabilities: [Double]
  ) -> [Double] {
    let worstFirst = costs.indices.sorted { (costs[$1], $0) < (costs[$0], $1) }
    var weights = probabilities.map { (1 - lambda) * $0 }
    var rest = 1.0
    for outcome in worstFirst {
      let share = min(probabilities[outcome] / alpha, rest)
      rest -= share
      weights[outcome] += lambda * share
    }
    return weights
  }

  /// All weight on the first of the dearest outcomes that may occur.
  private static func worstWeights(costs: [Double], probabilities: [Double]) -> [Double] {
    var worst: Int?
    for outcome in costs.indices where probabilities[outcome] > 0 {
      if let known = worst, costs[outcome] <= costs[known] { continue }
      worst = outcome
    }
    var weights = [Double](repeating: 0, count: costs.count)
    if let worst { weights[worst] = 1 }
    return weights
  }

  /// Weights in proportion to p · exp(γ·Q), and the offset −KL(weights, p) / γ (Föllmer, Schied 2002).
  ///
  /// Costs count from the dearest one, so that no exponential overflows and all terms of the sum have one sign.
  private static func entropicWeighting(
    _ gamma: Double, costs: [Double], probabilities: [Double]
  ) -> OutcomeWeights {
    var dearest = -Double.infinity
    for outcome in costs.indices where probabilities[outcome] > 0 { dearest = max(dearest, costs[outcome]) }
    var weights = [Double](repeating: 0, count: costs.count)
    var sum = 0.0
    var shortfall = 0.0
    for outcome in costs.indices where probabilities[outcome] > 0 {
      let exponent = gamma * (costs[outcome] - dearest)
      weights[outcome] = probabilities[outcome] * exp(exponent)
      sum += weights[outcome]
      shortfall += probabilities[outcome] * expm1(exponent)
    }
    guard sum > 0 else { return OutcomeWeights(weights: probabilities) }
    for outcome in weights.indices { weights[outcome] /= sum }
    let value = dearest + (shortfall > -0.5 ? log1p(shortfall) : log(sum)) / gamma
    var result = OutcomeWeights(weights: weights)
    result.offset = min(0, value - result.value(costs))
    return result
  }

  /// The distribution with the largest expectation within Σ (q − p)² / p ≤ r² (Ben-Tal and others 2013; for equal
  /// probabilities Philpott, de Matos, Kapelevich 2018, whose radius is r / √N).
  ///
  /// With P, m and v the probability, mean and variance of the outcomes that keep weight, q = p / P · (1 + c (Q − m))
  /// with c = √(((1 + r²) P − 1) / v). Where that is negative for the cheapest outcome, it has weight 0 in the
  /// solution, since weights rise with costs; then the others decide.
  private static func chiSquaredWeights(_ radius: Double, costs: [Double], probabilities: [Double]) -> [Double] {
    var kept = costs.indices.filter { probabilities[$0] > 0 }.sorted { (costs[$0], $0) < (costs[$1], $1) }[...]
    var weights = [Double](repeating: 0, count: costs.count)
    while let cheapest = kept.first, let dearest = kept.last {
      var probability = 0.0
      for outcome in kept { probability += probabilities[outcome] }
      var mean = 0.0
      for outcome in kept { mean += probabilities[outcome] / probability * costs[outcome] }
      var variance = 0.0
      for outcome in kept {
        let excess = costs[outcome] - mean
        variance += probabilities[outcome] / probability * excess * excess
      }
      let room = (1 + radius * radius) * probability - 1
      let slope = variance > 0 && room > 0 ? (room / variance).squareRoot() : 0
      if costs[cheapest] < costs[dearest], 1 + slope * (costs[cheapest] - mean) < 0 {
        kept = kept.drop { costs[$0] == costs[cheapest] }
        continue
      }
      for outcome in kept {
        weights[outcome] = max(0, probabilities[outcome] / probability * (1 + slope * (costs[outcome] - mean)))
      }
      break
    }
    return weights
  }

  private static func combined(
    _ parts: [Part], costs: [Double], probabilities: [Double], distances: OutcomeDistances
  ) -> OutcomeWeights {
    var result = OutcomeWeights(weights: [Double](repeating: 0, count: costs.count))
    for part in parts {
      let own = part.measure.weighting(costs: costs, probabilities: probabilities, distances: distances)
      for outcome in costs.indices { result.weights[outcome] += part.weight * own.weights[outcome] }
      result.offset += part.weight * own.offset
    }
    return result
  }
}
