import CobreBase
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Estimates against numbers worked out by hand.
@Suite struct RunEstimateTests {
  private func estimate(_ adjust: (inout RunEstimate.Plan, inout RunEstimate.Sample) -> Void = { _, _ in })
    -> RunEstimate
  {
    var plan = RunEstimate.Plan(
      iterations: 10, forwardPasses: 4, computers: 2, processes: 2, pools: 5, cutsPerState: 1, stateDimension: 3)
    var sample = RunEstimate.Sample(
      iterations: 8, seconds: 9, pace: IterationPace(level: 1, growth: 0.1), bytes: 10_000_000, solves: 99)
    adjust(&plan, &sample)
    return RunEstimate(plan: plan, sample: sample)
  }

  @Test func timeGrowsWithPassesAndCuts() {
    // Two rounds of 1 s each; every iteration adds 4 cuts, each worth 0.1 s to each round: 0.8 s per iteration.
    let found = estimate()
    #expect(found.firstIterations == RunEstimate.Span(1, 4))
    #expect(abs(found.growth.high - 1.6) < 1e-12)
    #expect(found.growth.low == 0)
    // Without growth 10 · 2 = 20 s; with it 10 · (2 + 0.8 · 5.5) = 64 s; and 10 records of at most 50 ms. They are made
    // while the next iteration is computed, so the low end, half of 20 s, has none.
    #expect(found.training.low == 10)
    #expect(abs(found.training.high - 128.5) < 1e-9)
    #expect(found.training.holds(64) && !found.training.holds(5))
    // Growth that the sample could not show may double the time.
    let flat = estimate { _, sample in sample.pace.growth = 0 }
    #expect(flat.training.low == 10)
    #expect(abs(flat.training.high - 80.5) < 1e-9)
  }

  /// Of four passes two walk together at first: four threads take as long as two until all walk together.
  @Test func sweepsFollowEachOther() {
    let found = estimate { plan, _ in
      plan.computers = 4
      plan.passesTogether = 2
    }
    #expect(found.firstIterations == RunEstimate.Span(1, 4))
    #expect(found.training.low == 5)
    #expect(abs(found.training.high - 128.5) < 1e-9)
    #expect(estimate { plan, _ in plan.passesTogether = 2 }.training == estimate().training)
  }

  @Test func moreThreadsThanPassesDoNotHelp() {
    for (computers, low) in [(4, 5.0), (64, 5.0), (3, 10.0)] {
      #expect(abs(estimate { plan, _ in plan.computers = computers }.training.low - low) < 1e-9)
    }
  }

  /// Where an iteration takes less time than writing it down, the disk sets the pace: between half and four times of
  /// what was seen.
  @Test func writingDownIsMeasured() {
    let found = estimate { _, sample in
      sample.pace = IterationPace(level: 0.001, growth: 0)
      sample.recordSeconds = 0.01
    }
    #expect(abs(found.training.low - 0.05) < 1e-12)
    // 10 · 2 · 1 ms, doubled for growth and for other programs, and 10 · 40 ms.
    #expect(abs(found.training.high - 0.48) < 1e-12)
  }

  /// Half of the wall time of the sample went to others: alone it may be 2.5 times as fast, among more of them 3 times
  /// as slow.
  @Test func othersOnTheMachineWidenTheRange() {
    let shared = estimate { _, sample in sample.contention = 2 }
    #expect(abs(shared.firstIterations.low - 0.8) < 1e-12 && abs(shared.firstIterations.high - 6) < 1e-12)
  }

  @Test func cutsTakeMemoryAndDisk() {
    // 10 · 4 · 5 = 200 cuts of 4 doubles.
    let found = estimate()
    #expect(found.memory == RunEstimate.Span(15_006_400, 60_019_200))
    // 0.6 · 2 · 200 · (32 + 60) bytes.
    #expect(abs(found.disk.low - 22_080) < 1e-6)
    let multi = estimate { plan, _ in plan.cutsPerState = 10 }
    #expect(abs(multi.disk.low - 220_800) < 1e-6)
  }

  @Test func aCaseIsSampledAndComparedWithItsRun() throws {
    let home = try TemporaryDirectory()
    let run = try AskedRun(template: .singleHydro, in: home, iterations: 2, scenarios: 2)
    let request = RunRequest(
      caseDirectory: run.evidence.manifest.request.caseDirectory, workers: 1, iterations: 50, forwardPasses: 3)
    let found = try RunEstimate(request, seconds: 0.5)
    let study = try run.evidence.requiredStudy()
    #expect(found.plan.pools == study.stages.count - 1)
    #expect(found.plan.iterations == 50)
    #expect(found.plan.computers == 1)
    #expect(found.sample.iterations >= 1)
    #expect(found.sample.recordSeconds.map { (1e-6..<1).contains($0) } == true)
    #expect(found.training.low > 0)
    #expect(found.training.low < found.training.high)
    let json = try found.json(comparedWith: run.evidence)
    let seconds: Double? = json["came"]?["training_seconds"]?.number
    #expect(seconds != nil)
    #expect(json["summary"]?.array?.count == 3)
    #expect(throws: InvalidCaseError.self) { try RunEstimate(RunRequest(caseDirectory: home.path)) }
  }
}
