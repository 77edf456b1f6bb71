import Foundation
import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

/// Runs that are disturbed end with the same bits as runs that are not.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct DurabilityTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  private static func request(_ backend: RequestedBackend, _ workers: Int, restarts: Int = 0) -> RunRequest {
    RunRequest(
      caseDirectory: Installation.referenceCase("4ree"), backend: backend, workers: workers, iterations: 8,
      simulateScenarios: 4, restarts: restarts)
  }

  /// The bits of an undisturbed run.
  ///
  /// Computed once.
  private static let undisturbed = Result { () throws -> Bits in
    let runs = try RunsFixture()
    let run = try runs.finish(request(.local, 1))
    return try Bits(runs.store(of: run))
  }

  @Test(.timeLimit(.minutes(2)), arguments: RunLifeTests.backends)
  func `a run whose supervisor was killed is resumed with the same bits`(
    backend: RequestedBackend, workers: Int
  ) throws {
    let expected = try Self.undisturbed.get()
    let started = try runs.service.start(Self.request(backend, workers)).snapshot
    let going = try runs.progress(of: started, iterations: 3)
    let supervisor = try #require(try runs.supervisor(of: going))
    kill(pid_t(supervisor.pid), SIGKILL)
    #expect(RunsFixture.survivors(of: going.ranks.map(\.pid), within: 5) == [])
    let broken = try #require(try runs.service.snapshot(runID: started.runID))
    #expect(broken.state == .interrupted)
    // The last iteration too: on a busy machine the kill may come as late as the simulation.
    #expect((1...8).contains(broken.iteration))

    #expect(try !runs.service.resume(runID: started.runID).state.isFinal)
    let shared = try FileManager.default.contentsOfDirectory(atPath: "/dev/shm")
    #expect(shared.filter { $0.hasPrefix("cobre-\(supervisor.pid)-\(supervisor.start)-") } == [])
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(60))
    #expect(ended.state == .succeeded, "\(ended.error ?? "")")
    #expect(try Bits(runs.store(of: ended)) == expected)
    #expect(ended.elapsedSeconds >= broken.elapsedSeconds)
    let clock = try runs.service.convergence(runID: started.runID).map(\.elapsedSeconds)
    #expect(clock == clock.sorted())
  }

  @Test(.timeLimit(.minutes(2)), arguments: RunLifeTests.backends)
  func `ranks that die are started again, twice`(backend: RequestedBackend, workers: Int) throws {
    let expected = try Self.undisturbed.get()
    let started = try runs.service.start(Self.request(backend, workers, restarts: 2)).snapshot
    var killed: [Int] = []
    for iteration in [1, 4] {
      let going = try runs.progress(of: started, iterations: iteration)
      let victim = try #require(going.ranks.last { !killed.contains($0.pid) })
      kill(pid_t(victim.pid), SIGKILL)
      killed.append(victim.pid)
    }
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(60))
    #expect(ended.state == .succeeded, "\(ended.error ?? "")")
    #expect(ended.warnings.contains { $0.contains("signal 9") && $0.contains("(1 of 2)") }, "\(ended.warnings)")
    #expect(ended.warnings.contains { $0.contains("(2 of 2)") }, "\(ended.warnings)")
    #expect(try Bits(runs.store(of: ended)) == expected)
  }

  @Test(.timeLimit(.minutes(2)))
  func `a run that is killed while it simulates begins the simulation anew`() throws {
    var request = Self.request(.shm, 2)
    request.caseDirectory = Installation.referenceCase("d03-two-hydro-cascade")
    request.iterations = 5
    request.simulateScenarios = 2000
    let started = try runs.service.start(request).snapshot
    _ = try runs.progress(of: started)
    let store = try runs.store(of: started)
    let deadline = ContinuousClock.now + .seconds(30)
    while try store.simulatedMeans(.system, "cost", id: 0).isEmpty, ContinuousClock.now < deadline { usleep(2000) }
    let supervisor = try #require(try runs.supervisor(of: started))
    kill(pid_t(supervisor.pid), SIGKILL)
    let broken = try runs.service.wait(runID: started.runID, until: .now + .seconds(10))
    try #require(broken.state == .interrupted, "the simulation was over before anybody was killed")
    try #require(try !store.simulatedMeans(.system, "cost", id: 0).isEmpty)

    _ = try runs.service.resume(runID: started.runID)
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(60))
    #expect(ended.state == .succeeded, "\(ended.error ?? "")")
    request.workers = 1
    request.backend = .local
    let whole = try runs.finish(request)
    #expect(try Bits(runs.store(of: ended)) == Bits(runs.store(of: whole)))
    #expect(
      try runs.store(of: ended).simulatedMeans(.system, "cost", id: 0)
        == runs.store(of: whole).simulatedMeans(.system, "cost", id: 0))
  }

  @Test(.timeLimit(.minutes(2)))
  func `a cancelled run goes on, with another number of workers even`() throws {
    let expected = try Self.undisturbed.get()
    let started = try runs.service.start(Self.request(.shm, 2)).snapshot
    _ = try runs.progress(of: started, iterations: 3)
    _ = try runs.service.cancel(runID: started.runID)
    let cancelled = try runs.service.wait(runID: started.runID, until: .now + .seconds(30))
    #expect(cancelled.state == .cancelled)
    // Any supervisor obeys run.json, so changing it there is what another number of workers amounts to.
    let path = cancelled.directory + "/run.json"
    var manifest = try RunManifest.read(from: path)
    manifest.workers = 3
    try manifest.write(to: path)
    _ = try runs.service.resume(runID: started.runID)
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(60))
    #expect(ended.state == .succeeded, "\(ended.error ?? "")")
    #expect(ended.ranks.count == 3)
    #expect(ended.stopReason == "iteration_limit")
    #expect(try Bits(runs.store(of: ended)) == expected)
  }

  @Test func `a run that succeeded is not resumed, and neither is one whose case has changed`() throws {
    let copy = runs.path + "/case"
    try FileManager.default.copyItem(
      atPath: Installation.referenceCase("d01-thermal-dispatch"), toPath: copy)
    let done = try runs.finish(RunRequest(caseDirectory: copy, backend: .local, iterations: 2))
    #expect(done.state == .succeeded)
    let refused = #expect(throws: RunError.self) { try runs.service.resume(runID: done.runID) }
    #expect(refused?.code == .wrongState)

    let config = copy + "/config.json"
    let text = try String(contentsOfFile: config, encoding: .utf8)
    try (text + "\n").write(toFile: config, atomically: true, encoding: .utf8)
    let changed = #expect(throws: RunError.self) { try runs.service.resume(runID: done.runID) }
    #expect(changed?.message.contains("have changed") == true)
  }
}
