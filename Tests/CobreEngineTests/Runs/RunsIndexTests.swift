import Foundation
import GRDB
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

@Suite struct RunsIndexTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func make(
    _ index: RunsIndex, name: String?, at: Double, caseDirectory: String = "/case"
  ) throws -> (id: String, holder: String?) {
    let id = RunIdentifier.make()
    let holder = try index.enter(runID: id, name: name, createdAt: at, caseDirectory: caseDirectory) {
      let run = RunDirectory(runsDirectory: directory.path, runID: id)
      try Disk.createDirectory(run.path)
      let manifest = RunManifest(
        runID: id, createdAt: at, engineVersion: "1", request: RunRequest(caseDirectory: caseDirectory, runName: name),
        caseHash: "x",
        settings: RunSettings(
          iterations: 1, forwardPasses: 1, timeLimitSeconds: nil, seed: nil, simulateScenarios: 0, restarts: 0),
        backend: "local", backendReason: "", workers: 1, warnings: [])
      try manifest.write(to: run.manifestPath)
    }
    return (id, holder)
  }

  /// All find no index, or one without the column of cases, and one of them makes it.
  @Test func `servers that open a new index at once all get it`() throws {
    for round in 0..<20 {
      let path = directory.path + "/\(round)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let group = DispatchGroup()
      for _ in 0..<8 {
        group.enter()
        Thread.detachNewThread {
          #expect(throws: Never.self) { _ = try RunsIndex(runsDirectory: path) }
          group.leave()
        }
      }
      #expect(group.wait(timeout: .now() + 60) == .success)
    }
  }

  @Test func `a name has one holder and runs are listed newest first`() throws {
    let index = try RunsIndex(runsDirectory: directory.path)
    let first = try make(index, name: "a", at: 1)
    let second = try make(index, name: nil, at: 2)
    #expect(first.holder == nil)
    #expect(try make(index, name: "a", at: 3).holder == first.id)
    #expect(try index.runs() == [second.id, first.id])
    #expect(try index.run(named: "a") == first.id)
  }

  /// Runs of a case are found without reading any run: whose files are no runs at all are found too.
  @Test func `runs of a case are found by the index alone`() throws {
    let index = try RunsIndex(runsDirectory: directory.path)
    var ids: [String] = []
    for number in 0..<30 {
      ids.append(try make(index, name: nil, at: Double(number), caseDirectory: number % 3 == 0 ? "/a" : "/b").id)
    }
    for id in ids.dropFirst(3) { try index.setActive(id, false) }
    let own = stride(from: 0, to: 30, by: 3).map { ids[$0] }
    for id in ids {
      try Data("{}".utf8).write(
        to: URL(filePath: RunDirectory(runsDirectory: directory.path, runID: id).manifestPath))
    }
    // The newest two, and the one that goes on.
    #expect(try index.runs(ofCase: "/a", limit: 2) == [own[9], own[8], own[0]])
    #expect(try index.runs(ofCase: "/c", limit: 2) == [])
  }

  /// An index of an engine that kept no cases gets those of the runs that are there, and such an engine can go on with
  /// it.
  @Test func `cases are added to an older index`() throws {
    let index = try RunsIndex(runsDirectory: directory.path)
    let one = try make(index, name: nil, at: 1, caseDirectory: "/a")
    let path = RunsIndex.path(in: directory.path)
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "ALTER TABLE run DROP COLUMN case_dir") }
    let again = try RunsIndex(runsDirectory: directory.path)
    #expect(try again.runs(ofCase: "/a", limit: 5) == [one.id])
    try queue.write {
      try $0.execute(sql: "INSERT INTO run (run_id, run_name, created_at) VALUES ('run_x', NULL, 2)")
    }
    #expect(try again.runs(ofCase: "/a", limit: 5) == [one.id])
    #expect(!FileManager.default.fileExists(atPath: path + ".damaged"))
  }

  @Test func `a directory that cannot be listed is not an empty one`() throws {
    #expect(try RunsIndex.manifests(in: directory.path + "/none").isEmpty)
    let file = directory.path + "/file"
    try Data().write(to: URL(fileURLWithPath: file))
    let error = #expect(throws: RunError.self) { try RunsIndex.manifests(in: file) }
    #expect(error?.message.contains("cannot be read") == true)
  }

  @Test func `a run whose files are gone frees its name`() throws {
    let index = try RunsIndex(runsDirectory: directory.path)
    let first = try make(index, name: "a", at: 1)
    try RunDirectory(runsDirectory: directory.path, runID: first.id).remove()
    #expect(try index.runs().isEmpty)
    let second = try make(index, name: "a", at: 2)
    #expect(second.holder == nil)
    #expect(try index.run(named: "a") == second.id)
  }

  @Test func `nothing is entered where the files cannot be made`() throws {
    let index = try RunsIndex(runsDirectory: directory.path)
    #expect(throws: RunError.self) {
      try index.enter(runID: RunIdentifier.make(), name: "a", createdAt: 1) { throw RunError(.storage, "No.") }
    }
    #expect(try make(index, name: "a", at: 2).holder == nil)
  }

  @Test(arguments: [true, false]) func `an index that is damaged or lost is built anew`(damaged: Bool) throws {
    let first = try make(try RunsIndex(runsDirectory: directory.path), name: "a", at: 1)
    let second = try make(try RunsIndex(runsDirectory: directory.path), name: "b", at: 2)
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: directory.path + "/index.sqlite" + suffix)
    }
    if damaged {
      try Data(repeating: 0x42, count: 4096).write(to: URL(fileURLWithPath: directory.path + "/index.sqlite"))
    }
    let index = try RunsIndex(runsDirectory: directory.path)
    #expect(try index.runs() == [second.id, first.id])
    #expect(try index.run(named: "a") == first.id)
  }

  @Test func `settings outlive the index object`() throws {
    try RunsIndex(runsDirectory: directory.path).setSetting("default_backend", to: "tcp")
    #expect(try RunsIndex(runsDirectory: directory.path).setting("default_backend") == "tcp")
    #expect(try RunsIndex(runsDirectory: directory.path).setting("other") == nil)
  }
}
