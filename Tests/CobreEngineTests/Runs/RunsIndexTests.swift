import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

@Suite struct RunsIndexTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func make(_ index: RunsIndex, name: String?, at: Double) throws -> (id: String, holder: String?) {
    let id = RunIdentifier.make()
    let holder = try index.enter(runID: id, name: name, createdAt: at) {
      let run = RunDirectory(runsDirectory: directory.path, runID: id)
      try Disk.createDirectory(run.path)
      let manifest = RunManifest(
        runID: id, createdAt: at, engineVersion: "1", request: RunRequest(caseDirectory: "/case", runName: name),
        caseHash: "x",
        settings: RunSettings(
          iterations: 1, forwardPasses: 1, timeLimitSeconds: nil, seed: nil, simulateScenarios: 0, restarts: 0),
        backend: "local", backendReason: "", workers: 1, warnings: [])
      try manifest.write(to: run.manifestPath)
    }
    return (id, holder)
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
