import CobreCommunication
import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// A name makes a request repeatable, by any client at any time.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"))
struct RunNameTests {
  private let runs: RunsFixture
  private let request = RunRequest(
    caseDirectory: Installation.referenceCase("d01-thermal-dispatch"), backend: .local, iterations: 2, runName: "one")

  init() throws { runs = try RunsFixture() }

  @Test func `the same request finds the run, another one is refused`() throws {
    let first = try runs.service.start(request)
    #expect(first.created)
    let second = try runs.service.start(request)
    #expect(!second.created)
    #expect(second.snapshot.runID == first.snapshot.runID)
    var other = request
    other.iterations = 3
    let error = #expect(throws: RunError.self) { try runs.service.start(other) }
    #expect(error?.code == .nameTaken)
    #expect(error?.message.contains("iterations") == true)
    #expect(try runs.service.list().count == 1)
  }

  @Test(.timeLimit(.minutes(1)))
  func `several processes at once start one run`() throws {
    let arguments = [
      "start", request.caseDirectory, "--runs-dir", runs.path, "--backend", "local", "--iterations", "2",
      "--run-name", "one",
    ]
    let outputs = try (0..<4).map { _ in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Installation.worker)
      process.arguments = arguments
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      return (process, output)
    }
    let lines = outputs.map { process, output in
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return text.split(separator: " ").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }
    #expect(lines.allSatisfy { $0.count == 3 })
    #expect(Set(lines.map { $0.first }).count == 1)
    #expect(lines.filter { $0.last == "created" }.count == 1)
    #expect(try runs.service.list().count == 1)
  }
}
