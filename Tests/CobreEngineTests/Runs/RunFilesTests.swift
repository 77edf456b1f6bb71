import CobreCommunication
import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

@Suite struct RunFilesTests {
  @Test func `ids are long, differ and are recognised`() {
    let ids = (0..<100).map { _ in RunIdentifier.make() }
    #expect(Set(ids).count == 100)
    #expect(ids.allSatisfy { RunIdentifier.isValid($0) && $0.count == 30 })
  }

  @Test(arguments: [
    "", "run_", "run_../../../../../../etc/passwd", "run_ABCDEFGHIJKLMNOPQRSTUVWXYZ", "run_aaaaaaaaaaaaaaaaaaaaaaaaa/",
    "run_aaaaaaaaaaaaaaaaaaaaaaaaaaa",
  ])
  func `texts that are no ids are refused`(text: String) {
    #expect(!RunIdentifier.isValid(text))
  }

  @Test func `a request survives being written and read`() throws {
    let directory = try TemporaryDirectory()
    let manifest = RunManifest(
      runID: RunIdentifier.make(), createdAt: 1.5, engineVersion: "9",
      request: RunRequest(caseDirectory: "/a \"b\"/ü", backend: .tcp, workers: 3, seed: .min, runName: "n"),
      caseHash: "h",
      settings: RunSettings(
        iterations: 5, forwardPasses: 2, timeLimitSeconds: 0.1, seed: -1, simulateScenarios: 0, restarts: 0),
      backend: "tcp", backendReason: "asked", workers: 3, warnings: ["w"])
    let path = directory.path + "/run.json"
    try manifest.write(to: path)
    #expect(try RunManifest.read(from: path) == manifest)
    let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(permissions == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["run.json"])
  }

  @Test func `a request of an engine without threads asks for one`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/run.json"
    let text = """
      {"format": 1, "runID": "run_abcdefghijklmnopqrstuvwxyz", "createdAt": 1.5, "engineVersion": "0.1.0",
      "request": {"caseDirectory": "/a", "backend": "auto"}, "caseHash": "h",
      "settings": {"iterations": 5, "forwardPasses": 2, "simulateScenarios": 0, "restarts": 2},
      "backend": "shm", "backendReason": "r", "workers": 2, "warnings": []}
      """
    try AtomicFile.write(Array(text.utf8), to: path)
    let manifest = try RunManifest.read(from: path)
    #expect(manifest.settings.threads == 1 && manifest.request.threadsPerWorker == nil)
    // An equal request of today is the same run.
    #expect(
      RunRequest(caseDirectory: "/a", solver: .highs, statisticalGap: 0.1).differences(from: manifest.request)
        == ["statistical_gap", "solver"])
    #expect(RunRequest(caseDirectory: "/a", threadsPerWorker: 1).differences(from: manifest.request) == [])
    #expect(
      RunRequest(caseDirectory: "/a", threadsPerWorker: 2).differences(from: manifest.request) == ["threads_per_worker"]
    )
  }

  @Test func `a damaged request is a sentence`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/run.json"
    try AtomicFile.write(Array("{\"format\":".utf8), to: path)
    let error = #expect(throws: RunError.self) { try RunManifest.read(from: path) }
    #expect(error?.message.contains("damaged") == true)
  }

  @Test func `a request that changed since it was written is refused, one of an older engine is read`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/run.json"
    let manifest = RunManifest(
      runID: RunIdentifier.make(), createdAt: 1.5, engineVersion: "9",
      request: RunRequest(caseDirectory: "/a", workers: 3, seed: 42, runName: "n"), caseHash: "h",
      settings: RunSettings(
        iterations: 5, forwardPasses: 2, timeLimitSeconds: 0.1, seed: 42, simulateScenarios: 0, restarts: 0),
      backend: "tcp", backendReason: "asked", workers: 3, warnings: ["w"])
    try manifest.write(to: path)
    let good = try AtomicFile.read(path, limit: 1 << 20)
    var refused = 0
    for place in good.indices {
      var bad = good
      bad[place] ^= 1 << (place % 8)
      try AtomicFile.write(bad, to: path)
      do { #expect(try RunManifest.read(from: path) == manifest, "byte \(place)") } catch is RunError { refused += 1 }
    }
    #expect(refused > good.count / 2)
    let text = String(decoding: good, as: UTF8.self)
    try AtomicFile.write(Array(text.replacing("42", with: "43").utf8), to: path)
    let error = #expect(throws: RunError.self) { try RunManifest.read(from: path) }
    #expect(error?.message.contains("is damaged: ") == true)
    #expect(error?.message.contains("take the member checksum out") == true)
    // Blanks and the order of members mean nothing.
    var members = try #require(JSONParser.parse(good).object)
    try AtomicFile.write(JSONValue.object(members).serialized(.init(sortedKeys: true)), to: path)
    #expect(try RunManifest.read(from: path) == manifest)
    members["checksum"] = nil
    try AtomicFile.write(JSONValue.object(members).serialized(), to: path)
    #expect(try RunManifest.read(from: path) == manifest)
  }

  @Test func `writing into a directory that is gone is a sentence`() {
    let error = #expect(throws: RunError.self) { try AtomicFile.write([1], to: "/nonexistent/file") }
    #expect(error?.message == "Cannot create /nonexistent/file.\(getpid()).tmp: No such file or directory.")
  }

  @Test func `run directories are closed to others`() throws {
    let directory = try TemporaryDirectory()
    try Disk.createDirectory(directory.path + "/a/b")
    let permissions = try FileManager.default.attributesOfItem(atPath: directory.path + "/a/b")[.posixPermissions]
    #expect(permissions as? Int == 0o700)
  }

  /// Vectors of RFC 9923 for the empty input do not apply, since lengths are hashed too.
  ///
  /// What counts is that different inputs differ.
  @Test func `content hashes tell pieces apart`() {
    func hash(_ pieces: [String]) -> String {
      var hash = ContentHash()
      for piece in pieces { hash.combine(piece.utf8) }
      return hash.text
    }
    #expect(hash(["ab", "c"]) != hash(["a", "bc"]))
    #expect(hash(["ab", "c"]) == hash(["ab", "c"]))
    #expect(hash([""]) != hash([]))
    #expect(hash(["a"]).utf8.count == "fnv1a128:".utf8.count + 32)
  }
}
