internal import CobreCase

/// Upper bounds round a cycle (Mathematics.md 4.5, 4.6).
extension InnerBound {
  /// The most laps in one evaluation.
  private static var longestChase: Int { 12 }
  /// Spread of the changes of a lap, as a share of the values, at which more laps gain nothing.
  private static var settled: Double { 1e-8 }

  /// Finds values of the vertices of the cycle that no future cost exceeds.
  ///
  /// Nothing ends an infinite horizon, so values cannot be made from the end. Let W be any values at the vertices
  /// before the cycle and W′ those one lap earlier. If no W′ exceeds its W by more than δ, W + δ/(1 − d) is an upper
  /// bound, where d is the discount of a lap: a lap computed from it is nowhere higher, and the costs are the limit of
  /// laps from every such function (MacQueen 1966). Constants pass through the risk measure and through the vertices,
  /// whose weights sum to 1. So the cuts may serve as W, and each lap narrows the spread of W′ − W.
  ///
  /// Every rank must call it.
  func closeCycle(in inner: inout InnerState, iteration: Int) throws {
    let walk = problem.walk
    guard let start = walk.cycleStart, let last = walk.stages.max(), let head = walk.poolAfter[last] else { return }
    let order = (start..<last).reversed() + [head]
    var lap = inner.dueAlone(in: order)
    let factors = problem.study.stages.indices.map { problem.study.discountFactor(stage: $0) }
    let factor = factors[start...last].reduce(1, *)
    guard factor < 1, order.allSatisfy({ !lap.values[$0].isEmpty }) else { return }
    lap.values[head] = cutValues(at: lap, head: head)
    var rise = 0.0
    for _ in 0..<Self.longestChase {
      let before = lap.values[head]
      for pool in order { lap.values[pool] = try vertexValues(pool: pool, in: lap, iteration: iteration) }
      let changes = zip(lap.values[head], before).map { $0 - $1 }
      rise = changes.max() ?? 0
      let spread = rise - (changes.min() ?? 0)
      let size = lap.values[head].reduce(1) { max($0, abs($1)) }
      if spread * factor <= Self.settled * size * (1 - factor) { break }
    }
    let shift = rise / (1 - factor)
    for pool in order {
      // The lap began from W. What W lacks counts discounted from the end of the cycle.
      let weight = pool == head ? factor : factors[(pool + 1)...last].reduce(1, *)
      inner.lower(inner.due[pool], of: pool, to: lap.values[pool].map { $0 + weight * shift })
    }
  }

  /// The values of the cuts at the vertices of a pool, or 0 if there are none.
  ///
  /// Any number would do as a start.
  private func cutValues(at lap: InnerState, head: Int) -> [Double] {
    let cuts = Policy.Pool(cuts.pools[head])
    let successor = problem.walk.successors[head].first
    let probabilities = successor.map { problem.templates[$0.stage].probabilities } ?? [1]
    return lap.values[head].indices.map { vertex in
      cuts.value(
        at: lap.state(of: vertex, in: head), probabilities: probabilities,
        measure: problem.study.stages[head].riskMeasure)?
        .cost ?? 0
    }
  }
}
