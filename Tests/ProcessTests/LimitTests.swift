import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Beyond a limit a run ends, with a sentence that names the limit.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct LimitTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  private func service(_ limits: RunLimits) -> RunService {
    RunService(runsDirectory: runs.path, workerExecutable: Installation.worker, limits: limits)
  }

  @Test(.timeLimit(.minutes(1)), arguments: RunLifeTests.backends)
  func `a rank beyond its memory ends the run, which is not tried again`(
    backend: RequestedBackend, workers: Int
  ) throws {
    // No rank of any case lives on a megabyte.
    let small = service(RunLimits(rankMemoryBytes: 1 << 20))
    let started = try small.start(RunLifeTests.long(backend, workers, restarts: 2)).snapshot
    let ended = try small.wait(runID: started.runID, until: .now + .seconds(40))
    #expect(ended.state == .failed)
    #expect(ended.error?.contains("grants 1 MB to a rank (--max-memory-per-rank)") == true, "\(ended.error ?? "")")
    #expect(!ended.warnings.contains { $0.contains("started again") }, "a rank that needs too much once needs it again")
    #expect(RunsFixture.survivors(of: ended.ranks.map(\.pid), within: 5) == [])
  }

  @Test(.timeLimit(.minutes(1)))
  func `a run within its limits is not disturbed by them`() throws {
    let ample = service(RunLimits(secondsPerRun: 60, rankMemoryBytes: 1 << 30))
    let run = try ample.start(
      RunRequest(caseDirectory: Installation.referenceCase("d01-thermal-dispatch"), backend: .local, iterations: 3))
    let ended = try ample.wait(runID: run.snapshot.runID, until: .now + .seconds(30))
    #expect(ended.state == .succeeded, "\(ended.error ?? "")")
    #expect(ended.stopReason == "iteration_limit")
  }

  @Test(.timeLimit(.minutes(1)))
  func `training ends in its wall time, and a simulation beyond it is stopped`() throws {
    let strict = service(RunLimits(secondsPerRun: 2))
    let began = ContinuousClock.now
    var request = RunLifeTests.long(.shm, 2)
    let trained = try strict.start(request).snapshot
    let ended = try strict.wait(runID: trained.runID, until: .now + .seconds(30))
    #expect(ended.state == .cancelled && ended.stopReason == "server_wall_limit", "\(ended.error ?? "")")
    #expect(ended.iteration > 0 && ended.iteration < ended.iterationLimit)
    #expect(ContinuousClock.now - began < .seconds(20))

    request.iterations = 1
    request.caseDirectory = Installation.referenceCase("d03-two-hydro-cascade")
    request.simulateScenarios = 1_000_000
    let simulating = try strict.start(request).snapshot
    let stopped = try strict.wait(runID: simulating.runID, until: .now + .seconds(30))
    #expect(stopped.state == .failed)
    #expect(stopped.error?.contains("2.0 seconds") == true, "\(stopped.error ?? "")")
    #expect(stopped.error?.contains("--max-wall-seconds") == true)
    #expect(stopped.iteration == 1 && stopped.lowerBound != nil)
    #expect(RunsFixture.survivors(of: stopped.ranks.map(\.pid), within: 5) == [])

    // What it has had counts when it goes on.
    _ = try strict.resume(runID: simulating.runID)
    let again = try strict.wait(runID: simulating.runID, until: .now + .seconds(30))
    #expect(again.state == .failed && again.elapsedSeconds >= stopped.elapsedSeconds)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a run that computes is not removed because its database cannot be read`() throws {
    let keeper = service(RunLimits(keptRuns: 1))
    let going = try runs.progress(of: keeper.start(RunLifeTests.long(.local, 1)).snapshot)
    let database = going.directory + "/run.sqlite"
    #expect(rename(database, database + ".away") == 0)
    #expect(try keeper.snapshot(runID: going.runID)?.state == .failed)
    let refused = #expect(throws: RunError.self) { try keeper.delete(runID: going.runID) }
    #expect(refused?.message.contains("looked after") == true, "\(refused?.message ?? "")")
    #expect(throws: RunError.self) { try keeper.resume(runID: going.runID) }
    #expect(try service(RunLimits(diskBytes: 1)).prune() == [])
    #expect(rename(database + ".away", database) == 0)
    _ = try keeper.cancel(runID: going.runID)
    #expect(try keeper.wait(runID: going.runID, until: .now + .seconds(20)).state == .cancelled)
  }

  @Test(.timeLimit(.minutes(1)))
  func `the bytes of folders count too, and the oldest run goes first`() throws {
    let request = RunRequest(
      caseDirectory: Installation.referenceCase("d01-thermal-dispatch"), backend: .local, iterations: 2)
    let old = try runs.finish(request)
    let young = try runs.finish(request)
    let folder = old.directory + "/policy"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(count: 8 << 20).write(to: URL(fileURLWithPath: folder + "/large"))
    #expect(try service(RunLimits(diskBytes: 4 << 20)).prune() == [old.runID])
    #expect(try runs.service.list().map(\.runID) == [young.runID])
  }

  @Test(.timeLimit(.minutes(1)))
  func `a wall clock that jumps changes neither state nor times`() throws {
    let going = try runs.progress(of: runs.service.start(RunLifeTests.long(.local, 1)).snapshot)
    for jump in [-365 * 86400.0, 365 * 86400.0] {
      // As if the clock had been wrong by a year when the run was started.
      let store = try RunStore.open(going.directory + "/run.sqlite")
      let record = try store.record()
      try store.beginAttempt(
        supervisor: #require(record.supervisor), at: #require(record.startedAt) + jump,
        uptime: #require(record.startedUptime))
      try store.transition(to: .starting, at: Clocks.wall() + jump)
      try store.transition(to: .running, at: Clocks.wall() + jump)
      let told = try #require(try runs.service.snapshot(runID: going.runID))
      #expect(told.state == .running)
      #expect((0..<60).contains(told.elapsedSeconds), "\(told.elapsedSeconds)")
    }
    let supervisor = try #require(try runs.supervisor(of: going))
    kill(pid_t(supervisor.pid), SIGKILL)
    let broken = try runs.service.wait(runID: going.runID, until: .now + .seconds(10))
    #expect(broken.state == .interrupted)
    #expect((0..<60).contains(broken.elapsedSeconds), "\(broken.elapsedSeconds)")
  }
}
