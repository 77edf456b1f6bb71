import Foundation
import Testing

@testable import CobreEngine

@Suite struct ProcessFactsTests {
  @Test func `this process is alive and a stranger with its number is not`() {
    var identity = ProcessTable.current()
    #expect(ProcessTable.isAlive(identity) == true)
    identity.start += 1
    #expect(ProcessTable.isAlive(identity) == false)
    identity.host += "-other"
    #expect(ProcessTable.isAlive(identity) == nil)
    #expect(ProcessTable.start(of: -1) == nil)
  }

  @Test(arguments: [
    ("0-3", [0, 1, 2, 3]), ("0,2-3,9", [0, 2, 3, 9]), ("", []), ("5-2,x,1", [1]), ("0-99999999", []),
  ])
  func `processor lists`(text: String, expected: [Int]) {
    #expect(PhysicalCores.parse(text) == expected)
  }

  @Test func `there is a core, and no more than processors`() {
    #expect((1...ProcessInfo.processInfo.processorCount).contains(PhysicalCores.count()))
  }

  @Test func `children see listed variables only`() {
    let environment = ChildProcess.environment(
      from: ["PATH": "/bin", "AWS_SECRET": "x", "OMPI_MCA_btl": "tcp", "OMPI_COMM_WORLD_RANK": "1"],
      adding: ["A": "b"])
    #expect(environment == ["PATH": "/bin", "OMPI_MCA_btl": "tcp", "A": "b"])
  }

  @Test func `a program that is not there is a sentence`() throws {
    let directory = try TemporaryDirectory()
    let error = #expect(throws: RunError.self) {
      try ChildProcess.spawn(
        "/nonexistent/program", [], environment: [:], log: directory.path + "/log", detached: false)
    }
    #expect(error?.message == "Cannot start /nonexistent/program: No such file or directory.")
  }

  @Test func `a child gets its arguments, the environment given and the log, and nothing else`() throws {
    let directory = try TemporaryDirectory()
    let log = directory.path + "/log"
    let pid = try ChildProcess.spawn(
      "/bin/sh", ["-c", "echo \"$1:$A:$HOME\"; ls /proc/self/fd | wc -l; exit 3", "name", "a b"],
      environment: ["A": "x", "PATH": "/usr/bin:/bin"], log: log, detached: true)
    var status: Int32 = 0
    #expect(waitpid(pid, &status, 0) == pid)
    #expect(ChildProcess.End(status: status) == .exited(3))
    // Standard input, output, error, and the listing's own descriptor.
    #expect(LogTail.read(log, lines: 9) == ["a b:x:", "4"])
  }
}
