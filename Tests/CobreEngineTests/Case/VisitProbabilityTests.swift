import Foundation
import Testing

@testable import CobreCase

/// How often trajectories come to the nodes of a policy graph, against closed forms.
@Suite struct VisitProbabilityTests {
  /// A chain of two states: from the first to the second with probability a, and back with b.
  ///
  /// The distribution after k steps is π∞ + (1 − a − b)^k (π₀ − π∞) with π∞ = (b, a) / (a + b), as textbooks have it.
  @Test(arguments: [(0.3, 0.1), (0.5, 0.5), (0.05, 0.9)]) func aChainOfTwoStatesFollowsItsClosedForm(
    leaving: Double, returning: Double
  ) {
    let steps = 12
    // Node 0 begins, then two nodes for each step: 1 + 2(k − 1) and 2 + 2(k − 1).
    var transitions: [Transition] = []
    func arc(_ source: Int, _ target: Int, _ probability: Double) {
      transitions.append(
        Transition(source: source, target: target, probability: probability, annualDiscountRate: 0.1))
    }
    arc(0, 1, 1 - leaving)
    arc(0, 2, leaving)
    for step in 1..<steps {
      let (first, second) = (2 * step - 1, 2 * step)
      arc(first, first + 2, 1 - leaving)
      arc(first, second + 2, leaving)
      arc(second, first + 2, returning)
      arc(second, second + 2, 1 - returning)
    }
    let graph = PolicyGraph(kind: .finiteHorizon, annualDiscountRate: 0.1, transitions: transitions)
    let probabilities = graph.visitProbabilities(stages: 2 * steps + 1)
    let limit = returning / (leaving + returning)
    for step in 1...steps {
      let expected: Double = limit + pow(1 - leaving - returning, Double(step)) * (1 - limit)
      let (first, second): (Double, Double) = (probabilities[2 * step - 1], probabilities[2 * step])
      #expect(abs(first - expected) < 1e-12)
      #expect(abs(first + second - 1) < 1e-12)
    }
    #expect(probabilities[0] == 1)
  }

  /// A year that comes again and again, whatever its discount: a trajectory walks through each month once.
  @Test func aCycleIsWalkedThroughOnce() {
    let transitions = (0..<12).map {
      Transition(source: $0, target: ($0 + 1) % 12, probability: 1, annualDiscountRate: 0.2)
    }
    let graph = PolicyGraph(kind: .cyclic, annualDiscountRate: 0.2, transitions: transitions)
    #expect(graph.visitProbabilities(stages: 12) == [Double](repeating: 1, count: 12))
  }

  @Test func arcsThatLeadNowhereCountNot() {
    let graph = PolicyGraph(
      kind: .finiteHorizon, annualDiscountRate: 0,
      transitions: [
        Transition(source: 0, target: 1, probability: 1, annualDiscountRate: 0),
        Transition(source: 0, target: 9, probability: 1, annualDiscountRate: 0),
        Transition(source: 7, target: 1, probability: 1, annualDiscountRate: 0),
      ])
    #expect(graph.visitProbabilities(stages: 2) == [1, 1])
    #expect(graph.visitProbabilities(stages: 0) == [])
  }
}
