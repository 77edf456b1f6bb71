package import CobreCase

/// The main figures of a simulation, the same bytes on every rank.
package struct SimulationResult: Sendable, Equatable {
  package var scenarios: Int
  /// Steps of the walk.
  ///
  /// The stages with a finite horizon.
  package var stages: Int
  package var hydros: Int
  /// Probability of each scenario if they are all that can occur, or nil for a sample.
  package var probabilities: [Double]?
  /// Discounted total cost per scenario, in $, with what the cuts say of the time behind the last step.
  package var costs: [Double]
  /// Undiscounted cost per scenario and stage, in $: `[stage * scenarios + scenario]`; 0 where a
  /// scenario leaves the stage out.
  package var stageCosts: [Double]
  /// Volume at the end of each stage in hm³: `[(stage * scenarios + scenario) * hydros + hydro]`.
  package var storages: [Double]
  /// Energy per stage and scenario, in MWh, by flow: `[flow][stage * scenarios + scenario]`.
  private var energies: [[Double]]
  /// `[flow][element]`.
  private let factors: [[Double]]
  /// By stage, the sum of the weights of the scenarios that come there.
  private var visits: [Double]

  /// - Parameters:
  ///   - scenarios: ≥ 1.
  ///   - stages: steps of the walk.
  ///   - hydros: plants.
  ///   - costs: by scenario, of what is not simulated.
  ///   - factors: of the elements of each flow, as `EnergyFlow.factors(in:)` gives them.
  init(scenarios: Int, stages: Int, hydros: Int, costs: [Double], factors: [[Double]]) {
    self.scenarios = scenarios
    self.stages = stages
    self.hydros = hydros
    self.costs = costs
    self.factors = factors
    let count = stages * scenarios
    stageCosts = .init(repeating: 0, count: count)
    storages = .init(repeating: 0, count: count * hydros)
    energies = .init(repeating: .init(repeating: 0, count: count), count: EnergyFlow.allCases.count)
    visits = .init(repeating: 0, count: stages)
  }

  /// Energy of a flow per stage and scenario, in MWh: `[stage * scenarios + scenario]`; 0 where a scenario leaves the
  /// stage out.
  package func energy(_ flow: EnergyFlow) -> [Double] { energies[flow.rawValue] }

  /// Mean, deviation and 95 % half width of the total cost, in $.
  package var statistics: BoundStatistics { BoundStatistics(costs: costs, weights: probabilities) }

  private func weight(_ scenario: Int) -> Double { probabilities?[scenario] ?? 1 }

  /// Mean of a quantity per stage and scenario, by stage, over the scenarios that come to the stage; NaN where none
  /// does.
  ///
  /// Scenarios that are all that can come count by their probability, given that they come to the stage.
  package func meanByStage(_ values: [Double]) -> [Double] {
    (0..<stages).map { stage in
      var sum = 0.0
      for scenario in 0..<scenarios { sum += weight(scenario) * values[stage * scenarios + scenario] }
      return sum / visits[stage]
    }
  }

  /// Mean volume at the end of each stage in hm³, as `meanByStage`: `[stage * hydros + hydro]`.
  package var meanStorages: [Double] {
    (0..<stages).flatMap { stage in
      (0..<hydros).map { hydro in
        var sum = 0.0
        for scenario in 0..<scenarios {
          sum += weight(scenario) * storages[(stage * scenarios + scenario) * hydros + hydro]
        }
        return sum / visits[stage]
      }
    }
  }

  /// Adds a step.
  ///
  /// - Parameters:
  ///   - step: the next one.
  ///   - discounts: factor from stage 0 to the step by scenario.
  ///   - tailFactor: factor from the step to the time after it, if it is the last one.
  mutating func take(_ step: SimulationStep, discounts: [Double], tailFactor: Double?) {
    let hours = step.hours.reduce(0, +)
    func series(_ entity: ElementKind, _ name: String) -> [SimulationStep.Series] {
      step.series.filter { $0.quantity.entity == entity && $0.quantity.name == name }
    }
    let cost = series(.system, "cost")
    let future = series(.system, "future_cost")
    let storage = series(.hydro, "storage")
    let flows = EnergyFlow.allCases.map { series($0.figure.kind, $0.figure.quantity) }
    for (position, scenario) in step.scenarioIDs.enumerated() {
      visits[step.step] += weight(scenario)
      func sum(_ list: [SimulationStep.Series]) -> Double {
        list.reduce(0) { $0 + step.value($1, scenario: position) }
      }
      let index = step.step * scenarios + scenario
      stageCosts[index] = sum(cost)
      costs[scenario] += discounts[scenario] * sum(cost)
      if let tailFactor { costs[scenario] += discounts[scenario] * tailFactor * sum(future) }
      for (hydro, series) in storage.enumerated() {
        storages[index * hydros + hydro] = step.value(series, scenario: position)
      }
      for (flow, list) in flows.enumerated() {
        var power = 0.0
        for each in list where factors[flow][each.entity] != 0 {
          power += factors[flow][each.entity] * step.value(each, scenario: position)
        }
        energies[flow][index] = hours * power
      }
    }
  }
}
