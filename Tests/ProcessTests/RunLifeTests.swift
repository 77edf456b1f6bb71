import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Runs from their start to their end, on the built programs.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct RunLifeTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  static let backends: [(RequestedBackend, Int)] =
    [(.local, 1), (.shm, 2), (.tcp, 2)] + (Installation.hasMPI ? [(.mpi, 2)] : [])

  @Test(.timeLimit(.minutes(1)), arguments: backends)
  func `a run ends with the known optimum on every backend`(backend: RequestedBackend, workers: Int) throws {
    let run = try runs.finish(
      RunRequest(
        caseDirectory: Installation.referenceCase("d02-single-hydro"), backend: backend, workers: workers,
        iterations: 20, forwardPasses: 2, simulateScenarios: 3))
    #expect(run.state == .succeeded, "\(run.error ?? "") \(run.logTail)")
    #expect(run.backend == backend.rawValue)
    #expect(run.iteration == 20)
    // 23635000/9, from the reference cases.
    let lowerBound = try #require(run.lowerBound)
    #expect(abs(lowerBound - 2_626_111.111_111_111) < 1e-4)
    #expect(run.stopReason == "iteration_limit")
    #expect(run.ranks.map(\.rank) == Array(0..<workers))
    #expect(run.ranks.allSatisfy { $0.state == "finished" && $0.solves > 0 })
    #expect(run.simulation?.scenarios == 3)
    #expect(run.endedAt != nil && run.elapsedSeconds > 0)
    #expect(RunsFixture.survivors(of: run.ranks.map(\.pid), within: 5).isEmpty)
    #expect(try runs.sharedMemory(of: run) == [])

    // Another server, started later, reports the same.
    let other = RunService(runsDirectory: runs.path, workerExecutable: Installation.worker)
    #expect(try other.snapshot(runID: nil) == run)
    #expect(try other.convergence(runID: run.runID, since: 15).map(\.iteration) == Array(16...20))
  }

  @Test(.timeLimit(.minutes(1)))
  func `cancelling keeps what was learnt`() throws {
    let started = try runs.service.start(Self.long(.shm, 2)).snapshot
    let going = try runs.progress(of: started, iterations: 2)
    #expect(going.state == .running)
    let answered = try runs.service.cancel(runID: started.runID)
    #expect(answered.state == .cancelling || answered.state == .cancelled)
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(20))
    #expect(ended.state == .cancelled)
    #expect(ended.stopReason == "cancelled")
    #expect(ended.iteration >= 2)
    #expect(ended.lowerBound != nil)
    #expect(try !runs.store(of: ended).cuts().isEmpty)
    // Once more changes nothing.
    #expect(try runs.service.cancel(runID: started.runID).state == .cancelled)
  }

  @Test(.timeLimit(.minutes(1)), arguments: backends)
  func `a supervisor that is killed leaves an interrupted run and no process`(
    backend: RequestedBackend, workers: Int
  ) throws {
    let started = try runs.service.start(Self.long(backend, workers)).snapshot
    let going = try runs.progress(of: started)
    let supervisor = try #require(try runs.supervisor(of: going))
    #expect(going.ranks.count == workers)
    kill(pid_t(supervisor.pid), SIGKILL)
    #expect(RunsFixture.survivors(of: going.ranks.map(\.pid), within: 5) == [])
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(5))
    #expect(ended.state == .interrupted)
    #expect(ended.error?.contains("process \(supervisor.pid)") == true)
    #expect(ended.ranks.allSatisfy { $0.state == "lost" })
    #expect(ended.iteration >= 1 && ended.lowerBound != nil)
  }

  @Test(.timeLimit(.minutes(1)), arguments: backends)
  func `a rank that is killed fails the run with a sentence and takes the others with it`(
    backend: RequestedBackend, workers: Int
  ) throws {
    let started = try runs.service.start(Self.long(backend, workers)).snapshot
    let going = try runs.progress(of: started)
    let victim = try #require(going.ranks.last)
    kill(pid_t(victim.pid), SIGKILL)
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(20))
    #expect(ended.state == .failed)
    let error = try #require(ended.error)
    #expect(error.contains("\(victim.pid)") && error.contains("signal 9"), "\(error)")
    #expect(error.contains("iteration"))
    #expect(!ended.logTail.isEmpty)
    #expect(ended.iteration >= 1)
    #expect(RunsFixture.survivors(of: going.ranks.map(\.pid), within: 5) == [])
    #expect(try runs.sharedMemory(of: ended) == [])
  }

  @Test(.timeLimit(.minutes(1)))
  func `cancelling before the first iteration and in the simulation ends the run soon`() throws {
    let early = try runs.service.start(Self.long(.shm, 2)).snapshot
    _ = try runs.service.cancel(runID: early.runID)
    #expect(try runs.service.wait(runID: early.runID, until: .now + .seconds(20)).state == .cancelled)

    let late = try runs.service.start(
      RunRequest(
        caseDirectory: Installation.referenceCase("4ree"), backend: .local, iterations: 1, simulateScenarios: 1_000_000)
    ).snapshot
    let trained = try runs.progress(of: late)
    usleep(200_000)
    _ = try runs.service.cancel(runID: late.runID)
    let ended = try runs.service.wait(runID: late.runID, until: .now + .seconds(20))
    #expect(ended.state == .cancelled)
    #expect(ended.lowerBound == trained.lowerBound && ended.iteration == 1)
    #expect(ended.simulation == nil)
  }

  @Test(.timeLimit(.minutes(1)))
  func `more workers than forward passes give the same bits and a warning`() throws {
    var request = RunRequest(
      caseDirectory: Installation.referenceCase("d03-two-hydro-cascade"), backend: .local, iterations: 5,
      forwardPasses: 2, simulateScenarios: 3)
    let alone = try runs.finish(request)
    request.backend = .shm
    request.workers = 5
    let many = try runs.finish(request)
    #expect(many.state == .succeeded, "\(many.error ?? "")")
    #expect(many.workers == 5 && many.ranks.count == 5)
    #expect(many.warnings.count { $0.contains("5 workers share 2 forward passes") } == 1, "\(many.warnings)")
    #expect(try Bits(runs.store(of: many)) == Bits(runs.store(of: alone)))
  }

  @Test func `a case that cannot be read starts nothing`() throws {
    let began = ContinuousClock.now
    let error = #expect(throws: InvalidCaseError.self) {
      try runs.service.start(RunRequest(caseDirectory: runs.path))
    }
    #expect(ContinuousClock.now - began < .milliseconds(1000))
    #expect((error?.findings.count ?? 0) >= 4)
    #expect(try FileManager.default.contentsOfDirectory(atPath: runs.path) == [])
    #expect(try runs.service.list().isEmpty)
  }

  @Test(arguments: [
    RunRequest(caseDirectory: "/", workers: 0), RunRequest(caseDirectory: "/", iterations: -1),
    RunRequest(caseDirectory: "/", timeLimitSeconds: .nan), RunRequest(caseDirectory: "/", runName: "a/b"),
  ])
  func `arguments out of range are refused`(request: RunRequest) {
    let error = #expect(throws: RunError.self) { try runs.service.start(request) }
    #expect(error?.code == .invalidRequest)
  }

  /// A run that does not end by itself within a test.
  static func long(_ backend: RequestedBackend, _ workers: Int, restarts: Int = 0) -> RunRequest {
    RunRequest(
      caseDirectory: Installation.referenceCase("4ree"), backend: backend, workers: workers, iterations: 100_000,
      simulateScenarios: 0, restarts: restarts)
  }
}
