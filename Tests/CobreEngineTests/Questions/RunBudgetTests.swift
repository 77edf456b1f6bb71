import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Trainings that are fitted into budgets, against numbers worked out by hand.
@Suite struct RunBudgetTests {
  /// 100 iterations of 16 trajectories that take 1 s each; a cut of a pool adds `growth` s to a trajectory.
  private func decide(
    growth: Double = 0, processes: Int = 2, cutsPerState: Int = 1, stateDimension: Int = 9,
    _ adjust: (inout RunRequest) -> Void
  ) -> BudgetDecision {
    var request = RunRequest(caseDirectory: "case")
    adjust(&request)
    let estimate = RunEstimate(
      plan: .init(
        iterations: 100, forwardPasses: 16, computers: processes, processes: processes, pools: 10,
        cutsPerState: cutsPerState, stateDimension: stateDimension),
      sample: .init(
        iterations: 4, seconds: 4, pace: IterationPace(level: 1, growth: growth), bytes: 30_000_000, solves: 100))
    var budget = RunBudget(request, estimate, hasOwnFormat: true, cores: 4)
    return budget.decide()
  }

  @Test func whatFitsStaysAsItIs() {
    // 4 processes take 4 s an iteration, 400 s in all, of 200 to 1,600 s; the middle is about 570 s.
    let decision = decide { $0.budgetSeconds = 600 }
    #expect(decision.workers == 4 && decision.threadsPerWorker == 1)
    #expect(decision.forwardPasses == 16 && decision.iterations == 100)
    #expect(decision.timeLimitSeconds == 600 && decision.edits == nil)
    #expect(decision.notes.count == 1 && decision.notes[0].contains("nothing was traded"))
  }

  @Test func fewerPassesLeaveEnoughIterations() {
    // In 150 s 26 iterations of 16 trajectories are expected; with 8 of them 52.
    let decision = decide { $0.budgetSeconds = 150 }
    #expect(decision.forwardPasses == 8)
    #expect(decision.iterations == 100 && decision.timeLimitSeconds == 150)
    #expect(decision.notes.contains { $0.contains("8 in place of 16") })
    // What is named stays, and the time limit keeps the budget.
    let named = decide {
      ($0.budgetSeconds, $0.forwardPasses, $0.workers) = (150, 16, 2)
    }
    #expect(named.forwardPasses == 16 && named.workers == 2 && named.timeLimitSeconds == 150)
    #expect(named.applied(to: RunRequest(caseDirectory: "", timeLimitSeconds: 20)).timeLimitSeconds == 20)
  }

