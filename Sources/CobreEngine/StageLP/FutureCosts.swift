package import CobreCase

/// The columns and rows that represent the future in a stage LP: one future cost, or one per opening under a risk
/// measure (multi-cut: Birge, Louveaux 1988; CVaR as linear program: Rockafellar, Uryasev 2000).
///
/// Columns are the future costs θ; for CVaR the level η and the excesses ξ ≥ θ − η, with a row for each excess; for the
/// worst case its level η ≥ θ, with a row for each outcome that may occur.
struct FutureCosts: Sendable, Equatable {
  /// Future costs.
  let count: Int
  /// Objective coefficients of all columns, before discounting.
  private(set) var weights: [Double]
  /// Lower bounds of all columns.
  private(set) var columnLower: [Double]
  /// Rows that are at least 0.
  private(set) var rowCount = 0
  private var relativeEntries: [(row: Int, column: Int, value: Double)] = []

  /// One aggregated future cost.
  static let one = FutureCosts(probabilities: [1], measure: .expectation)

  /// - Parameters:
  ///   - probabilities: one per outcome.
  ///   - measure: one that `isSmallProgram`.
  init(probabilities: [Double], measure: RiskMeasure) {
    count = probabilities.count
    weights = probabilities.map { _ in 0 }
    columnLower = probabilities.map { _ in 0 }
    add(measure, weight: 1, probabilities: probabilities)
  }

  static func == (left: FutureCosts, right: FutureCosts) -> Bool {
    left.count == right.count && left.weights == right.weights && left.columnLower == right.columnLower
      && left.rowCount == right.rowCount && left.relativeEntries.elementsEqual(right.relativeEntries, by: ==)
  }

  private mutating func add(_ measure: RiskMeasure, weight: Double, probabilities: [Double]) {
    switch measure {
    case .cvar(let alpha, let lambda) where !measure.isNeutral:
      for index in 0..<count { weights[index] += weight * ((1 - lambda) * probabilities[index]) }
      let level = weights.count
      weights += [weight * lambda] + probabilities.map { weight * (lambda / alpha * $0) }
      columnLower += [-.infinity] + probabilities.map { _ in 0 }
      for index in 0..<count {
        relativeEntries += [(rowCount, index, -1), (rowCount, level, 1), (rowCount, level + 1 + index, 1)]
        rowCount += 1
      }
    case .worstCase:
      let level = weights.count
      weights.append(weight)
      columnLower.append(-.infinity)
      for index in 0..<count where probabilities[index] > 0 {
        relativeEntries += [(rowCount, index, -1), (rowCount, level, 1)]
        rowCount += 1
      }
    case .combination(let parts):
      for part in parts where part.weight > 0 {
        add(part.measure, weight: weight * part.weight, probabilities: probabilities)
      }
    case .expectation, .cvar, .entropic, .wasserstein, .modifiedChiSquared:
      for index in 0..<count { weights[index] += weight * probabilities[index] }
    }
  }

  /// Entries of the rows ξ − θ + η ≥ 0 and η − θ ≥ 0.
  func entries(firstRow: Int, firstColumn: Int) -> [(row: Int, column: Int, value: Double)] {
    relativeEntries.map { (firstRow + $0.row, firstColumn + $0.column, $0.value) }
  }
}

extension StudyCase {
  /// Whether a stage has a future cost for each outcome of what follows.
  ///
  /// Under a measure that is no small linear program it keeps one, of aggregated cuts, which have the same limit.
  package func hasFutureByOutcome(_ formulation: CutFormulation, stage: Int) -> Bool {
    formulation == .multi && stages[stage].riskMeasure.isSmallProgram
  }
}
