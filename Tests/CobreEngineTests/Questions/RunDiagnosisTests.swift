import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// What is advised, against records for which the answer can be worked out by hand.
@Suite struct RunDiagnosisTests {
  private func diagnosis(_ adjust: (inout RunDiagnosis) -> Void) -> RunDiagnosis {
    var totals = TrainingTotals()
    totals.iterations = 100
    totals.elapsedSeconds = 100
    totals.forwardSeconds = 30
    totals.backwardSeconds = 60
    totals.solves = 1_000_000
    var diagnosis = RunDiagnosis(
      totals: totals, firstPace: 1, lastPace: 1, pace: nil, lastGain: 0.02, settled: nil, cuts: [100, 100], ranks: [],
      coefficients: nil, hasCutSelection: false, hasUpperBound: false, forwardPasses: 8, cores: 1, run: .sample)
    adjust(&diagnosis)
    return diagnosis
  }

  @Test func idleCoresAreOffered() {
    // 90 of 100 s are shared: 8 passes on 4 cores take 2 rounds in place of 8, so 90 · 6/8 = 67.5 s are saved.
    let advice = diagnosis { $0.cores = 4 }.advice.first
    #expect(advice?.option == "num_workers" && advice?.value == "4")
    #expect(abs((advice?.gain ?? 0) - 0.675) < 1e-12)
    #expect(diagnosis { $0.cores = 1 }.advice.isEmpty)
  }

  @Test func passesThatDoNotDivideAreToldOf() {
    // 9 passes on 4 threads take 3 rounds, as 12 would: a quarter of the shared 90 s is idle.
    let advice = diagnosis {
      $0.cores = 4
      $0.run.workers = 4
      $0.forwardPasses = 9
    }.advice.first
    #expect(advice?.option == "forward_passes" && advice?.value == "12")
    #expect(abs((advice?.gain ?? 0) - 0.225) < 1e-12)
  }

  @Test func growthSpeaksForCutSelection() {
    // At 0.5 s an iteration the 100 iterations would have taken 50 s.
    let grown = diagnosis { ($0.firstPace, $0.lastPace) = (0.5, 1.5) }
    #expect(grown.advice.first?.option == "training.cut_selection")
    #expect(grown.advice.first?.gain == 0.5)
    #expect(grown.findings[1].contains("3 times as long"))
    #expect(
      diagnosis {
        ($0.firstPace, $0.lastPace) = (0.5, 1.5)
        $0.hasCutSelection = true
      }.advice.isEmpty)
  }

  @Test func iterationsAfterTheBoundHasSettledAreSpared() {
    let advice = diagnosis { $0.settled = (40, 30) }.advice.first
    #expect(advice?.option == "iterations" && advice?.value == "40" && advice?.gain == 0.7)
  }

  @Test func waitingOfTooManyThreadsIsNamed() {
    let advice = diagnosis {
      $0.cores = 2
      $0.run.workers = 4
      $0.totals.waitSeconds = 40
    }.advice.first
    #expect(advice?.option == "num_workers" && advice?.value == "2" && advice?.gain == 0.4)
  }

  @Test func retriesAndWideNumbersAreToldOf() {
    let found = diagnosis {
      $0.totals.retries = 5000
      $0.coefficients = 1e-6...1e6
    }
    #expect(found.advice.first?.gain == nil && found.advice.first?.reason.contains("5000 of 1000000") == true)
    #expect(found.findings.last?.contains("1e-06 to 1000000") == true)
  }

  @Test func theBusiestRankIsFound() {
    let found = diagnosis {
      $0.ranks = [30, 10].enumerated().map { index, solves in
        RankRow(rank: index, pid: 1, host: "a", state: "finished", solves: solves)
      }
    }
    #expect(found.imbalance == 1.5)
    #expect(found.findings.contains { $0.contains("50 % more LPs than the mean") })
    #expect(found.secondsPerSolve == 90.0 / 1_000_000)
  }

  @Test func convergenceIsSaidWithNumbers() {
    let moving = diagnosis { _ in }.convergence
    #expect(moving.contains("rose by 2 %: it is still moving"))
    #expect(moving.contains("5.0 % above the lower bound"))
    #expect(diagnosis { $0.lastGain = 0.0001 }.convergence.contains("0.01 %, so that more iterations"))
    #expect(
      diagnosis {
        $0.run.lowerBound = nil
      }.convergence.contains("no lower bound yet"))
  }

  @Test("a sampled cost below the bound is said to lie below it")
  func sides() {
    func words(_ upper: Double) -> String {
      var run = RunSnapshot.sample
      run.upperBound = upper
      return RunVerdict.gap(run)
    }
    #expect(words(100) == "The sampled cost lies 5.0 % above the lower bound, with an interval of ± 2.0 % (95 %).")
    #expect(words(80) == "The sampled cost lies 18.8 % below the lower bound, with an interval of ± 2.5 % (95 %).")
    #expect(words(94.99).hasPrefix("The sampled cost lies on the lower bound,"))
  }

  @Test("changes and numbers of things in sentences")
  func figures() {
    #expect(Figures.step(from: 3, to: 12.34) == "goes from 3 to 12.3")
    #expect(Figures.step(from: 30_200_000, to: 30_200_000) == "stays at 30200000")
    #expect(Figures.step(from: 30_200_000, to: 30_203_840) == "rises by 3840 from 30200000")
    #expect(Figures.step(from: 30_203_840, to: 30_200_000) == "falls by 3840 from 30200000")
    #expect([0, 1, 2].map { Figures.count($0, "error") } == ["0 errors", "1 error", "2 errors"])
  }
}

extension RunSnapshot {
  /// A run that has ended, with a gap of 5 %.
  static var sample: RunSnapshot {
    RunSnapshot(
      runID: "run_a", state: .succeeded, caseDirectory: "/case", backend: "local", backendReason: "", workers: 1,
      threadsPerWorker: 1, solver: "clp", iteration: 100, iterationLimit: 100, lowerBound: 95, upperBound: 100,
      upperBoundHalfWidth: 2, gap: 0.05, elapsedSeconds: 110, ranks: [], stopReason: StopReason.iterationLimit.rawValue,
      logTail: [], warnings: [], createdAt: "", directory: "/run", engineVersion: "0", bounds: .expected)
  }
}
