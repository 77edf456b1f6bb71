/// The values and slopes of a stage at one trial state, opening by opening, before they become cuts.
///
/// For cuts whose weights are known only when every opening is solved. With plain expectation the sums are updated as
/// the openings are solved.
struct OpeningCuts {
  private(set) var costs: [Double]
  /// `[opening * dimension + component]`.
  private(set) var slopes: [Double]
  private let dimension: Int
  /// State components of prices, in which a cut has minus the price at which it is made as slope.
  private let prices: Range<Int>

  init(openings: Int, dimension: Int, prices: Range<Int> = 0..<0) {
    self.prices = prices
    self.dimension = dimension
    costs = .init(repeating: 0, count: openings)
    slopes = .init(repeating: 0, count: openings * dimension + 1)
  }

  /// Takes the last solve of an opening: its optimum in $ and its slopes.
  mutating func record(_ opening: Int, from solver: StageSolver) {
    costs[opening] = solver.provenObjective
    let first = opening * dimension
    for component in 0..<dimension { slopes[first + component] = 0 }
    slopes.withUnsafeMutableBufferPointer { slopes in
      guard let base = slopes.baseAddress else { return }
      solver.addSlopes(weight: 1, to: base + first)
    }
  }

  /// Writes Σ weight · (intercept, slopes) over the first openings, in their order.
  ///
  /// The offset, in $, is added to the intercept.
  func writeSum(
    weights: [Double], offset: Double = 0, state: UnsafePointer<Double>, to cut: UnsafeMutablePointer<Double>
  ) {
    var value = 0.0
    for component in 0..<dimension { cut[1 + component] = 0 }
    for opening in weights.indices {
      value += weights[opening] * costs[opening]
      for component in 0..<dimension {
        cut[1 + component] += weights[opening] * slopes[opening * dimension + component]
      }
    }
    if offset != 0 { value += offset }
    for component in 0..<dimension { value -= cut[1 + component] * state[component] }
    cut[0] = value
    // The optima do not move with a price by the state, which no row contains.
    for component in prices { cut[1 + component] = -state[component] }
  }

  /// Writes a cut for each of the first `count` openings.
  func writeEach(count: Int, state: UnsafePointer<Double>, to cuts: UnsafeMutablePointer<Double>) {
    for opening in 0..<count {
      let cut = cuts + opening * (dimension + 1)
      cut[0] = costs[opening]
      for component in 0..<dimension {
        cut[1 + component] = slopes[opening * dimension + component]
        cut[0] -= cut[1 + component] * state[component]
      }
    }
  }
}
