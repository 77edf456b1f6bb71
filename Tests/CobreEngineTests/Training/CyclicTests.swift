internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Infinite horizons against published values and against value iteration.
@Suite struct CyclicTests {
  @Test(arguments: zip([KnownProblem.endless, .seasons], [SolverLibrary.preferred, .clp]))
  func reachesThePublishedValue(problem: KnownProblem, library: SolverLibrary) throws {
    let study = try problem.text.study()
    let options = TrainingOptions.adjusted(study) { $0.solver = library }
    let run = try TrainingRun(study, iterations: 30, options: options) {
      $0.lowerBound > problem.optimum - 0.5 * problem.tolerance
    }
    #expect(abs(run.lowerBound - problem.optimum) <= problem.tolerance)
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= problem.optimum + problem.tolerance })
  }

  @Test func walksUntilTheRestIsNegligible() throws {
    let walk = StageWalk(study: try KnownProblem.endless.text.study())
    // 0.9^131 < 1e-6 ≤ 0.9^130.
    #expect(walk.stages.count == 132 || walk.stages.count == 131)
    #expect(walk.stages.prefix(5) == [0, 1, 0, 1, 0])
    #expect(walk.poolAfter == [0, 1])
    let seasons = StageWalk(study: try KnownProblem.seasons.text.study())
    #expect(seasons.stages.count == StageWalk.longest)
    #expect(seasons.cycleStart == 0)
  }

  /// A first stage that is left for good, then a cycle of two: both stages that lead into the cycle share a pool.
  @Test func stagesThatLeadToTheSameOneShareAPool() throws {
    let problem = KnownProblem.lateCycle
    let study = try problem.text.study()
    let walk = StageWalk(study: study)
    #expect(walk.poolAfter == [0, 1, 0] && walk.poolCount == 2)
    #expect(walk.stages.prefix(6) == [0, 1, 2, 1, 2, 1])
    let value = KnownProblem.valueByIteration(of: .lateCycle)
    let run = try TrainingRun(study, iterations: 40) { $0.lowerBound > value - 1e-5 }
    #expect(abs(run.lowerBound - value) <= 1e-4)
  }

  /// The value iteration is held against the published values before it is used as a yardstick.
  @Test func valueIterationGivesThePublishedValues() {
    #expect(abs(KnownProblem.valueByIteration(of: .endless) - 119.16666666666667) < 1e-6)
    #expect(abs(KnownProblem.valueByIteration(of: .seasons) - 236.4366716) < 1e-5)
  }

  @Test func simulationFollowsTheSameWalk() throws {
    let study = try KnownProblem.endless.text.study()
    let options = TrainingOptions(study: study)
    let run = try TrainingRun(study, iterations: 15)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: options, communicator: LocalCommunicator())
    let result = try simulator.run(scenarios: 30)
    #expect(result.stages == StageWalk(study: study).stages.count)
    #expect(abs(result.statistics.mean - run.lowerBound) <= 2 * result.statistics.halfWidth)
  }
}