  @Test func cutsAreCappedWhereTheyTakeMostOfTheTime() throws {
    // A trajectory takes twice as long with 50 cuts in a pool.
    let decision = decide(growth: 0.02) { $0.budgetSeconds = 60 }
    #expect(decision.forwardPasses == 4)
    let edits = try #require(decision.edits)
    #expect(
      try JSONParser.parse(Array(edits.utf8)).array?.first?["merge"]?["training"]?["cut_selection"]?[
        "max_active_per_stage"] == 50)
    #expect(decision.notes.contains { $0.contains("Traded cuts") })
  }

  @Test func threadsAndSingleCutsSaveMemory() throws {
    // 100 · 16 · 10 cuts of 10,000 numbers are 1.3 GB; each process holds them, threads share them.
    let shared = decide(stateDimension: 9999) { $0.budgetMemoryMB = 4000 }
    #expect(shared.workers == 1 && shared.threadsPerWorker == 4)
    #expect(shared.edits == nil && shared.iterations == 100)
    let single = decide(cutsPerState: 20, stateDimension: 9999) { $0.budgetMemoryMB = 4000 }
    #expect(single.workers == 1)
    let edits = try #require(single.edits)
    #expect(try JSONParser.parse(Array(edits.utf8)).array?.first?["merge"]?["training"]?["cut_formulation"] == "single")
    let small = decide(stateDimension: 9999) { $0.budgetMemoryMB = 1000 }
    #expect(small.iterations < 100 && small.iterations > 10)
    #expect(small.notes.last?.contains("Traded iterations") == true)
    let impossible = decide { $0.budgetMemoryMB = 16 }
    #expect(impossible.notes.last?.contains("will not be kept") == true)
  }

  /// 300 and 250 MB of two ranks, of which one has been larger before, are more than 500 MB together; 61.5 s more than
  /// 60.
  @Test func whatExceededItsBudgetIsSaid() throws {
    let home = try TemporaryDirectory()
    func warnings(_ megabytes: Double?, _ seconds: Double?, readings: [[Int64]], elapsed: Double) throws -> [String] {
      let directory = RunDirectory(path: home.path + "/" + UUID().uuidString)
      try Disk.createDirectory(directory.path)
      let store = try RunStore.open(directory.databasePath)
      for rank in 0..<2 {
        let row = RankRow(rank: rank, pid: 40 + rank, host: "here", state: "starting", solves: 0, message: nil)
        try store.recordRank(row, start: 7, at: 1)
      }
      for (index, bytes) in readings.enumerated() {
        let report = IterationReport(
          iteration: index + 1, lowerBound: 1, upperBound: 2, upperBoundHalfWidth: 1, gap: 0.5,
          elapsedSeconds: elapsed, forwardSeconds: 0.5, backwardSeconds: 1, communicationSeconds: 0,
          ranks: bytes.map { RankWork(solves: 1, memoryBytes: $0 * 1_000_000, peakMemoryBytes: 900_000_000) },
          cutsPerStage: [1])
        try store.recordIteration(report, cuts: [], stateDimension: 0, checkpoint: nil, at: 2)
      }
      let manifest = RunManifest(
        runID: RunIdentifier.make(), createdAt: 1, engineVersion: "1",
        request: RunRequest(caseDirectory: "/case", budgetSeconds: seconds, budgetMemoryMB: megabytes), caseHash: "x",
        settings: RunSettings(
          iterations: 9, forwardPasses: 1, timeLimitSeconds: nil, seed: nil, simulateScenarios: 0, restarts: 0),
        backend: "local", backendReason: "", workers: 2, warnings: [])
      try manifest.write(to: directory.manifestPath)
      return try RunSnapshot.read(in: directory).warnings
    }
    #expect(try warnings(560, 62, readings: [[100, 250], [300, 200]], elapsed: 61.5) == [])
    let memory = try warnings(500, nil, readings: [[100, 250], [300, 200]], elapsed: 61.5)
    #expect(memory.count == 1 && memory[0].contains("550 MB") && memory[0].contains("500 MB of budget_memory_mb"))
    let time = try warnings(nil, 60, readings: [[100, 250]], elapsed: 61.5)
    #expect(time.count == 1 && time[0].contains("budget_seconds"))
  }

  /// The edits of a run hold for it alone, and its case is read with them afterwards.
  @Test func editsHoldForOneRunAlone() throws {
    let home = try TemporaryDirectory()
    let directory = home.path + "/case"
    _ = try CaseTemplate.singleHydro.write(to: directory)
    let edits = #"[{"file":"config.json","merge":{"training":{"forward_passes":3}}}]"#
    let path = home.path + "/run"
    _ = try DirectRun(
      request: RunRequest(caseDirectory: directory, iterations: 2, simulateScenarios: 2, caseEdits: edits),
      home: .directory(path)
    ).run(connect: { _ in LocalCommunicator() }, observe: { _ in true })
    let evidence = try RunEvidence(RunDirectory(path: path))
    #expect(evidence.manifest.settings.forwardPasses == 3)
    #expect(try evidence.requiredStudy().configuration.training.forwardPasses == 3)
    #expect(CaseReader.read(directory: directory).study?.configuration.training.forwardPasses != 3)
    #expect(try PolicyReplay(evidence, scenarios: 2, bounds: .anywhere).scenarios == 2)
    let wrong = RunRequest(caseDirectory: directory, caseEdits: #"[{"file":"nope.json","merge":{}}]"#)
    #expect(throws: RunError.self) { try CaseInput(wrong, bounds: .anywhere) }
    let malformed = RunRequest(caseDirectory: directory, caseEdits: #"[{"fil":"config.json"}]"#)
    #expect(throws: RunError.self) { try malformed.check() }
  }
}
