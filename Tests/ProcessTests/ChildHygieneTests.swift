import CobreCommunication
import CobreRuns
import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine

/// What the processes of a run get to see, and what they leave behind.
@Suite(.enabled(if: Installation.hasReferenceCases, "the reference cases are not there"), .serialized)
struct ChildHygieneTests {
  private let runs: RunsFixture

  init() throws { runs = try RunsFixture() }

  @Test(.timeLimit(.minutes(1)))
  func `secrets reach neither children nor command lines nor logs`() throws {
    setenv("COBRE_TEST_SECRET_OF_THE_SERVER", "hunter2", 1)
    defer { unsetenv("COBRE_TEST_SECRET_OF_THE_SERVER") }
    let started = try runs.service.start(RunLifeTests.long(.tcp, 2)).snapshot
    let going = try runs.progress(of: started)
    let supervisor = try #require(try runs.supervisor(of: going))
    let tokenPath = going.directory + "/token"
    let token = try #require(try? String(contentsOfFile: tokenPath, encoding: .utf8))
    #expect(token.utf8.count >= 26)
    let mode = try FileManager.default.attributesOfItem(atPath: tokenPath)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    for pid in going.ranks.map(\.pid) + [supervisor.pid] {
      for file in ["environ", "cmdline"] {
        let text = KernelFile.contents("/proc/\(pid)/\(file)") ?? ""
        #expect(!text.isEmpty)
        #expect(!text.contains("hunter2") && !text.contains(token), "\(file) of \(pid)")
      }
    }
    _ = try runs.service.cancel(runID: started.runID)
    let ended = try runs.service.wait(runID: started.runID, until: .now + .seconds(20))
    #expect(ended.state == .cancelled)
    var files = 0
    for file in try FileManager.default.subpathsOfDirectory(atPath: ended.directory) {
      let path = ended.directory + "/" + file
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      files += 1
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(token.utf8)) == nil, "\(file)")
    }
    #expect(files >= 4)
  }

  @Test(.timeLimit(.minutes(1)))
  func `the supervisor holds no descriptor of the server, has its own session and leaves no zombie`() throws {
    // A pipe that is not marked close-on-exec, as a careless host of the server may have.
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let started = try runs.service.start(RunLifeTests.long(.local, 1)).snapshot
    let going = try runs.progress(of: started)
    let supervisor = try #require(try runs.supervisor(of: going))
    for pid in [supervisor.pid] + going.ranks.map(\.pid) {
      let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").map {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")) ?? ""
      }
      #expect(descriptors.filter { $0.hasPrefix("pipe:") } == [])
    }
    #expect(getsid(pid_t(supervisor.pid)) == pid_t(supervisor.pid))
    _ = try runs.service.cancel(runID: started.runID)
    _ = try runs.service.wait(runID: started.runID, until: .now + .seconds(20))
    let deadline = ContinuousClock.now + .seconds(5)
    while access("/proc/\(supervisor.pid)", F_OK) == 0, ContinuousClock.now < deadline { usleep(20_000) }
    #expect(access("/proc/\(supervisor.pid)", F_OK) != 0)
  }
}
