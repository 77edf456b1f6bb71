import Foundation
import Synchronization
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

struct RunWatchTests {
  private let directory: TemporaryDirectory
  private let runID = RunIdentifier.make()
  private let run: RunDirectory
  private let store: RunStore

  /// A run that is going on: its supervisor is this process.
  init() throws {
    directory = try TemporaryDirectory()
    run = RunDirectory(runsDirectory: directory.path, runID: runID)
    try FileManager.default.createDirectory(atPath: run.path, withIntermediateDirectories: true)
    store = try RunStore.open(run.databasePath)
    try store.beginAttempt(supervisor: ProcessTable.current(), at: 1, uptime: 1)
    try store.transition(to: .running, at: 2)
    try RunManifest(
      runID: runID, createdAt: 1, engineVersion: "1", request: RunRequest(caseDirectory: "/case"),
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

  private func record(_ iterations: ClosedRange<Int>) throws {
    for iteration in iterations {
      let report = IterationReport(
        iteration: iteration, lowerBound: 1, upperBound: 2, upperBoundHalfWidth: 0, gap: 0.5,
        elapsedSeconds: Double(iteration), forwardSeconds: 0, backwardSeconds: 0, communicationSeconds: 0,
        ranks: [RankWork(solves: 1, threads: 1)], cutsPerStage: [])
      try store.recordIteration(report, cuts: [], stateDimension: 0, checkpoint: nil, at: Double(iteration))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `one who stops following leaves nothing open`() throws {
    let service = RunService(runsDirectory: directory.path, workerExecutable: "/no/worker")
    try record(1...2)
    _ = try service.news(of: runID, after: 0, until: .now + .seconds(1))
    #expect(service.followedRuns == 1)
    service.unfollow(nil)
    #expect(service.followedRuns == 1, "It was asked for a moment ago.")
    service.unfollow(runID)
    #expect(service.followedRuns == 0)
    // Who says nothing loses it to whoever comes next, a while later.
    _ = try service.news(of: runID, after: 0, until: .now + .seconds(1))
    usleep(2_200_000)
    service.unfollow(nil)
    #expect(service.followedRuns == 0)
    service.unfollow(RunIdentifier.make())
  }

  @Test(.timeLimit(.minutes(1)))
  func `one who follows a run gets iterations in groups, each once, and the end at once`() throws {
    let service = RunService(runsDirectory: directory.path, workerExecutable: "/no/worker")
    let ask = { (iteration: Int) in
      let began = ContinuousClock.now
      let news = try service.news(of: runID, after: iteration, until: began + .seconds(20))
      return (news, ContinuousClock.now - began)
    }
    try record(1...3)
    let (first, early) = try ask(0)
    #expect(first.rows.map(\.iteration) == [1, 2, 3])
    // They are there, but others may follow at once.
    #expect(early >= .milliseconds(90) && early < .seconds(5))
    try record(4...5)
    #expect(try ask(3).0.rows.map(\.iteration) == [4, 5])
    try record(6...6)
    try store.finish(.succeeded, elapsed: 1, at: 3)
    let (last, _) = try ask(5)
    #expect(last.snapshot.state == .succeeded && last.rows.map(\.iteration) == [6])
    let (none, wait) = try ask(6)
    #expect(none.rows.isEmpty && wait < .seconds(5))
    #expect(throws: RunError.self) { try service.news(of: RunIdentifier.make(), after: 0, until: .now) }
  }
}
