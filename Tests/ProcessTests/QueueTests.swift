import CobreCommunication
import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Runs beyond the number that may compute at once wait.
///
/// Ended ones can be removed.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct QueueTests {
  private let runs: RunsFixture
  private let one: RunService

  init() throws {
    runs = try RunsFixture()
    one = RunService(
      runsDirectory: runs.path, workerExecutable: Installation.worker, limits: RunLimits(runsAtOnce: 1))
  }

  private var short: RunRequest {
    RunRequest(caseDirectory: Installation.referenceCase("d01-thermal-dispatch"), backend: .local, iterations: 2)
  }

  @Test(.timeLimit(.minutes(1)))
  func `queued runs start in order as soon as there is room, without any server`() throws {
    let first = try one.start(RunLifeTests.long(.local, 1)).snapshot
    let second = try one.start(short).snapshot
    let third = try one.start(short).snapshot
    #expect(second.state == .queued && third.state == .queued)
    #expect(second.ranks.isEmpty && second.startedAt == nil)
    let going = try runs.progress(of: first, seenBy: one)
    #expect(going.state == .running)
    #expect(try one.snapshot(runID: second.runID)?.state == .queued)

    // From here on only files are read, so the supervisors must move the queue themselves.
    try RunDirectory(path: first.directory).requestCancel()
    let deadline = ContinuousClock.now + .seconds(20)
    var states: [RunState] = []
    while ContinuousClock.now < deadline, !states.allSatisfy({ $0.isFinal }) || states.isEmpty {
      usleep(50_000)
      states = try [first, second, third].map { try RunSnapshot.read(RunDirectory(path: $0.directory)).state }
    }
    #expect(states == [.cancelled, .succeeded, .succeeded])
    let starts = try [second, third].map { try RunSnapshot.read(RunDirectory(path: $0.directory)).startedAt ?? "" }
    #expect(starts == starts.sorted())
  }

  @Test(.timeLimit(.minutes(1)))
  func `a queued run can be cancelled and never starts`() throws {
    let first = try one.start(RunLifeTests.long(.local, 1)).snapshot
    let second = try one.start(short).snapshot
    #expect(try one.cancel(runID: second.runID).state == .cancelled)
    _ = try one.cancel(runID: first.runID)
    #expect(try one.wait(runID: first.runID, until: .now + .seconds(20)).state == .cancelled)
    #expect(try one.snapshot(runID: second.runID)?.startedAt == nil)
  }

  @Test(.timeLimit(.minutes(1)))
  func `only ended runs are deleted`() throws {
    let going = try one.start(RunLifeTests.long(.local, 1)).snapshot
    let refused = #expect(throws: RunError.self) { try one.delete(runID: going.runID) }
    #expect(refused?.code == .wrongState)
    _ = try one.cancel(runID: going.runID)
    _ = try one.wait(runID: going.runID, until: .now + .seconds(20))
    try one.delete(runID: going.runID)
    #expect(try one.list().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: going.directory))
    #expect(try one.snapshot(runID: going.runID) == nil)
    let unknown = #expect(throws: RunError.self) { try one.delete(runID: going.runID) }
    #expect(unknown?.code == .unknownRun)
  }

  @Test(.timeLimit(.minutes(1)))
  func `the oldest ended runs are removed beyond the limit`() throws {
    let keeper = RunService(
      runsDirectory: runs.path, workerExecutable: Installation.worker, limits: RunLimits(keptRuns: 2))
    var ids: [String] = []
    for _ in 0..<4 {
      let run = try keeper.start(short).snapshot
      _ = try keeper.wait(runID: run.runID, until: .now + .seconds(20))
      ids.append(run.runID)
    }
    try keeper.prune()
    #expect(try keeper.list().map(\.runID) == [ids[3], ids[2]])
  }

  @Test func `more workers than the limit are refused by name`() throws {
    let small = RunService(
      runsDirectory: runs.path, workerExecutable: Installation.worker, limits: RunLimits(workers: 2))
    var request = short
    request.workers = 3
    let error = #expect(throws: RunError.self) { try small.start(request) }
    #expect(error?.code == .limit)
    #expect(error?.message.contains("num_workers") == true)
  }
}
