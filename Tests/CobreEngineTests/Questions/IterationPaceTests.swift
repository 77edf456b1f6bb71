import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// The forecast of a run's time against runs whose seconds per iteration are known.
@Suite struct IterationPaceTests {
  /// Marks after some iterations of a run, as the database gives them, and the true time of the rest.
  private func trial(_ total: Int, after done: Int, _ seconds: (Int) -> Double) -> (
    marks: [IterationPace.Mark], rest: Double
  ) {
    var elapsed = [0.0]
    for iteration in 1...total { elapsed.append(elapsed[iteration - 1] + seconds(iteration)) }
    let count = min(IterationPace.markCount, done)
    let marks = (0..<count).map { index in
      let iteration = 1 + index * (done - 1) / max(1, count - 1)
      return IterationPace.Mark(iteration: iteration, elapsedSeconds: elapsed[iteration])
    }
    return (marks, elapsed[total] - elapsed[done])
  }

  @Test(arguments: [(0.1, 0.002), (1, 0.01), (0.5, 0)]) func aLineIsFoundExactly(level: Double, growth: Double) throws {
    for (total, done) in [(300, 30), (2000, 200), (100, 50)] {
      let (marks, rest) = trial(total, after: done) { level + growth * Double($0) }
      let pace = try #require(IterationPace(marks))
      #expect(abs(pace.growth - growth) < 1e-9)
      #expect(abs(pace.seconds(after: done, through: total) / rest - 1) < 1e-6)
    }
  }

  /// A run that gets three times as slow, on a machine that makes every iteration up to a tenth longer and a few of
  /// them fifty times as long, is within 30 % after a tenth; the mean of the last iterations is not.
  @Test(arguments: 1...20) func growthIsCountedAmongNoise(seed: UInt64) throws {
    var state = seed
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }
    let (marks, rest) = trial(400, after: 40) { iteration in
      let pace = 0.2 * (1 + 2 * Double(iteration) / 400)
      return (iteration == 9 || iteration == 31 ? 50 : 1) * pace * (1 + 0.1 * noise())
    }
    let pace = try #require(IterationPace(marks))
    #expect(abs(pace.seconds(after: 40, through: 400) / rest - 1) < 0.3)
    let lately = (marks[39].elapsedSeconds - marks[32].elapsedSeconds) / 7 * 360
    #expect(lately < 0.7 * rest)
  }

  /// Cuts that fill the LPs quickly at first and slowly later: a line through the first tenth would promise twice the
  /// time.
  @Test(arguments: [0.25, 0.4]) func aPowerIsFollowedWhereItFitsBetter(exponent: Double) throws {
    var within = 0
    for seed in 1...20 {
      var state = UInt64(seed)
      let (marks, rest) = trial(400, after: 40) { iteration in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return 0.2 * pow(Double(iteration), exponent) * (1 + 0.3 * Double(state >> 11) / 9_007_199_254_740_992)
      }
      let pace = try #require(IterationPace(marks))
      if abs(pace.seconds(after: 40, through: 400) / rest - 1) < 0.3 { within += 1 }
    }
    #expect(within >= 18)
  }

  /// Processor seconds of the reference case of four subsystems at the ends of its iterations, 400 of two trajectories:
  /// nothing can be seen in the first tenth, and later iterations take three times as long.
  @Test func growthThatNoiseHidesIsExpectedAllTheSame() throws {
    let paces = [1.9, 2.4, 2.8, 3.0, 3.4, 3.5, 3.8, 3.9, 5.3, 6.0]
    let (marks, rest) = trial(400, after: 40) { iteration in
      let pace = 0.001 * paces[(iteration - 1) / 40]
      return pace * (iteration.isMultiple(of: 2) ? 1.1 : 0.9)
    }
    let pace = try #require(IterationPace(marks))
    #expect(pace.curve?.exponent == 0.2)
    #expect(abs(pace.seconds(after: 40, through: 400) / rest - 1) < 0.3)
  }

  @Test func aPaceThatFallsIsNotDrawnOut() throws {
    let (marks, rest) = trial(400, after: 40) { $0 < 20 ? 2 : 0.5 }
    let pace = try #require(IterationPace(marks))
    #expect(pace.growth == 0)
    #expect(abs(pace.seconds(after: 40, through: 400) / rest - 1) < 1e-9)
  }

  @Test func littleIsKnownAtFirst() throws {
    #expect(IterationPace([]) == nil)
    let one = try #require(IterationPace([.init(iteration: 1, elapsedSeconds: 3)]))
    #expect(one == IterationPace(level: 3, growth: 0))
    // The set-up in the first iteration does not count any more.
    let two = try #require(
      IterationPace([.init(iteration: 1, elapsedSeconds: 3), .init(iteration: 2, elapsedSeconds: 4)]))
    #expect(two.seconds(after: 2, through: 12) == 10)
    #expect(two.seconds(after: 12, through: 2) == 0)
    #expect(IterationPace([.init(iteration: 1, elapsedSeconds: .nan)]) == nil)
  }

  @Test func theStoreGivesTheMarks() throws {
    let directory = try TemporaryDirectory()
    let store = try RunStore.open(directory.path + "/run.sqlite")
    var elapsed = 5.0
    for iteration in 1...120 {
      if iteration > 1 { elapsed += 0.25 + 0.125 * Double(iteration) }
      try store.recordIteration(
        IterationReport(
          iteration: iteration, lowerBound: 1, upperBound: 2, upperBoundHalfWidth: 1, gap: 0.5, elapsedSeconds: elapsed,
          forwardSeconds: 0.5, backwardSeconds: 1, communicationSeconds: 0.25,
          ranks: [RankWork(solves: 30, retries: 1)],
          cutsPerStage: [1]),
        cuts: [CutBatch(stage: 2, firstPosition: iteration - 1, intercepts: [1], slopes: [2])], stateDimension: 1,
        checkpoint: nil, at: 1000 + elapsed)
    }
    let pace = try #require(try store.record().pace)
    #expect(abs(pace.growth - 0.125) < 1e-12 && abs(pace.level - 0.25) < 1e-9)
    let totals = try store.totals()
    #expect(totals.iterations == 120 && totals.solves == 3600 && totals.forwardSeconds == 60)
    #expect(totals.backwardSeconds == 120 && totals.communicationSeconds == 30)
    #expect(abs(totals.otherSeconds - (elapsed - 180)) < 1e-9)
    #expect(totals.startSeconds == nil && totals.simulationSeconds == nil)
    #expect(try store.cutCounts() == [120])
  }
}
