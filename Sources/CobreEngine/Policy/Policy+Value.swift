package import CobreCase

extension Policy.Pool {
  /// What cuts say of the cost after a stage at one state.
  package struct Value: Sendable, Equatable {
    /// In $ of that time.
    package var cost: Double
    /// In $ per unit of state: how the cost changes with each component.
    package var slopes: [Double]
    /// The cut that decides, by group, where one does.
    ///
    /// The first where several do.
    package var cuts: [Int]
  }

  /// The largest of the cuts in use at a state.
  ///
  /// With cuts by outcome, the largest of each outcome, weighted by the risk measure.
  ///
  /// - Parameters:
  ///   - state: as long as a cut has slopes.
  ///   - probabilities: of the outcomes that the groups of cuts belong to. Ignored with one group.
  ///   - measure: weights the outcomes.
  ///   - floor: the least that an outcome can cost, in $; asked for where a cut says less than 0, as it is never more.
  /// - Returns: nil if a group has no cut, or the numbers do not fit.
  package func value(
    at state: [Double], probabilities: [Double] = [1], measure: RiskMeasure, floor: () -> Double = { -.infinity }
  ) -> Value? {
    let dimension = state.count
    let groups = max(1, self.groups)
    guard slopes.count == count * dimension, groups == 1 || probabilities.count == groups else { return nil }
    let unused = Set(inactive)
    var best = [Double](repeating: -.infinity, count: groups)
    var deciding = [Int?](repeating: nil, count: groups)
    for cut in 0..<count where !unused.contains(cut) {
      var height = intercepts[cut]
      for component in 0..<dimension { height += slopes[cut * dimension + component] * state[component] }
      if height > best[cut % groups] {
        best[cut % groups] = height
        deciding[cut % groups] = cut
      }
    }
    guard deciding.allSatisfy({ $0 != nil }) else { return nil }
    if best.contains(where: { $0 < 0 }) {
      let floor = floor()
      for group in 0..<groups where best[group] < floor {
        best[group] = floor
        deciding[group] = nil
      }
    }
    let weights = groups == 1 ? [1] : measure.weights(costs: best, probabilities: probabilities)
    var value = Value(
      cost: 0, slopes: .init(repeating: 0, count: dimension), cuts: deciding.compactMap { $0 })
    for (group, deciding) in deciding.enumerated() {
      value.cost += weights[group] * best[group]
      guard let cut = deciding else { continue }
      for component in 0..<dimension { value.slopes[component] += weights[group] * slopes[cut * dimension + component] }
    }
    return value
  }
}
