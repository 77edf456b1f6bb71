import Foundation
import Synchronization
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

struct RunWatchTests {
  private let directory: TemporaryDirectory
  private let run: RunDirectory
  private let store: RunStore

  /// A run that is going on: its supervisor is this process.
  init() throws {
    directory = try TemporaryDirectory()
    run = RunDirectory(path: directory.path)
    store = try RunStore.open(run.databasePath)
    try store.beginAttempt(supervisor: ProcessTable.current(), at: 1, uptime: 1)
    try store.transition(to: .running, at: 2)
    try RunManifest(
      runID: RunIdentifier.make(), createdAt: 1, engineVersion: "1", request: RunRequest(caseDirectory: "/case"),
      caseHash: "x",
      settings: RunSettings(
        iterations: 1, forwardPasses: 1, timeLimitSeconds: nil, seed: nil, simulateScenarios: 0, restarts: 0),
      backend: "local", backendReason: "", workers: 1, warnings: []
    ).write(to: run.manifestPath)
  }

  /// States that callers got at the end, by caller.
  ///
  /// Each waits on its own thread.
  private func crowd(
    _ watch: RunWatch, seconds: [Double], isCancelled: @escaping @Sendable (Int) -> Bool = { _ in false },
    meanwhile: () throws -> Void
  ) throws -> [RunState?] {
    let known = try RunSnapshot.read(run)
    let states = Mutex([RunState?](repeating: nil, count: seconds.count))
    let group = DispatchGroup()
    for (caller, patience) in seconds.enumerated() {
      group.enter()
      Thread {
        let last = try? watch.wait(
          from: known, until: .now + .seconds(patience), isCancelled: { isCancelled(caller) }, moveQueue: { nil },
          observe: { _ in })
        states.withLock { $0[caller] = last?.state }
        group.leave()
      }.start()
    }
    try meanwhile()
    group.wait()
    return states.withLock { $0 }
  }

  @Test(.timeLimit(.minutes(1)))
  func `whoever looks hands over when his time is up, and all are told of the end`() throws {
    let began = ContinuousClock.now
    // The first caller is certainly the polling one when it gives up, and so is the second after it.
    let states = try crowd(RunWatch(run), seconds: [0.15, 0.3] + [Double](repeating: 30, count: 20)) {
      usleep(1_500_000)
      try store.finish(.succeeded, elapsed: 1, at: 3)
    }
    #expect(states == [.running, .running] + [RunState?](repeating: .succeeded, count: 20))
    #expect(ContinuousClock.now - began < .seconds(15))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a call that is cancelled is let go, the others wait on`() throws {
    let isCancelled = Atomic(false)
    let obeys = { @Sendable (caller: Int) in caller < 2 && isCancelled.load(ordering: .relaxed) }
    let states = try crowd(RunWatch(run), seconds: [30, 30, 2], isCancelled: obeys) {
      usleep(200_000)
      isCancelled.store(true, ordering: .relaxed)
    }
    #expect(states == [.running, .running, .running])
  }

  @Test func `nobody is told of a state older than what he knows`() throws {
    let watch = try RunWatch(run)
    let early = try RunSnapshot.read(run)
    let wait = { known in
      try watch.wait(
        from: known, until: .now + .milliseconds(200), isCancelled: { false }, moveQueue: { nil }, observe: { _ in })
    }
    #expect(try wait(early).state == .running)
    try store.finish(.failed, error: "It is a test.", elapsed: 1, at: 3)
    let late = try RunSnapshot.read(run)
    #expect(try wait(late).state == .failed)
    // What the watch saw last is older than this call.
    #expect(try wait(early).state == .failed)
  }

  @Test func `a run whose files are gone is an error for everybody`() throws {
    let states = try crowd(RunWatch(run), seconds: [20, 20, 20]) {
      usleep(50_000)
      try FileManager.default.removeItem(atPath: run.manifestPath)
    }
    #expect(states == [nil, nil, nil])
  }
}
