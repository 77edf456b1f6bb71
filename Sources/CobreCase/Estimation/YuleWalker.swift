internal import Glibc

/// The periodic Yule–Walker equations of a plant (Hipel and McLeod 1994), with or without the annual mean.
struct YuleWalker {
  let correlations: SeasonCorrelations
  let moments: [SeasonMoments]

  /// Smallest pivot of a regular system.
  private static let smallestPivot = 2.2e-16
  /// Share of the variance below which rounding decides about its sign.
  private static let smallestVariance = 1e-12

  /// Selects an order up to a ceiling and fits the coefficients of a season.
  ///
  /// A negative first coefficient reduces the order to 0. With the annual component, order 0 keeps the annual
  /// coefficient.
  ///
  /// - Parameters:
  ///   - season: receives the fit.
  ///   - m: number of the season.
  ///   - ceiling: largest order.
  ///   - keepsAnnual: whether a season that loses its order keeps the annual coefficient fitted with it.
  func fit(_ season: inout PeriodicFit.Season, _ m: Int, ceiling: Int, keepsAnnual: Bool = false) {
    season.coefficients = []
    season.annual = correlations.hasAnnual ? 0 : nil
    season.residualRatio = 1
    guard moments[m].deviation > 0 else { return }
    let carried = carriedOrder(m, ceiling: ceiling)
    guard carried >= 0 else {
      season.remark = .unsupported
      return
    }
    solve(order: carried > 0 ? selectedOrder(m, ceiling: carried) : 0, m, into: &season)
    if let first = season.coefficients.first, first < 0 {
      let annual = season.annual
      solve(order: 0, m, into: &season)
      if keepsAnnual { season.annual = annual }
      season.remark = .negativeFirst
    }
  }

  /// The largest order that the data carry, up to a ceiling; −1 where they do not even carry the annual mean.
  ///
  /// Every correlation of its equations has more pairs than there are unknowns, and the model leaves some of the
  /// variance. Correlations over few pairs, each with its own pairs, need not belong to any series: a share of the
  /// variance below 0 says so, and all larger orders are built on the same numbers.
  func carriedOrder(_ m: Int, ceiling: Int) -> Int {
    let extra = correlations.hasAnnual ? 1 : 0
    var carried = -extra
    for order in (1 - extra)..<(max(0, min(ceiling, correlations.order)) + 1) {
      guard correlations.support(m, order: order) > order + extra, let solution = coefficients(order: order, m),
        variance(solution, order: order, m) > Self.smallestVariance
      else { break }
      carried = order
    }
    return carried
  }

  /// Coefficients and residual ratio of an order that the data carry.
  private func solve(order: Int, _ m: Int, into season: inout PeriodicFit.Season) {
    season.coefficients = []
    season.residualRatio = 1
    guard let solution = coefficients(order: order, m) else { return }
    season.coefficients = Array(solution.prefix(order))
    if correlations.hasAnnual { season.annual = solution[order] }
    season.residualRatio = min(1, variance(solution, order: order, m).squareRoot())
  }

  /// Solves the equations of an order, φ first, then ψ, and returns nil if they are singular.
  func coefficients(order: Int, _ m: Int) -> [Double]? {
    let size = order + (correlations.hasAnnual ? 1 : 0)
    var matrix = [Double](repeating: 0, count: size * size)
    var right = [Double](repeating: 0, count: size)
    for i in 0..<order {
      for j in i..<order {
        let value = i == j ? 1 : correlations.lagged(m - i - 1, j - i)
        matrix[i * size + j] = value
        matrix[j * size + i] = value
      }
      right[i] = correlations.lagged(m, i + 1)
    }
    if correlations.hasAnnual {
      for i in 0..<order {
        let value = correlations.annual(m, i + 1)
        matrix[i * size + order] = value
        matrix[order * size + i] = value
      }
      matrix[order * size + order] = 1
      right[order] = correlations.annual(m, 0)
    }
    return Self.solve(&matrix, &right, size: size) ? right : nil
  }

  /// Share of the variance that the model leaves.
  func variance(_ solution: [Double], order: Int, _ m: Int) -> Double {
    var variance = 1.0
    for lag in 0..<order { variance -= solution[lag] * correlations.lagged(m, lag + 1) }
    if correlations.hasAnnual { variance -= solution[order] * correlations.annual(m, 0) }
    return variance
  }

