import CobreCommunication
import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// A service that may only look leaves every byte and every time stamp as it is.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct ReadOnlyTests {
  private let runs: RunsFixture
  private let looker: RunService

  init() throws {
    runs = try RunsFixture()
    looker = RunService(runsDirectory: runs.path, workerExecutable: Installation.worker, isReadOnly: true)
  }

  /// Contents and time of change of everything under the runs directory.
  private func everything() throws -> [String: String] {
    var found: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: runs.path) {
      var status = stat()
      #expect(lstat(runs.path + "/" + path, &status) == 0)
      let contents = FileManager.default.contents(atPath: runs.path + "/" + path) ?? Data()
      found[path] = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(contents.count) \(contents.hashValue)"
    }
    return found
  }

  @Test(.timeLimit(.minutes(1)))
  func `reading changes nothing`() throws {
    let request = RunRequest(
      caseDirectory: Installation.referenceCase("d01-thermal-dispatch"), backend: .local, iterations: 2)
    let first = try runs.finish(request)
    let second = try runs.finish(request)
    // No supervisor is left that could still write.
    usleep(300_000)
    for lost in ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"] { unlink(runs.path + "/" + lost) }
    let before = try everything()
    #expect(try looker.list().map(\.runID) == [second.runID, first.runID])
    #expect(try looker.snapshot(runID: nil)?.runID == second.runID)
    let seen = try looker.snapshot(runID: first.runID)
    #expect(try looker.convergence(runID: first.runID).map(\.iteration) == [1, 2])
    #expect(try !looker.store(runID: first.runID).cuts().isEmpty)
    #expect(try looker.wait(runID: first.runID, until: .now).state == .succeeded)
    let after = try everything()
    // Where a run broke off, readers leave marks for each other in shared memory, which belongs to no data.
    #expect(after.filter { before[$0.key] != $0.value && !$0.key.hasSuffix("-shm") } == [:])
    #expect(after.count == before.count)
    #expect(try runs.service.snapshot(runID: first.runID) == seen)
  }

  @Test(.timeLimit(.minutes(1)))
  func `nothing is started or changed`() throws {
    let one = RunService(
      runsDirectory: runs.path, workerExecutable: Installation.worker, limits: RunLimits(runsAtOnce: 1))
    let going = try one.start(RunLifeTests.long(.local, 1)).snapshot
    let waiting = try one.start(RunLifeTests.long(.local, 1)).snapshot
    #expect(waiting.state == .queued)
    let supervisor = try #require(try runs.supervisor(of: going))
    kill(pid_t(supervisor.pid), SIGKILL)
    #expect(RunsFixture.survivors(of: [supervisor.pid], within: 5) == [])
    // There is room now, but it is for others to use it.
    for _ in 0..<3 { #expect(try looker.snapshot(runID: waiting.runID)?.state == .queued) }
    #expect(try looker.wait(runID: waiting.runID, until: .now + .milliseconds(800)).state == .queued)
    #expect(try looker.snapshot(runID: going.runID)?.state == .interrupted)
    let changes: [() throws -> Void] = [
      { _ = try looker.start(RunLifeTests.long(.local, 1)) }, { _ = try looker.resume(runID: going.runID) },
      { _ = try looker.cancel(runID: waiting.runID) }, { try looker.delete(runID: going.runID) },
      { try looker.setDefaultBackend(.tcp) },
    ]
    for change in changes {
      let refused = #expect(throws: RunError.self) { try change() }
      #expect(refused?.message.contains("--read-only") == true)
    }
    #expect(try one.snapshot(runID: waiting.runID)?.state != .cancelled)
  }

  @Test func `a database of an older schema is refused, not brought up to date`() throws {
    let path = runs.path + "/old.sqlite"
    try RunStore.open(path, upTo: 2).transition(to: .queued, at: 1)
    let refused = #expect(throws: RunError.self) { try RunStore.openForReading(path, untouched: true) }
    #expect(refused?.message.contains("older engine") == true)
    #expect(try RunStore.openForReading(path).record().state == .queued)
    // Names that mean something in an address are names of files here.
    let odd = runs.path + "/a?b#c%41 é.sqlite"
    try RunStore.open(odd).transition(to: .queued, at: 1)
    #expect(try RunStore.openForReading(odd, untouched: true).record().state == .queued)
    #expect(try !FileManager.default.contentsOfDirectory(atPath: runs.path).contains { $0.hasSuffix("cA.sqlite") })
  }
}
