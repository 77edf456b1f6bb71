internal import Foundation

/// What follows after a stage.
package struct Transition: Sendable, Equatable {
  /// Stage index the transition leaves.
  package var source: Int
  /// Stage index it leads to.
  package var target: Int
  package var probability: Double
  /// Discount rate per year in use: the override, else the global rate.
  package var annualDiscountRate: Double

  package init(source: Int, target: Int, probability: Double, annualDiscountRate: Double) {
    self.source = source
    self.target = target
    self.probability = probability
    self.annualDiscountRate = annualDiscountRate
  }
}

/// A stage that may follow another one.
package struct Successor: Sendable, Equatable {
  package var stage: Int
  package var probability: Double
}

/// The stages' order in time and how the future is discounted.
package struct PolicyGraph: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case finiteHorizon = "finite_horizon"
    case cyclic
  }

  package var kind: Kind
  /// Global discount rate, per year.
  package var annualDiscountRate: Double
  /// All transitions, sorted by source, then target.
  ///
  /// The chain in id order if the case gives none.
  package var transitions: [Transition]
  /// Rates of their own of stages that no transition leaves, per year, by stage.
  ///
  /// What comes after them is a terminal value or a delivery after the study.
  package var lastRates: [Int: Double] = [:]

  /// Whether the transitions are the chain 0 → 1 → … → T−1, each with probability 1.
  package func isChain(stages: Int) -> Bool {
    guard transitions.count == max(0, stages - 1) else { return false }
    return transitions.indices.allSatisfy {
      transitions[$0].source == $0 && transitions[$0].target == $0 + 1 && transitions[$0].probability == 1
    }
  }

  /// Whether trajectories of a finite horizon draw paths of their own.
  package func isBranching(stages: Int) -> Bool { kind == .finiteHorizon && !isChain(stages: stages) }

  /// How probable it is that a trajectory comes to each stage; 1 where there is no branching, and in a cycle, which
  /// trajectories walk through once.
  package func visitProbabilities(stages count: Int) -> [Double] {
    guard kind == .finiteHorizon, count > 0 else { return [Double](repeating: 1, count: count) }
    var probabilities = [Double](repeating: 0, count: count)
    probabilities[0] = 1
    for transition in transitions
    where probabilities.indices.contains(transition.source) && probabilities.indices.contains(transition.target) {
      probabilities[transition.target] += probabilities[transition.source] * transition.probability
    }
    return probabilities
  }

  /// Stages that may follow a stage, ascending.
  ///
  /// Several arcs to the same stage count as one, and arcs with probability 0 are left out.
  package func successors(of stage: Int) -> [Successor] {
    var successors: [Successor] = []
    for arc in transitions where arc.source == stage && arc.probability > 0 {
      if successors.last?.stage == arc.target {
        successors[successors.count - 1].probability += arc.probability
      } else {
        successors.append(Successor(stage: arc.target, probability: arc.probability))
      }
    }
    return successors
  }

  /// Stages whose transitions differ in their discount rate, ascending.
  package var stagesOfSeveralRates: [Int] {
    Dictionary(grouping: transitions, by: \.source).filter { Set($1.map(\.annualDiscountRate)).count > 1 }.keys.sorted()
  }

  /// Target of the back-arc from the last stage, or nil with a finite horizon.
  package func cycleStart(stages: Int) -> Int? {
    guard kind == .cyclic else { return nil }
    return transitions.first { $0.source == stages - 1 && $0.target < stages }?.target
  }

  /// Whether the transitions are the chain of stages and one arc from the last stage back, all with probability 1.
  package func isCycle(stages: Int) -> Bool {
    guard kind == .cyclic, transitions.count == stages else { return false }
    return transitions.allSatisfy {
      $0.probability == 1 && ($0.source == stages - 1 ? $0.target <= $0.source : $0.target == $0.source + 1)
    }
  }

  /// Factor (1 + rate)^(−days / 365.25) of a period of `days` days.
  package static func discountFactor(annualRate: Double, days: Int) -> Double {
    discountFactor(annualRate: annualRate, days: Double(days))
  }

  /// The same for a period that may end within a day.
  package static func discountFactor(annualRate: Double, days: Double) -> Double {
    annualRate == 0 ? 1 : pow(1 + annualRate, -days / 365.25)
  }
}