  /// The largest order whose partial autocorrelation is significant at 95 %, up to a ceiling.
  private func selectedOrder(_ m: Int, ceiling: Int) -> Int {
    let partial = partialAutocorrelations(m, ceiling: ceiling)
    let threshold = 1.96 / Double(moments[m].count).squareRoot()
    let order = (partial.lastIndex { abs($0) > threshold } ?? -1) + 1
    guard correlations.hasAnnual else { return order }
    return partial.first == 0 || partial.isEmpty ? 0 : max(1, order)
  }

  /// Partial autocorrelations of lags 1…, up to the first singular system.
  func partialAutocorrelations(_ m: Int, ceiling: Int) -> [Double] {
    var result: [Double] = []
    for k in 1..<(max(0, min(ceiling, correlations.order)) + 1) {
      guard let value = correlations.hasAnnual ? conditional(m, k) : coefficients(order: k, m)?[k - 1] else { break }
      result.append(value)
    }
    return result
  }

  /// Order by the criterion of Akaike, N · ln σ² + 2p.
  ///
  /// Ties go to the lower order.
  func orderByAkaike(_ m: Int, ceiling: Int) -> Int {
    var best = (order: 0, value: 0.0)
    for order in 1..<(max(0, carriedOrder(m, ceiling: ceiling)) + 1) {
      guard let solution = coefficients(order: order, m) else { break }
      let variance = variance(solution, order: order, m)
      let value = Double(moments[m].count) * log(variance) + 2 * Double(order)
      if value < best.value { best = (order, value) }
    }
    return best.order
  }

  /// Correlation of z_t and z_{t−k} given the values between them and the annual mean before t, or nil if the system is
  /// singular.
  private func conditional(_ m: Int, _ k: Int) -> Double? {
    let size = k
    // Given: z_{t−1} … z_{t−k+1}, A_{t−1}.
    var given = [Double](repeating: 0, count: size * size)
    var now = [Double](repeating: 0, count: size)
    var before = now
    for i in 0..<(k - 1) {
      for j in i..<(k - 1) {
        let value = i == j ? 1 : correlations.lagged(m - i - 1, j - i)
        given[i * size + j] = value
        given[j * size + i] = value
      }
      let value = correlations.annual(m, i + 1)
      given[i * size + k - 1] = value
      given[(k - 1) * size + i] = value
      now[i] = correlations.lagged(m, i + 1)
      before[i] = correlations.lagged(m - i - 1, k - i - 1)
    }
    given[size * size - 1] = 1
    now[k - 1] = correlations.annual(m, 0)
    before[k - 1] = correlations.annual(m, k)
    var (first, second) = (given, given)
    var (a, b) = (now, before)
    guard Self.solve(&first, &a, size: size), Self.solve(&second, &b, size: size) else { return nil }
    var (nowVariance, beforeVariance, covariance) = (1.0, 1.0, correlations.lagged(m, k))
    for i in 0..<size {
      nowVariance -= now[i] * a[i]
      beforeVariance -= before[i] * b[i]
      covariance -= now[i] * b[i]
    }
    let product = nowVariance * beforeVariance
    return product > 0 ? min(1, max(-1, covariance / product.squareRoot())) : 0
  }

  /// Gaussian elimination with partial pivoting.
  ///
  /// False for a singular matrix.
  private static func solve(_ matrix: inout [Double], _ right: inout [Double], size: Int) -> Bool {
    for column in 0..<size {
      var pivot = column
      for row in (column + 1)..<max(column + 1, size)
      where abs(matrix[row * size + column]) > abs(matrix[pivot * size + column]) {
        pivot = row
      }
      guard abs(matrix[pivot * size + column]) >= smallestPivot else { return false }
      if pivot != column {
        for index in 0..<size { matrix.swapAt(pivot * size + index, column * size + index) }
        right.swapAt(pivot, column)
      }
      for row in (column + 1)..<max(column + 1, size) {
        let factor = matrix[row * size + column] / matrix[column * size + column]
        guard factor != 0 else { continue }
        for index in column..<size { matrix[row * size + index] -= factor * matrix[column * size + index] }
        right[row] -= factor * right[column]
      }
    }
    for row in (0..<size).reversed() {
      for index in (row + 1)..<max(row + 1, size) { right[row] -= matrix[row * size + index] * right[index] }
      right[row] /= matrix[row * size + row]
    }
    return true
  }
}
