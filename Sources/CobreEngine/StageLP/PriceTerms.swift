package import CobreCase

/// How prices that follow a process enter the objective of a stage LP, and its future cost (objective states: Downward,
/// Dowson, Baucke 2020).
///
/// The price y of the stage is known when it is solved. Its future cost is concave in y, so that the LP has θ + Σ μ y
/// in place of θ: a cut made at the price y′ bounds θ + Σ μ y′ from below. A cut has the slope −y′ in the state
/// component of the price, whose column is μ, within the steepest slopes that the future can have in y.
package struct PriceTerms: Sendable, Equatable {
  /// A column whose cost is factor · price in $, besides what it costs anyway.
  package struct Term: Sendable, Equatable {
    package var column: Int
    package var process: Int
    /// MWh per unit of the column, less than 0 where it earns the price; of a slope μ the discount.
    package var factor: Double
  }

  /// State components of the prices, in the order of the processes.
  package var components = 0..<0
  /// By process.
  var steps: [PriceStep] = []
  /// $/MWh by opening and process.
  var innovations: [Double] = []
  /// Columns of contracts, then the slopes μ.
  package var terms: [Term] = []

  package var isEmpty: Bool { components.isEmpty }

  /// Price after a price and an innovation, in $/MWh.
  func price(_ process: Int, after before: Double, innovation: Double) -> Double {
    steps[process].base + steps[process].coefficient * before + innovation
  }

  /// Innovation of a process in an opening.
  func innovation(_ process: Int, opening: Int) -> Double { innovations[opening * steps.count + process] }

  /// Puts the columns of contracts into their final order; the states follow all of them.
  mutating func moveColumns(to position: [Int]) {
    for index in terms.indices where position.indices.contains(terms[index].column) {
      terms[index].column = position[terms[index].column]
    }
  }

  /// Least and largest innovation of a process in all openings.
  func range(_ process: Int) -> (least: Double, most: Double) {
    let count = steps.count
    let values = stride(from: process, to: innovations.count, by: count).map { innovations[$0] }
    return (values.min() ?? 0, values.max() ?? 0)
  }
}

extension StageLPBuilder {
  /// Gives contracts with a price process their price terms; columns are still in the order in which they were made.
  func priceTerms(
    _ study: StudyCase, stage: Int, openings: StageOpenings, layout: StageLPLayout, components: Range<Int>,
    firstState: Int, discount: Double
  ) -> PriceTerms {
    guard !components.isEmpty else { return PriceTerms() }
    var terms: [PriceTerms.Term] = []
    for (index, contract) in study.contracts.enumerated() {
      guard let process = contract.priceProcess else { continue }
      for (k, block) in study.stages[stage].blocks.enumerated() {
        guard let column = layout.contract[index * layout.blocks + k] else { continue }
        terms.append(
          .init(
            column: column, process: process, factor: contract.direction == .imports ? block.hours : -block.hours))
      }
    }
    for (process, component) in components.enumerated() {
      terms.append(.init(column: firstState + component, process: process, factor: discount))
    }
    return PriceTerms(
      components: components, steps: study.priceProcesses.indices.map { study.priceStep(stage: stage, process: $0) },
      innovations: openings.prices, terms: terms)
  }
}

extension [StageLPTemplate] {
  /// Bounds the slopes in prices, and what contracts can cost for them.
  mutating func limitPrices(_ study: StudyCase) {
    guard !study.priceProcesses.isEmpty, study.graph.kind == .finiteHorizon else { return }
    let bounds = PriceBounds(study, terms: map(\.prices))
    for stage in indices {
      self[stage].leastStageCost += bounds.leastCosts[stage]
      for (process, component) in self[stage].prices.components.enumerated() {
        let column = self[stage].firstStateColumn + component
        self[stage].model.columnLower[column] = bounds.slopes[stage][process].least
        self[stage].model.columnUpper[column] = bounds.slopes[stage][process].most
      }
    }
  }
}

/// What is known of prices before any cut is made.
package struct PriceBounds {
  /// By stage and process: least and largest derivative of the cost of what follows the stage in its price, in MWh.
  private(set) var slopes: [[(least: Double, most: Double)]]
  /// By stage: the least that all contracts with a price can cost for it, in $.
  private(set) var leastCosts: [Double]

  /// - Parameters:
  ///   - study: the case, of a finite horizon.
  ///   - terms: of each stage.
  init(_ study: StudyCase, terms: [PriceTerms]) {
    let count = study.stages.count
    let processes = study.priceProcesses.indices
    let successors = (0..<count).map { study.graph.successors(of: $0) }
    slopes = Self.slopes(study)
    leastCosts = .init(repeating: 0, count: count)
    for process in processes {
      addLeastCosts(study, process: process, terms: terms, successors: successors)
    }
  }

  /// By stage and process: least and largest derivative of the cost of what follows the stage in its price, in MWh.
  package static func slopes(_ study: StudyCase) -> [[(least: Double, most: Double)]] {
    let processes = study.priceProcesses.indices
    var slopes = [[(least: Double, most: Double)]](
      repeating: processes.map { _ in (0, 0) }, count: study.stages.count)
    for stage in study.stages.indices.reversed() {
      let next = study.graph.successors(of: stage).map(\.stage).filter { $0 > stage }
      for process in processes {
        let ranges = next.map { later -> (least: Double, most: Double) in
          let energy = study.pricedEnergy(stage: later, process: process)
          let discount = study.discountFactor(stage: later)
          let kept = study.priceStep(stage: later, process: process).coefficient
          return (
            kept * (energy.least + discount * slopes[later][process].least),
            kept * (energy.most + discount * slopes[later][process].most)
          )
        }
        slopes[stage][process] = (ranges.map(\.least).min() ?? 0, ranges.map(\.most).max() ?? 0)
      }
    }
    return slopes
  }

  /// Prices that openings can lead to, from the start and from a price of 0 after any stage: the future cost at 0 is
  /// what the lower limit of θ bounds.
  private mutating func addLeastCosts(
    _ study: StudyCase, process: Int, terms: [PriceTerms], successors: [[Successor]]
  ) {
    var before = [(least: Double, most: Double)](repeating: (0, 0), count: successors.count)
    let first = study.priceProcesses[process].initialPrice
    if !before.isEmpty { before[0] = (min(0, first), max(0, first)) }
    for stage in successors.indices {
      let step = terms[stage].steps[process]
      let noise = terms[stage].range(process)
      let prices = [
        step.base + step.coefficient * before[stage].least + noise.least,
        step.base + step.coefficient * before[stage].most + noise.most,
      ]
      let energy = study.pricedEnergy(stage: stage, process: process)
      leastCosts[stage] += prices.flatMap { [$0 * energy.least, $0 * energy.most] }.min() ?? 0
      for next in successors[stage] where next.stage > stage {
        before[next.stage] = (min(before[next.stage].least, prices[0]), max(before[next.stage].most, prices[1]))
      }
    }
  }
}
