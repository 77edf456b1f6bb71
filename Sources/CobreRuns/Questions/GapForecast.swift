internal import CobreBase
internal import CobreEngine
internal import Foundation

/// When a training comes within a gap, foretold from the bounds of a few iterations with one trajectory each.
///
/// The mean cost of the later trajectories, with its interval, is where the lower bound goes to. Beyond the sample the
/// distance is taken to fall as a power of the iterations, with the exponent of the sample's later half. A training of
/// more trajectories needs at least that number of iterations over the trajectories, at most that number; nothing
/// narrower holds for all cases.
package struct GapForecast: Sendable, Equatable {
  /// Bounds of one iteration of the sample, in $.
  package struct Mark: Sendable, Equatable {
    package var lowerBound: Double
    /// Cost of its one trajectory.
    package var cost: Double

    package init(lowerBound: Double, cost: Double) {
      self.lowerBound = lowerBound
      self.cost = cost
    }
  }

  private let lowerBounds: [Double]
  /// Where the lower bound may go to.
  private let target: (low: Double, high: Double)

  /// Fewer iterations say nothing.
  private static let leastMarks = 10
  /// Exponents of the distance that are believed.
  private static let exponents = 0.3...2.0

  package static func == (one: GapForecast, other: GapForecast) -> Bool {
    one.lowerBounds == other.lowerBounds && one.target == other.target
  }

  /// Nil where the sample is too short, or is without bounds.
  package init?(_ marks: [Mark]) {
    guard marks.count >= Self.leastMarks, marks.allSatisfy({ $0.lowerBound.isFinite && $0.cost.isFinite }) else {
      return nil
    }
    lowerBounds = marks.map(\.lowerBound)
    let costs = marks.suffix(marks.count / 2).map(\.cost)
    let count = Double(costs.count)
    let mean = costs.reduce(0, +) / count
    let variance = costs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let half = 1.96 * (variance / count).squareRoot()
    let last = marks[marks.count - 1].lowerBound
    target = (max(last, mean - half), max(last, mean + half))
    guard target.low > 0 else { return nil }
  }

  /// Iterations of one trajectory after which the lower bound is within a gap of a target.
  private func iterations(to gap: Double, of target: Double) -> Double {
    func distance(_ index: Int) -> Double { (target - lowerBounds[index]) / target }
    if let first = lowerBounds.indices.first(where: { distance($0) <= gap }) { return Double(first + 1) }
    let last = lowerBounds.count - 1
    let ratio = distance(last / 2) / distance(last)
    let exponent = log(max(1, ratio)) / log(Double(last + 1) / Double(last / 2 + 1))
    let believed = min(max(exponent, Self.exponents.lowerBound), Self.exponents.upperBound)
    return Double(last + 1) * pow(distance(last) / gap, 1 / believed)
  }

  /// Iterations until the gap.
  ///
  /// - Parameters:
  ///   - gap: relative, above 0.
  ///   - passes: trajectories of an iteration.
  /// - Returns: the least and the most, at least 1.
  package func iterations(to gap: Double, passes: Int) -> RunEstimate.Span {
    RunEstimate.Span(
      max(1, (iterations(to: gap, of: target.low) / Double(max(1, passes))).rounded(.down)),
      max(1, iterations(to: gap, of: target.high).rounded(.up)))
  }
}

extension RunEstimate {
  /// Gaps that are foretold.
  private static let gaps = [0.05, 0.01]

  /// Seconds until a gap; nil where the sample says nothing of it.
  package func seconds(toGap gap: Double) -> Span? {
    guard let forecast = sample.gap else { return nil }
    let iterations = forecast.iterations(to: gap, passes: plan.forwardPasses)
    func seconds(_ count: Double, _ end: (Span) -> Double) -> Double {
      var plan = plan
      plan.iterations = Int(min(count, 1e6))
      return end(RunEstimate(plan: plan, sample: sample).training)
    }
    return Span(seconds(iterations.low) { $0.low }, seconds(iterations.high) { $0.high })
  }

  /// Times to gaps, as a table and as a sentence.
  var gapFigures: (table: JSONValue, sentence: String) {
    let found = Self.gaps.compactMap { gap in seconds(toGap: gap).map { (gap, $0) } }
    guard !found.isEmpty else { return (.null, "When a gap is reached cannot be told from a sample this short.") }
    let rows: [JSONValue] = found.map { [.double($0.0), .optional($0.1.low), .optional($0.1.high)] }
    let texts = found.map {
      "\(Figures.percent($0.0)) in \(Figures.duration($0.1.low)) to \(Figures.duration($0.1.high))"
    }
    return (
      ["columns": ["gap", "least_seconds", "most_seconds"], "rows": .array(rows)],
      "The lower bound comes within \(texts.joined(separator: ", ")) of the mean cost, if the iteration limit allows it."
    )
  }
}
