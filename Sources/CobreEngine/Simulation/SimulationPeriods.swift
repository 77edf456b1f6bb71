package import CobreCase

/// Puts together the steps of a simulation that lie side by side in time, since each scenario comes to one of them.
///
/// Of a branching graph all steps of a period are kept until its last one has come, which is soon where the stages of a
/// period follow each other in the case.
package struct SimulationPeriods: Sendable {
  /// Last step of each period, by its first.
  private var last: [Int: Int] = [:]
  private var open: [Int: [SimulationStep]] = [:]

  /// Nil where steps are their own periods: in a chain or a cycle.
  package init?(study: StudyCase) {
    let walk = StageWalk(study: study)
    guard walk.isBranching else { return nil }
    for (step, period) in walk.periods.enumerated() { last[period] = step }
  }

  /// Takes a step up, in the order of steps; those that no scenario comes to are left out.
  ///
  /// - Returns: the periods that are complete by now, the steps of each in their order.
  package mutating func take(_ step: SimulationStep) -> [[SimulationStep]] {
    open[step.period ?? step.step, default: []].append(step)
    return close { [last] in last[$0] ?? $0 <= step.step }
  }

  /// The periods that are left at the end.
  package mutating func finish() -> [[SimulationStep]] { close { _ in true } }

  private mutating func close(_ isComplete: (Int) -> Bool) -> [[SimulationStep]] {
    let complete = open.keys.filter(isComplete).sorted()
    return complete.compactMap { open.removeValue(forKey: $0) }
  }
}

/// One quantity of one element over all scenarios that come to a period.
package struct PeriodSeries: Sendable, Equatable {
  package var quantity: SimulationQuantity
  /// Index of the entity in the case.
  package var entity: Int
  package var statistics: SampleStatistics

  private struct Key: Hashable {
    var quantity: SimulationQuantity
    var entity: Int
  }

  /// Every series of the steps of a period, with the scenarios of all of them together.
  ///
  /// - Parameter steps: of one period.
  /// - Returns: in the order of their first appearance.
  package static func all(_ steps: [SimulationStep]) -> [PeriodSeries] {
    let places = steps.indices.flatMap { step in steps[step].scenarioIDs.indices.map { (step: step, position: $0) } }
      .sorted { steps[$0.step].scenarioIDs[$0.position] < steps[$1.step].scenarioIDs[$1.position] }
    var keys: [Key] = []
    var series = [[Key: SimulationStep.Series]](repeating: [:], count: steps.count)
    for (index, step) in steps.enumerated() {
      for own in step.series {
        let key = Key(quantity: own.quantity, entity: own.entity)
        if series.allSatisfy({ $0[key] == nil }) { keys.append(key) }
        series[index][key] = own
      }
    }
    let isExact = steps.contains { $0.weights != nil }
    return keys.map { key in
      var values: [Double] = []
      var weights: [Double] = []
      for place in places {
        guard let own = series[place.step][key] else { continue }
        let step = steps[place.step]
        values.append(step.value(own, scenario: place.position))
        if isExact { weights.append((step.weights?[place.position] ?? 0) * step.visits) }
      }
      let sum = weights.reduce(0, +)
      return PeriodSeries(
        quantity: key.quantity, entity: key.entity,
        statistics: SampleStatistics(values, weights: isExact ? weights.map { $0 / sum } : nil))
    }
  }
}
