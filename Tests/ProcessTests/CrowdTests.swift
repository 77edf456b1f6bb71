import CobreCommunication
import Foundation
import Synchronization
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Two servers and ten clients on one runs directory.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"))
struct CrowdTests {
  @Test(.timeLimit(.minutes(2)))
  func `everybody gets an answer and every run its end`() throws {
    let runs = try RunsFixture()
    let servers = (0..<2).map { _ in
      RunService(
        runsDirectory: runs.path, workerExecutable: Installation.worker, limits: RunLimits(runsAtOnce: 2))
    }
    let outcomes = Mutex<[(name: String, id: String, created: Bool)]>([])
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 10) { client in
      let server = servers[client % 2]
      do {
        // Five names, each wanted by two clients of different servers.
        let name = "run-\(client / 2)"
        let request = RunRequest(
          caseDirectory: Installation.referenceCase("d01-thermal-dispatch"), backend: .local, iterations: 3,
          runName: name)
        let (run, created) = try server.start(request)
        for _ in 0..<5 {
          _ = try server.list()
          _ = try server.snapshot(runID: run.runID)
        }
        let ended = try server.wait(runID: run.runID, until: .now + .seconds(90))
        if ended.state != .succeeded { throw RunError(.wrongState, "\(ended.state): \(ended.error ?? "")") }
        outcomes.withLock { $0.append((name, run.runID, created)) }
      } catch {
        failures.withLock { $0.append("client \(client): \(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let all = outcomes.withLock { $0 }
    #expect(all.count == 10)
    #expect(Set(all.map(\.id)).count == 5)
    #expect(all.filter(\.created).count == 5)
    #expect(Set(all.map { $0.name + $0.id }).count == 5)
    #expect(try servers[0].list().count == 5)
  }
}
