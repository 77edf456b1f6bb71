extension RiskMeasure {
  /// The weights by which the measure sums costs: ρ[Q] = Σ weight · Q, ≥ 0 and of sum 1.
  ///
  /// CVaR as a re-weighting (Philpott, de Matos 2012): the worst outcomes get p/α until the probability is used up, and
  /// the convex combination mixes the result with the probabilities. Equal costs are taken in order of index.
  ///
  /// - Parameters:
  ///   - costs: one value per outcome, to be minimised.
  ///   - probabilities: one per outcome, of sum 1.
  /// - Returns: one weight per outcome.
  package func weights(costs: [Double], probabilities: [Double]) -> [Double] {
    switch self {
    case .expectation: probabilities
    case .cvar(let alpha, let lambda):
      isNeutral ? probabilities : Self.cvarWeights(alpha, lambda, costs: costs, probabilities: probabilities)
    }
  }

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

  /// The value of the measure: Σ weight · cost in order of index.
  package func value(costs: [Double], probabilities: [Double]) -> Double {
    let weights = weights(costs: costs, probabilities: probabilities)
    var sum = 0.0
    for outcome in costs.indices { sum += weights[outcome] * costs[outcome] }
    return sum
  }
}
