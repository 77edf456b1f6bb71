import CobreCommunication
import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Full disks, vanished directories, damaged files: a clear word, and nothing lost that was there.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct HardshipTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  @Test(
    .timeLimit(.minutes(1)),
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/prlimit"), "prlimit is not there"))
  func `a run that may not write any more fails with a sentence and keeps its last iteration`() throws {
    let started = try runs.service.start(RunLifeTests.long(.local, 1, restarts: 2)).snapshot
    let going = try runs.progress(of: started, iterations: 3)
    let rank = try #require(going.ranks.first)
    let (code, _, errors) = try Installation.run(
      "/usr/bin/prlimit", ["--pid", String(rank.pid), "--fsize=8192"])
    try #require(code == 0, "\(errors)")
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(30))
    #expect(ended.state == .failed)
    #expect(ended.error?.contains("run.sqlite") == true, "\(ended.error ?? "")")
    // To SQLite a file that is too large and a quota that is used up are the same error of writing.
    #expect(ended.error?.contains("quota") == true, "\(ended.error ?? "")")
    #expect(ended.iteration >= 3)
    let checkpoint = try #require(try runs.store(of: ended).latestCheckpoint())
    #expect(checkpoint.iteration == ended.iteration)

    // New ranks have no such limit.
    _ = try runs.service.resume(runID: started.runID)
    let resumed = try runs.progress(of: ended, iterations: ended.iteration + 2)
    #expect(resumed.iteration >= ended.iteration + 1)
  }

  @Test(.timeLimit(.minutes(1)))
  func `a run whose directory vanishes ends`() throws {
    let started = try runs.service.start(RunLifeTests.long(.shm, 2)).snapshot
    let going = try runs.progress(of: started)
    let supervisor = try #require(try runs.supervisor(of: going))
    try FileManager.default.removeItem(atPath: going.directory)
    #expect(RunsFixture.survivors(of: going.ranks.map(\.pid) + [supervisor.pid], within: 10) == [])
    #expect(try runs.service.snapshot(runID: started.runID) == nil)
    #expect(try runs.service.list().isEmpty)
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["run.sqlite", "run.json"])
  func `a damaged file is named, and other runs are not disturbed`(file: String) throws {
    let request = RunRequest(
      caseDirectory: Installation.referenceCase("d01-thermal-dispatch"), backend: .local, iterations: 2)
    let good = try runs.finish(request)
    let bad = try runs.finish(request)
    for suffix in ["-wal", "-shm"] { unlink(bad.directory + "/" + file + suffix) }
    try Data(repeating: 0x5a, count: 20_000).write(to: URL(fileURLWithPath: bad.directory + "/" + file))
    if file == "run.sqlite" {
      let snapshot = try #require(try runs.service.snapshot(runID: bad.runID))
      #expect(snapshot.state == .failed)
      #expect(snapshot.error?.contains("damaged") == true, "\(snapshot.error ?? "")")
      #expect(try runs.service.list().map(\.runID) == [bad.runID, good.runID])
    } else {
      let error = #expect(throws: RunError.self) { try runs.service.snapshot(runID: bad.runID) }
      #expect(error?.message.contains("damaged") == true)
      var told: [String] = []
      #expect(try runs.service.list(report: { told.append($0) }).map(\.runID) == [good.runID])
      #expect(told.count == 1 && told[0].contains(bad.runID) && told[0].contains("damaged"), "\(told)")
    }
    // It can be removed all the same.
    try runs.service.delete(runID: bad.runID)
    #expect(try runs.service.list().map(\.runID) == [good.runID])
  }
}
