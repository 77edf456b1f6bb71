/// What a case has beyond a chain of stages with reservoirs, thermal plants and a free network; nil where it has none.
package struct CaseFeatures: Sendable, Codable, Equatable {
  /// Stages side by side in time, of which a scenario visits one.
  package struct Markov: Sendable, Codable, Equatable {
    /// Periods that the stages share out.
    package var dates: Int
    /// Fewest and most stages of a period.
    package var statesPerDate: [Int]
    package var transitions: Int
    /// Ids of stages that no path leads to.
    package var unreachable: [Int]
  }

  /// Lines whose flow is not free within its capacity.
  package struct Network: Sendable, Codable, Equatable {
    /// Lines whose flow follows the angles at its ends (DC flow).
    package var reactances: Int
    package var angleLimits: Int
    /// Lines that lose by the square of the flow.
    package var resistances: Int
  }

  /// Batteries in service at stage 0.
  package struct Storage: Sendable, Codable, Equatable {
    /// MW from and to the buses, and MWh at most.
    package var charge: Double
    package var discharge: Double
    package var energy: Double
    /// MWh at the start, of all batteries.
    package var initial: Double
    /// Batteries with contents due at the end.
    package var targets: Int
  }

  /// Prices that follow processes, which are states of the objective.
  package struct Prices: Sendable, Codable, Equatable {
    /// Contracts that pay or earn them.
    package var contracts: Int
    /// $/MWh before the first stage, of the first processes.
    package var initial: [Double]
    /// Least and largest share of the price before that is kept.
    package var coefficients: [Double]
  }

  /// Stages that follow each other with the same risk measure.
  package struct Risk: Sendable, Codable, Equatable {
    /// First and last.
    package var stages: [Int]
    package var measure: String
  }

  package var markov: Markov?
  package var network: Network?
  /// Plants by operating rule.
  package var operatingRules: [String: Int]?
  package var storage: Storage?
  package var prices: Prices?
  /// In the order of the stages; nil where all have expectations.
  package var riskByStage: [Risk]?

  /// Prices, ranges of stages and the like that are listed at most.
  private static let most = 12

  package init(_ study: StudyCase) {
    markov = Self.markov(study)
    let angled = study.lines.count { $0.followsAngles }
    let limited = study.lines.count { $0.followsAngles && $0.maxAngle != nil }
    let losing = study.lines.count { $0.resistance != nil }
    if angled + losing > 0 { network = Network(reactances: angled, angleLimits: limited, resistances: losing) }
    operatingRules = Self.rules(study)
    storage = Self.storage(study)
    if !study.priceProcesses.isEmpty {
      let coefficients = study.stages.indices.flatMap { stage in
        study.priceProcesses.indices.map { study.priceStep(stage: stage, process: $0).coefficient }
      }
      prices = Prices(
        contracts: study.contracts.count { $0.priceProcess != nil },
        initial: study.priceProcesses.prefix(Self.most).map(\.initialPrice),
        coefficients: [coefficients.min() ?? 0, coefficients.max() ?? 0])
    }
    riskByStage = Self.risk(study)
  }

  static func markov(_ study: StudyCase) -> Markov? {
    guard study.graph.kind == .finiteHorizon, !study.graph.isChain(stages: study.stages.count) else { return nil }
    let sizes = Dictionary(grouping: study.stages) { [$0.start, $0.end] }.values.map(\.count)
    let visits = study.graph.visitProbabilities(stages: study.stages.count)
    return Markov(
      dates: sizes.count, statesPerDate: [sizes.min() ?? 0, sizes.max() ?? 0],
      transitions: study.stages.indices.reduce(0) { $0 + study.graph.successors(of: $1).count },
      unreachable: study.stages.indices.filter { visits[$0] <= 0 }.prefix(most).map { study.stages[$0].id })
  }

  private static func rules(_ study: StudyCase) -> [String: Int]? {
    var counts: [String: Int] = [:]
    for (index, hydro) in study.hydros.enumerated() {
      guard let rules = hydro.rules else { continue }
      let limits = study.stages.indices.map { study.limits(stage: $0, hydro: index) }
      let found = [
        ("min_outflow_curve", !rules.leastOutflow.isEmpty), ("max_spillage_curve", !rules.mostSpillage.isEmpty),
        ("alert_storage", limits.contains { $0.alertStorage != nil }),
        ("flood_control_storage", limits.contains { $0.floodStorage != nil }),
        ("outflow_ramp", limits.contains { $0.maxOutflowRise != nil || $0.maxOutflowFall != nil }),
        ("water_uses", !rules.uses.isEmpty),
      ]
      for (name, isThere) in found where isThere { counts[name, default: 0] += 1 }
    }
    return counts.isEmpty ? nil : counts
  }

  private static func storage(_ study: StudyCase) -> Storage? {
    guard !study.batteries.isEmpty else { return nil }
    var sum = Storage(charge: 0, discharge: 0, energy: 0, initial: 0, targets: 0)
    for (index, battery) in study.batteries.enumerated() {
      sum.initial += battery.initialEnergy
      sum.targets += battery.target == nil ? 0 : 1
      guard !study.stages.isEmpty, study.exists(stage: 0, battery: index) else { continue }
      let limits = study.limits(stage: 0, battery: index)
      sum.charge += limits.maxCharge
      sum.discharge += limits.maxDischarge
      sum.energy += limits.maxEnergy
    }
    return sum
  }

  static func risk(_ study: StudyCase) -> [Risk]? {
    guard study.stages.contains(where: { !$0.riskMeasure.isNeutral }) else { return nil }
    var found: [Risk] = []
    var last: RiskMeasure?
    for (index, stage) in study.stages.enumerated() {
      if let last, last == stage.riskMeasure {
        found[found.count - 1].stages[1] = index
      } else {
        guard found.count < most else { break }
        found.append(Risk(stages: [index, index], measure: stage.riskMeasure.summary))
      }
      last = stage.riskMeasure
    }
    return found
  }
}
