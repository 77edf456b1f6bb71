import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

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

  @Test func `more threads than cores are told of, host by host and mask by mask`() {
    func entry(_ host: String, threads: Int, cores: Int, mask: UInt64 = 1) -> RankRoster.Entry {
      RankRoster.Entry(
        identity: ProcessIdentity(pid: 1, start: 1, bootID: "", host: host), threads: threads, cores: cores, mask: mask)
    }
    let enough = [entry("a", threads: 2, cores: 4), entry("a", threads: 2, cores: 4), entry("b", threads: 4, cores: 4)]
    #expect(RankRoster.warnings(enough) == [])
    // Ranks bound to a core each have no core in common.
    #expect(RankRoster.warnings((0..<3).map { entry("a", threads: 1, cores: 1, mask: $0) }) == [])
    let warnings = RankRoster.warnings([
      entry("a", threads: 3, cores: 4), entry("b", threads: 1, cores: 1), entry("a", threads: 3, cores: 4),
      entry("c", threads: 2, cores: 1), entry("b", threads: 1, cores: 1),
    ])
    #expect(
      warnings.map { $0.prefix { $0 != "," } } == [
        "6 threads of 2 workers share 4 cores of host a", "2 workers share 1 core of host b",
        "2 threads of 1 worker share 1 core of host c",
      ])
  }

  @Test func `the roster of one rank is this process`() throws {
    let roster = try RankRoster.gather(LocalCommunicator(), threads: 3)
    #expect(roster.map(\.identity.pid) == [ProcessTable.current().pid])
    #expect(roster.map(\.threads) == [3] && roster.map(\.cores) == [PhysicalCores.count()])
    #expect(roster.map(\.identity.host) == [ProcessTable.host()])
  }

  /// As the kernel writes it (proc_pid_smaps(5)).
  @Test func `memory is read from the kernel's lines`() {
    let text = "55d0-7fff ---p 00000000 00:00 0   [rollup]\nRss:    1500 kB\nPss:   1024 kB\nPss_Dirty:  8 kB\n"
    #expect(KernelFile.bytes("Pss", in: text) == 1_048_576)
    #expect(KernelFile.bytes("Swap", in: text) == nil)
    #expect(KernelFile.bytes("Pss", in: "Pss: 99999999999999999 kB") == nil)
    let own = ProcessMemory.current()
    #expect(own.peak > 1 << 20 && own.proportional > 1 << 20)
  }

  @Test func `children see listed variables only`() {
    let environment = ChildProcess.environment(
      from: [
        "PATH": "/bin", "AWS_SECRET": "x", "OMPI_MCA_btl": "tcp", "OMPI_COMM_WORLD_RANK": "1", "HYDRA_LAUNCHER": "rsh",
        "HYDI_CONTROL_FD": "9",
        // The variables that mpiexec of Open MPI 4.1 sets for this program as a rank.
        "OMPI_MCA_ess": "pmi", "OMPI_MCA_ess_base_jobid": "1", "OMPI_MCA_ess_base_vpid": "0", "OMPI_MCA_pmix": "^s1",
        "OMPI_MCA_orte_hnp_uri": "1.0;tcp://192.0.2.1:1", "OMPI_MCA_initial_wdir": "/",
      ],
      adding: ["A": "b"])
    #expect(environment == ["PATH": "/bin", "OMPI_MCA_btl": "tcp", "HYDRA_LAUNCHER": "rsh", "A": "b"])
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
