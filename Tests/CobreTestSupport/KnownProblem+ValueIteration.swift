extension KnownProblem {
  /// A problem with one reservoir and an infinite horizon, for value iteration on a grid.
  ///
  /// Cost per stage: price of thermal energy, and `spill` per unit spilled; load is met by turbined water and thermals.
  package struct Endless: Sendable {
    var storage: (low: Double, high: Double, start: Double)
    var prices: [Double]
    var spill: Double
    var openings: [(inflow: Double, load: Double)]
    /// Factor from each stage to the next.
    var factors: [Double]
    /// Stage that the last one leads back to.
    var target: Int

    package static let endless = Endless(
      storage: (5, 15, 10), prices: [1, 1], spill: 10, openings: [(0, 7.5), (5, 5), (10, 2.5)], factors: [0.9, 0.9],
      target: 0)
    package static let seasons = Endless(
      storage: (5, 15, 10), prices: [1, 2, 3], spill: 1, openings: [(0, 7.5), (3, 5), (10, 2.5)],
      factors: [1, 1, 0.95], target: 0)
    package static let lateCycle = Endless(
      storage: (5, 15, 10), prices: [4, 1, 3], spill: 2, openings: [(0, 7.5), (3, 5), (10, 2.5)],
      factors: [0.8, 0.9, 0.7], target: 1)
  }

  /// A first stage that is left for good, then a cycle of two.
  ///
  /// The optimum comes from value iteration.
  package static let lateCycle = KnownProblem(
    "late cycle", optimum: 0,
    Shape(
      storage: (5, 15, 10), prices: [4, 1, 3], spill: 2, surplus: 1e4,
      openings: .init(repeating: [(0, 7.5), (3, 5), (10, 2.5)], count: 3), cycle: [0.8, 0.9, 0.7], cycleStart: 1))

  /// Expected cost of an endless problem by value iteration.
  ///
  /// Exact up to the iterations: all data are multiples of 0.5, so the value functions are linear between grid points.
  package static func valueByIteration(of problem: Endless) -> Double {
    let step = 0.5
    let low = problem.storage.low
    let points = Int((problem.storage.high - low) / step) + 1
    let stages = problem.prices.count
    var values = [[Double]](repeating: [Double](repeating: 0, count: points), count: stages)
    for _ in 0..<600 {
      for stage in (0..<stages).reversed() {
        let next = stage + 1 < stages ? values[stage + 1] : values[problem.target]
        for point in 0..<points {
          var expected = 0.0
          for opening in problem.openings {
            var best = Double.infinity
            for target in 0..<points {
              // Water that leaves: turbined up to the load, spilled beyond.
              let release = Double(point - target) * step + opening.inflow
              guard release >= 0 else { continue }
              let turbined = min(release, opening.load)
              let cost =
                problem.prices[stage] * (opening.load - turbined) + problem.spill * (release - turbined)
                + problem.factors[stage] * next[target]
              best = min(best, cost)
            }
            expected += best / Double(problem.openings.count)
          }
          values[stage][point] = expected
        }
      }
    }
    return values[0][Int((problem.storage.start - low) / step)]
  }
}
