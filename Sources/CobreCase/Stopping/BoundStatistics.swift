/// Mean and spread of trajectory costs, in trajectory order (two passes, so that the order fixes every bit).
///
/// Of weighted costs, which are all paths, the deviation is that of the distribution, and no interval is left.
package struct BoundStatistics: Sendable, Equatable {
  package var mean: Double
  /// Sample standard deviation (divisor n − 1); infinite for a single value, which shows no spread.
  package var standardDeviation: Double
  /// 1.96 · deviation / √n: half the 95 % interval of the mean; infinite for a single value.
  package var halfWidth: Double

  /// - Parameters:
  ///   - costs: at least one value.
  ///   - weights: probabilities of the costs if these are all that can occur, so that the mean is exact, or nil for a
  ///     sample.
  package init(costs: [Double], weights: [Double]?) {
    self.init(costs: costs)
    guard let weights else { return }
    mean = 0
    for (cost, weight) in zip(costs, weights) { mean += weight * cost }
    var squares = 0.0
    for (cost, weight) in zip(costs, weights) { squares += weight * (cost - mean) * (cost - mean) }
    standardDeviation = squares.squareRoot()
    halfWidth = 0
  }

  /// - Parameter costs: at least one value.
  package init(costs: some Collection<Double>) {
    let count = Double(costs.count)
    var sum = 0.0
    for cost in costs { sum += cost }
    mean = sum / count
    guard costs.count > 1 else {
      standardDeviation = .infinity
      halfWidth = .infinity
      return
    }
    var squares = 0.0
    for cost in costs { squares += (cost - mean) * (cost - mean) }
    standardDeviation = (squares / (count - 1)).squareRoot()
    halfWidth = 1.96 * standardDeviation / count.squareRoot()
  }
}
