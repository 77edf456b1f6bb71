import CobreCommunication
import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Bytes of `run.sqlite` that change under a run that broke off: what is good is used, what is not is named.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct DamageTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  private static let request = RunRequest(
    caseDirectory: Installation.referenceCase("4ree"), backend: .local, iterations: 8, simulateScenarios: 4,
    restarts: 0)

  /// The bits of an undisturbed run.
  ///
  /// Computed once.
  private static let undisturbed = Result { () throws -> Bits in
    let runs = try RunsFixture()
    return try Bits(runs.store(of: runs.finish(request)))
  }

  /// A run that broke off after its third iteration at the earliest.
  private func broken() throws -> RunSnapshot {
    let started = try runs.service.start(Self.request).snapshot
    let going = try runs.progress(of: started, iterations: 3)
    let supervisor = try #require(try runs.supervisor(of: going))
    kill(pid_t(supervisor.pid), SIGKILL)
    #expect(RunsFixture.survivors(of: going.ranks.map(\.pid), within: 5) == [])
    let broken = try #require(try runs.service.snapshot(runID: started.runID))
    try #require(broken.state == .interrupted)
    return broken
  }

  /// Brings everything into the database itself, as the last one to close it does.
  private func settle(_ run: RunSnapshot) throws -> String {
    let path = run.directory + "/run.sqlite"
    do { _ = try RunStore.open(path).record() }
    #expect((FileManager.default.contents(atPath: path + "-wal") ?? Data()).isEmpty)
    return path
  }

  /// Changes a file, and returns how many matches `change` was called for.
  private func change(_ path: String, at pattern: [UInt8], _ change: (inout Data, Int) -> Void) throws -> Int {
    var bytes = try #require(FileManager.default.contents(atPath: path))
    var count = 0
    var start = bytes.startIndex
    while let found = bytes.range(of: Data(pattern), in: start..<bytes.endIndex) {
      change(&bytes, found.lowerBound)
      count += 1
      start = found.upperBound
    }
    // In place, as a failing disk would: the file stays the same one.
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    try file.write(contentsOf: bytes)
    try file.close()
    return count
  }

  private func finish(_ run: RunSnapshot) throws -> RunSnapshot {
    _ = try runs.service.resume(runID: run.runID)
    return try runs.service.wait(runID: run.runID, until: .now + .seconds(60))
  }

  @Test(.timeLimit(.minutes(2)))
  func `a last checkpoint that is damaged is passed over for the one before`() throws {
    let run = try broken()
    let path = try settle(run)
    let last = try #require(try RunStore.openForReading(path).latestCheckpoint())
    #expect(last.iteration == run.iteration)
    // The head of the checkpoint holds its iteration, so that the one before begins with other bytes.
    let head = Array(last.contents.prefix(40))
    #expect(try change(path, at: head) { bytes, place in bytes[place + 39] ^= 0x40 } >= 1)
    let good = try #require(try RunStore.openForReading(path).latestCheckpoint())
    #expect(good.iteration == run.iteration - 1)
    let ended = try finish(run)
    #expect(ended.state == .succeeded, "\(ended.error ?? "")")
    #expect(try Bits(runs.store(of: ended)) == Self.undisturbed.get())
  }

  @Test(.timeLimit(.minutes(2)))
  func `a log of the database that is damaged loses iterations, not bits`() throws {
    let run = try broken()
    let log = run.directory + "/run.sqlite-wal"
    let size = try #require(FileManager.default.contents(atPath: log)).count
    try #require(size > 8192)
    let file = try #require(FileHandle(forUpdatingAtPath: log))
    try file.seek(toOffset: UInt64(size - size / 4))
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: UInt64(size - size / 4))
    try file.write(contentsOf: [byte ^ 1])
    try file.close()
    // Others must not go on from what the first reader found out about the log before.
    unlink(run.directory + "/run.sqlite-shm")
    let ended = try finish(run)
    #expect(ended.state == .succeeded, "\(ended.error ?? "")")
    #expect(try Bits(runs.store(of: ended)) == Self.undisturbed.get())
  }

  @Test(.timeLimit(.minutes(2)), arguments: [true, false])
  func `cuts that are damaged are never computed with`(isPage: Bool) throws {
    let run = try broken()
    let path = try settle(run)
    let cuts = try #require(try RunStore.openForReading(path).cuts().first)
    var coefficients: [UInt8] = []
    LittleEndianBytes.append([cuts.intercepts[0]] + cuts.slopes.prefix(4), to: &coefficients)
    #expect(
      try change(path, at: coefficients) { bytes, place in
        // Either the kind of the page, which SQLite notices, or a digit, which only the checksum reveals. Equal cuts
        // may be on one page, so its kind becomes an invalid one.
        if isPage { bytes[place / 4096 * 4096] = 0x7 } else { bytes[place + 13] ^= 0x08 }
      } >= 1)
    let ended = try finish(run)
    #expect(ended.state == .failed)
    #expect(ended.error?.contains("damaged") == true, "\(ended.error ?? "")")
    #expect(ended.error?.contains("run.sqlite") == true, "\(ended.error ?? "")")
    // What is not damaged can be read all the same.
    #expect(try runs.service.convergence(runID: run.runID).count == run.iteration)
  }
}
