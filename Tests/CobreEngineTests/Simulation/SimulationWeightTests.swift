import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Means of simulations in which not every scenario comes to every stage, with numbers computed by hand.
@Suite struct SimulationWeightTests {
  private static let sections = [
    StageRecorder.Section(quantity: SimulationQuantity(.system, "cost", "$"), first: 0, entities: 1, blocks: 1),
    StageRecorder.Section(quantity: SimulationQuantity(.system, "future_cost", "$"), first: 1, entities: 1, blocks: 1),
    StageRecorder.Section(quantity: SimulationQuantity(.hydro, "storage", "hm3"), first: 2, entities: 1, blocks: 1),
  ]

  private static let noFlows = EnergyFlow.allCases.map { _ in [Double]() }

  /// A root with a cost of 10 or 30 and a leaf for each of two scenarios, with costs of 100 and 200.
  private func result(probabilities: [Double]?) -> SimulationResult {
    var result = SimulationResult(scenarios: 2, stages: 3, hydros: 1, costs: [0, 0], factors: Self.noFlows)
    result.probabilities = probabilities
    let steps: [(scenarios: [Int], records: [Double])] = [
      ([0, 1], [10, 0, 1, 30, 0, 5]), ([0], [100, 0, 2]), ([1], [200, 0, 3]),
    ]
    for (number, step) in steps.enumerated() {
      let figures = SimulationStep(
        step: number, stage: number, scenarioIDs: step.scenarios, hours: [1], records: step.records,
        sections: Self.sections, width: 3)
      result.take(figures, discounts: [1, 1], tailFactor: nil)
    }
    return result
  }

  @Test func aLeafHasTheMeanOfThoseThatComeThere() {
    let exact = result(probabilities: [0.25, 0.75])
    // 0.25 · 10 + 0.75 · 30, and what the leaves themselves cost.
    #expect(exact.meanByStage(exact.stageCosts) == [25, 100, 200])
    #expect(exact.meanStorages == [4, 2, 3])
    // 0.25 · 110 + 0.75 · 230.
    #expect(exact.statistics.mean == 200 && exact.statistics.halfWidth == 0)
    let sample = result(probabilities: nil)
    #expect(sample.meanByStage(sample.stageCosts) == [20, 100, 200])
    #expect(sample.meanStorages == [3, 2, 3])
    // A stage that no scenario comes to has no mean.
    let empty = SimulationResult(scenarios: 2, stages: 1, hydros: 0, costs: [1, 2], factors: Self.noFlows)
    #expect(empty.meanByStage(empty.stageCosts)[0].isNaN)
  }

  /// The leaves lie side by side: one scenario of two comes to each.
  private func leaves(probabilities: [Double]?) -> [SimulationStep] {
    [([0], [100.0, 0, 2]), ([1], [200.0, 0, 3])].enumerated().map { number, step in
      SimulationStep(
        step: number + 1, stage: number + 1, period: 1, visits: probabilities?[number] ?? 0.5, scenarioIDs: step.0,
        weights: probabilities == nil ? nil : [1], hours: [1], records: step.1, sections: Self.sections, width: 3)
    }
  }

  @Test func leavesSideBySideCountByVisits() throws {
    func cost(_ steps: [SimulationStep]) throws -> SampleStatistics {
      try #require(PeriodSeries.all(steps).first { $0.quantity.name == "cost" }).statistics
    }
    // 0.25 · 100 + 0.75 · 200; the median is the value that is not exceeded with a half.
    let exact = try cost(leaves(probabilities: [0.25, 0.75]))
    #expect(exact.mean == 175 && exact.minimum == 100 && exact.maximum == 200)
    #expect(exact.percentiles == [100, 100, 200, 200, 200])
    // Of a sample of two: between the two values on a line.
    let sample = try cost(leaves(probabilities: nil).reversed())
    #expect(sample.mean == 150 && sample.percentiles == [105, 125, 150, 175, 195])
    #expect(PeriodSeries.all(leaves(probabilities: nil)).count == 3)
  }

  /// Seven months, of which five have two stages; a stage that no scenario comes to leaves no gap.
  @Test func periodsEndWithTheirLastStage() throws {
    let study = try CaseText(CaseTemplate.markov.files()).study()
    #expect(StageWalk(study: study).periods == [0, 1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11])
    var periods = try #require(SimulationPeriods(study: study))
    func step(_ number: Int) -> SimulationStep {
      SimulationStep(
        step: number, stage: number, period: StageWalk(study: study).periods[number], scenarioIDs: [0], hours: [1],
        records: [1, 0, 1], sections: Self.sections, width: 3)
    }
    func steps(_ found: [[SimulationStep]]) -> [[Int]] { found.map { $0.map(\.step) } }
    #expect(steps(periods.take(step(0))) == [[0]])
    #expect(steps(periods.take(step(1))) == [])
    #expect(steps(periods.take(step(2))) == [[1, 2]])
    #expect(steps(periods.take(step(3))) == [])
    // Nobody came to stage 4.
    #expect(steps(periods.take(step(5))) == [[3]])
    #expect(steps(periods.finish()) == [[5]] && periods.finish().isEmpty)
    #expect(SimulationPeriods(study: try CaseText(CaseTemplate.cascade.files()).study()) == nil)
  }

  @Test func statisticsCountByProbability() {
    let figures = SampleStatistics([30, 10, 20], weights: [0.02, 0.9, 0.08])
    // 0.6 + 9 + 1.6.
    #expect(abs(figures.mean - 11.2) < 1e-12)
    // √(0.02 · 18.8² + 0.9 · 1.2² + 0.08 · 8.8²) = √14.56.
    #expect(abs(figures.standardDeviation - 14.56.squareRoot()) < 1e-12)
    #expect(figures.minimum == 10 && figures.maximum == 30)
    // 10 up to a probability of 0.9, 20 up to 0.98.
    #expect(figures.percentiles == [10, 10, 10, 10, 20])
    // The worst twentieth: 0.02 of 30 and 0.03 of 20.
    #expect(abs(figures.meanOfWorst - 24) < 1e-9)
  }
}
