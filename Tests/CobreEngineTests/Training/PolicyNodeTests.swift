import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine

/// Periods with several policy nodes, each a stage of the case, and iterations that walk every path.
@Suite struct PolicyNodeTests {
  /// The base system of Novomodelo with two nodes in February: inflow 5 with probability 1/4, 35 with 3/4.
  static func tree(rate: Double = 0, risk: RiskMeasure = .expectation) throws -> StudyCase {
    var system = NovomodeloCase()
    system.stages = 3
    return try system.study { study in
      let february = study.stages[1]
      study.stages[2] = february
      study.stages[2].id = 2
      study.nodePositions = [0, 1, 1]
      study.nodeIDs = [0, 1, 2]
      study.graph.annualDiscountRate = rate
      study.graph.transitions = [
        Transition(source: 0, target: 1, probability: 0.25, annualDiscountRate: rate),
        Transition(source: 0, target: 2, probability: 0.75, annualDiscountRate: rate),
      ]
      study.inflowStatistics[1].mean = 5
      study.inflowStatistics[2].mean = 35
      study.stages[0].riskMeasure = risk
      study.configuration.training.enumeratesPaths = true
      study.configuration.training.stoppingRules = [
        .iterationLimit(30), .exactGap(absolute: nil, relative: 1e-9),
      ]
      study.configuration.simulation.enumeratesPaths = true
    }
  }

  @Test("N34: two leaves; the exact gap closes and stops")
  func expectation() throws {
    for (rate, optimum) in [(0, 4_939_875), (0.1, 4_915_810.744965)] {
      let run = try TrainingRun(Self.tree(rate: rate))
      #expect(abs(run.lowerBound - optimum) <= 1e-9 * optimum, "\(run.lowerBound)")
      let report = run.result.lastReport
      let upper = try #require(report.deterministicUpperBound)
      #expect(abs(upper - optimum) <= 1e-9 * optimum, "\(upper)")
      #expect(report.upperBound == upper && report.upperBoundHalfWidth == 0)
      #expect(run.result.stopReason == .targetGap && report.iteration < 30)
      // Below the optimum at first, above it never.
      #expect(run.reports.allSatisfy { $0.lowerBound <= ($0.deterministicUpperBound ?? 0) * (1 + 1e-12) })
    }
  }

  @Test("N34: the measure of the parent weighs its children")
  func risk() throws {
    let run = try TrainingRun(Self.tree(risk: .cvar(alpha: 0.5, lambda: 1)))
    #expect(abs(run.lowerBound - 6_925_290) <= 1e-9 * 6_925_290, "\(run.lowerBound)")
    #expect(run.result.lastReport.deterministicUpperBound == nil)
  }

  @Test("a simulation of all paths weighs them by their probabilities")
  func simulation() throws {
    let study = try Self.tree()
    let run = try TrainingRun(study)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: TrainingOptions(study: study), communicator: LocalCommunicator())
    let result = try simulator.run(scenarios: 2)
    #expect(result.probabilities == [0.25, 0.75])
    #expect(abs(result.statistics.mean - 4_939_875) <= 1e-9 * 4_939_875, "\(result.statistics.mean)")
    #expect(result.statistics.halfWidth == 0)
    #expect(result.costs[0] > result.costs[1])
  }

  @Test("paths of a graph with a join, in the order of successors")
  func paths() throws {
    var study = try Self.tree()
    study.graph.transitions = [
      Transition(source: 0, target: 1, probability: 0.25, annualDiscountRate: 0),
      Transition(source: 0, target: 2, probability: 0.75, annualDiscountRate: 0),
      Transition(source: 1, target: 2, probability: 1, annualDiscountRate: 0),
    ]
    #expect(
      StageWalk(study: study).paths == [
        .init(stages: [0, 1, 2], probability: 0.25), .init(stages: [0, 2], probability: 0.75),
      ])
  }
}
