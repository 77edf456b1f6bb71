/// The columns and rows that represent the future in a stage LP: one future cost, or one per opening under a risk
/// measure (multi-cut: Birge, Louveaux 1988; CVaR as linear program: Rockafellar, Uryasev 2000).
///
/// With CVaR the columns are the future costs θ, the level η and the excesses ξ ≥ θ − η, with a row for each excess.
struct FutureCosts: Sendable, Equatable {
  /// Future costs.
  let count: Int
  /// Objective coefficients of all columns, before discounting.
  let weights: [Double]
  /// Lower bounds of all columns.
  let columnLower: [Double]
  /// Rows for the excesses: 0 or `count`.
  let rowCount: Int

  /// One aggregated future cost.
  static let one = FutureCosts(probabilities: [1], measure: .expectation)

  init(probabilities: [Double], measure: RiskMeasure) {
    count = probabilities.count
    switch measure {
    case .cvar(let alpha, let lambda) where !measure.isNeutral:
      weights = probabilities.map { (1 - lambda) * $0 } + [lambda] + probabilities.map { lambda / alpha * $0 }
      columnLower = probabilities.map { _ in 0 } + [-.infinity] + probabilities.map { _ in 0 }
      rowCount = count
    case .expectation, .cvar:
      weights = probabilities
      columnLower = probabilities.map { _ in 0 }
      rowCount = 0
    }
  }

  /// Entries of the rows ξ − θ + η ≥ 0.
  func entries(firstRow: Int, firstColumn: Int) -> [(row: Int, column: Int, value: Double)] {
    var entries: [(row: Int, column: Int, value: Double)] = []
    for index in 0..<rowCount {
      let row = firstRow + index
      entries.append((row, firstColumn + index, -1))
      entries.append((row, firstColumn + count, 1))
      entries.append((row, firstColumn + count + 1 + index, 1))
    }
    return entries
  }
}
