internal import CobreCase
internal import CobreEngine
internal import Foundation

/// Nested risk measures as rows over the costs-to-go of the children of a node.
extension ExtensiveForm {
  /// A child of a node: the column of its cost-to-go and what makes it differ from its siblings.
  struct Outcome {
    let column: Int
    let probability: Double
    let stage: Int
    /// All that is random in it, in its own units.
    let point: [Double]
  }

  /// A column that is at least a convex function of others: `(weights, offset)` of its tangents.
  struct Curve: Sendable {
    let column: Int
    let outcomes: [Int]
    let tangent: @Sendable ([Double]) -> (weights: [Double], offset: Double)
  }

  func outcome(_ index: Int, _ values: [Int], _ study: StudyCase) -> Outcome {
    let node = tree.nodes[index]
    return Outcome(
      column: values[index], probability: node.probability, stage: node.stage,
      point: node.inflows + node.loads + node.availabilities)
  }

  mutating func riskAdjusted(_ measure: RiskMeasure, _ outcomes: [Outcome]) -> LinearExpression {
    let expectation = LinearExpression(outcomes.map { ($0.column, $0.probability) })
    switch measure {
    case .expectation: return expectation
    case .cvar(let alpha, let lambda):
      // (1 − λ)·Σ p·Q + λ·(η + Σ p·ξ / α) with ξ ≥ Q − η, ξ ≥ 0.
      let level = program.addColumn(-.infinity, .infinity)
      var result = LinearExpression([(level, lambda)])
      for outcome in outcomes {
        let excess = program.addColumn(0, .infinity)
        program.addRow(0, .infinity, LinearExpression([(excess, 1), (level, 1), (outcome.column, -1)]))
        result.add((1 - lambda) * outcome.probability, outcome.column)
        result.add(lambda * outcome.probability / alpha, excess)
      }
      return result
    case .worstCase:
      let level = program.addColumn(-.infinity, .infinity)
      for outcome in outcomes where outcome.probability > 0 {
        program.addRow(0, .infinity, LinearExpression([(level, 1), (outcome.column, -1)]))
      }
      return LinearExpression(column: level)
    case .wasserstein(let radius): return transported(radius, outcomes)
    case .combination(let parts):
      var result = LinearExpression()
      for part in parts { result += part.weight * riskAdjusted(part.measure, outcomes) }
      return result
    case .entropic(let gamma):
      let probabilities = outcomes.map(\.probability)
      return curve(outcomes, atLeast: expectation) { costs in
        let scaled = gamma * SparseProgram.costScale
        let largest = costs.max() ?? 0
        let shares = zip(probabilities, costs).map { $0 * exp(scaled * ($1 - largest)) }
        let weights = shares.map { $0 / shares.reduce(0, +) }
        let divergence = zip(weights, probabilities).reduce(0) { $1.0 > 0 ? $0 + $1.0 * log($1.0 / $1.1) : $0 }
        return (weights, -divergence / scaled)
      }
    case .modifiedChiSquared(let radius):
      let probabilities = outcomes.map(\.probability)
      return curve(outcomes, atLeast: expectation) { costs in
        (Self.chiSquared(radius, costs: costs, probabilities: probabilities), 0)
      }
    }
  }

  /// The dual of the transport problem: min r·λ + Σ p·s with s(i) ≥ Q(j) − λ·d(i, j).
  private mutating func transported(_ radius: Double, _ outcomes: [Outcome]) -> LinearExpression {
    let price = program.addColumn(0, .infinity)
    var result = LinearExpression([(price, radius)])
    let spreads = Self.spreads(outcomes)
    for source in outcomes {
      let share = program.addColumn(-.infinity, .infinity)
      result.add(source.probability, share)
      for target in outcomes where target.stage == source.stage {
        var sum = 0.0
        var components = 0.0
        for (component, spread) in spreads.enumerated() where spread > 1e-6 {
          sum += pow((source.point[component] - target.point[component]) / spread, 2)
          components += 1
        }
        let distance = components > 0 ? sqrt(sum / components) : 0
        program.addRow(0, .infinity, LinearExpression([(share, 1), (target.column, -1), (price, distance)]))
      }
    }
    return result
  }

  /// Standard deviation of each component of siblings of one stage.
  private static func spreads(_ outcomes: [Outcome]) -> [Double] {
    let total = outcomes.reduce(0) { $0 + $1.probability }
    return (outcomes.first?.point ?? []).indices.map { component in
      let mean = outcomes.reduce(0) { $0 + $1.probability / total * $1.point[component] }
      return sqrt(outcomes.reduce(0) { $0 + $1.probability / total * pow($1.point[component] - mean, 2) })
    }
  }

  private mutating func curve(
    _ outcomes: [Outcome], atLeast expectation: LinearExpression,
    tangent: @escaping @Sendable ([Double]) -> (weights: [Double], offset: Double)
  ) -> LinearExpression {
    let column = program.addColumn(-.infinity, .infinity)
    var row = LinearExpression(column: column)
    row -= expectation
    program.addRow(0, .infinity, row)
    curves.append(Curve(column: column, outcomes: outcomes.map(\.column), tangent: tangent))
    return LinearExpression(column: column)
  }

  /// Adds tangents (Kelley 1960) until none is violated by more than rounding.
  func optimumWithCurves() throws -> Double {
    var program = program
    for _ in 0..<2000 {
      let solution = try program.model.solved()
      var isDone = true
      for curve in curves {
        let costs = curve.outcomes.map { solution.columnValues[$0] }
        let (weights, offset) = curve.tangent(costs)
        let value = zip(weights, costs).reduce(offset) { $0 + $1.0 * $1.1 }
        guard value - solution.columnValues[curve.column] > 1e-9 * max(1, abs(value)) else { continue }
        isDone = false
        var row = LinearExpression(column: curve.column)
        for (column, weight) in zip(curve.outcomes, weights) { row.add(-weight, column) }
        program.addRow(offset, .infinity, row)
      }
      if isDone { return solution.objective * SparseProgram.costScale }
    }
    throw ScenarioTree.Unsupported(reason: "the tangents of a risk measure do not converge")
  }

  /// q = p·max(0, a + b·Q) with a and b by bisection: Σ q = 1 and Σ q²/p = 1 + r².
  private static func chiSquared(_ radius: Double, costs: [Double], probabilities: [Double]) -> [Double] {
    guard let least = costs.min(), let largest = costs.max(), largest - least > 1e-12 * max(1, abs(largest)) else {
      return probabilities
    }
    func weights(_ slope: Double) -> [Double] {
      var (low, high) = (-slope * largest - 1 / (probabilities.min() ?? 1), -slope * least + 1)
      for _ in 0..<200 {
        let middle = (low + high) / 2
        let sum = zip(probabilities, costs).reduce(0) { $0 + $1.0 * max(0, middle + slope * $1.1) }
        if sum > 1 { high = middle } else { low = middle }
      }
      let raw = zip(probabilities, costs).map { $0 * max(0, low + slope * $1) }
      return raw.map { $0 / raw.reduce(0, +) }
    }
    var (low, high) = (0.0, 1e6 / (largest - least))
    for _ in 0..<200 {
      let middle = (low + high) / 2
      let size = zip(weights(middle), probabilities).reduce(0) { $0 + $1.0 * $1.0 / $1.1 }
      if size > 1 + radius * radius { high = middle } else { low = middle }
    }
    return weights(low)
  }
}
