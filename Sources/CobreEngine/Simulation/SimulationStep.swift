internal import CobreCase

/// All figures of one step of a simulation, as rank 0 gets them before the next step is computed.
package struct SimulationStep: Sendable {
  /// Position in the walk through the stages.
  ///
  /// Equal to the stage with a finite horizon.
  package var step: Int
  package var stage: Int
  /// First step of the same time (`StageWalk.periods`); nil for the step itself.
  package var period: Int?
  /// Share of the scenarios, or their probability where they are all that can come, that make the step.
  package var visits = 1.0
  /// Scenarios that make the step, ascending: all, unless stages have several successors.
  package var scenarioIDs: [Int]
  /// Probability of each where they are all that can come, as parts of 1 among those of the step; nil for a sample.
  package var weights: [Double]?
  /// Number of `scenarioIDs`; scenarios are counted among them in what follows.
  package var scenarios: Int { scenarioIDs.count }
  /// Hours of the blocks.
  package var hours: [Double]
  /// Slots of a record, `[scenario * width + slot]`.
  package var records: [Double]
  let sections: [StageRecorder.Section]
  let width: Int

  /// One quantity of one entity over the scenarios.
  package struct Series: Sendable {
    package var quantity: SimulationQuantity
    /// Index of the entity in the case.
    package var entity: Int
    /// Slots per scenario: a block each, or one for the stage.
    package var blocks: Int
    var first: Int
  }

  /// Every series of the step.
  package var series: [Series] {
    sections.flatMap { section in
      (0..<section.entities).map {
        Series(
          quantity: section.quantity, entity: $0, blocks: section.blocks, first: section.first + $0 * section.blocks)
      }
    }
  }

  /// Value in a block.
  ///
  /// For quantities with one value per stage, block 0.
  package func value(_ series: Series, scenario: Int, block: Int) -> Double {
    records[scenario * width + series.first + block]
  }

  /// Value of the stage: its only slot, or the mean over the hours of the blocks.
  package func value(_ series: Series, scenario: Int) -> Double {
    guard series.blocks > 1 else { return value(series, scenario: scenario, block: 0) }
    var sum = 0.0
    var total = 0.0
    for block in 0..<series.blocks {
      sum += hours[block] * value(series, scenario: scenario, block: block)
      total += hours[block]
    }
    return sum / total
  }

  /// Spread of the stage's value over the scenarios.
  package func statistics(_ series: Series) -> SampleStatistics {
    SampleStatistics((0..<scenarios).map { value(series, scenario: $0) }, weights: weights)
  }
}

/// Mean, spread and percentiles of a sample, or of all values that can come with their probabilities.
///
/// Percentiles of a sample are linear between the order statistics. Those of values with probabilities are the smallest
/// value that is not exceeded with the probability.
package struct SampleStatistics: Sendable, Equatable {
  package static let probabilities = [0.05, 0.25, 0.5, 0.75, 0.95]

  package var mean: Double
  /// With divisor n − 1; 0 for a single value.
  package var standardDeviation: Double
  package var minimum: Double
  package var maximum: Double
  /// By `probabilities`.
  package var percentiles: [Double]
  /// Mean of the ⌈0.05·n⌉ largest values, or of the largest values with a probability of 0.05 together.
  package var meanOfWorst: Double

  /// - Parameters:
  ///   - values: at least one.
  ///   - weights: probabilities of the values where they are all that can come; nil for a sample.
  package init(_ values: [Double], weights: [Double]? = nil) {
    let spread = BoundStatistics(costs: values, weights: weights)
    mean = spread.mean
    // One scenario has no spread that could be drawn.
    standardDeviation = values.count > 1 ? spread.standardDeviation : 0
    if let weights {
      let ascending = zip(values, weights).sorted { $0.0 < $1.0 }
      minimum = ascending.first?.0 ?? 0
      maximum = ascending.last?.0 ?? 0
      percentiles = Self.probabilities.map { Self.quantile($0, of: ascending) }
      meanOfWorst = Self.upperMean(ascending, share: 0.05)
      return
    }
    let sorted = values.sorted()
    minimum = sorted.first ?? 0
    maximum = sorted.last ?? 0
    percentiles = Self.probabilities.map { probability in
      let position = probability * Double(sorted.count - 1)
      let low = Int(position)
      let high = min(low + 1, sorted.count - 1)
      return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
    }
    let worst = sorted.suffix((sorted.count + 19) / 20)
    var sum = 0.0
    for value in worst.reversed() { sum += value }
    meanOfWorst = sum / Double(max(1, worst.count))
  }

  /// The smallest value that is not exceeded with a probability.
  private static func quantile(_ probability: Double, of ascending: [(Double, Double)]) -> Double {
    var sum = 0.0
    for (value, weight) in ascending {
      sum += weight
      // Probabilities such as 0.05 have no exact double.
      if sum >= probability - 1e-12 { return value }
    }
    return ascending.last?.0 ?? 0
  }

  /// Mean of the largest values that have a probability of `share` together; the last of them counts in part.
  private static func upperMean(_ ascending: [(Double, Double)], share: Double) -> Double {
    var left = share
    var sum = 0.0
    for (value, weight) in ascending.reversed() where left > 0 {
      sum += min(weight, left) * value
      left -= weight
    }
    return sum / share
  }
}
