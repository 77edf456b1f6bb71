import Testing

@testable import CobreCase
@testable import CobreCommunication
@testable import CobreEngine
@testable import CobreRuns

@Suite struct HostListTests {
  @Test(arguments: ["node1", "a", "10.0.0.1", "rack-3.cluster.example", String(repeating: "a", count: 63)])
  func `names of hosts and addresses are taken`(name: String) {
    #expect(HostList.isName(name))
  }

  @Test(arguments: [
    "", "-n", "--mca", ".", "a.", ".a", "a..b", "a-", "node1 slots=9", "node1\nnode2", "node1\0", "a;reboot", "$(id)",
    "`id`", "a/b", "a_b", "user@host", "host:2", "ü", "::1", "a,b", String(repeating: "a", count: 64),
    String(repeating: "a.", count: 127) + "a",
  ])
  func `whatever else could mean something to a launcher or a shell is refused`(name: String) {
    #expect(!HostList.isName(name))
    let request = RunRequest(caseDirectory: "/case", backend: .mpi, workers: 2, hosts: [name])
    let error = #expect(throws: RunError.self) { try request.check() }
    #expect(error?.code == .invalidRequest && error?.message.contains("`hosts` must be host names") == true)
  }

  @Test(arguments: [RequestedBackend.auto, .local, .shm, .tcp])
  func `only a launcher reaches other hosts`(backend: RequestedBackend) {
    let request = RunRequest(caseDirectory: "/case", backend: backend, hosts: ["node1", "node2"])
    let error = #expect(throws: RunError.self) { try request.check() }
    #expect(error?.message.contains("`hosts` needs the `backend` mpi") == true)
  }

  @Test func `every host gets a worker`() throws {
    try RunRequest(caseDirectory: "/case", backend: .mpi, hosts: ["node1"]).check()
    try RunRequest(caseDirectory: "/case", backend: .mpi, workers: 2, hosts: ["node1", "node2"]).check()
    for (workers, hosts) in [(1, ["node1"]), (2, ["a", "b", "c"])] {
      let request = RunRequest(caseDirectory: "/case", backend: .mpi, workers: workers, hosts: hosts)
      let error = #expect(throws: RunError.self) { try request.check() }
      #expect(error?.message.contains("; \(workers) was given") == true)
    }
    for hosts in [[], .init(repeating: "a", count: 257)] {
      let request = RunRequest(caseDirectory: "/case", backend: .mpi, hosts: hosts)
      #expect(throws: RunError.self) { try request.check() }
    }
    #expect(HostList.defaultWorkers(["node1"]) == 2 && HostList.defaultWorkers(["a", "b", "c"]) == 3)
  }

  @Test func `the file has as many places as ranks`() {
    #expect(HostList.file(["a", "b"], workers: 5, for: .openMPI) == "a slots=3\nb slots=2\n")
    #expect(HostList.file(["a", "b"], workers: 5, for: .hydra) == "a:3\nb:2\n")
    #expect(HostList.file(["a"], workers: 2, for: .openMPI) == "a slots=2\n")
  }

  /// The first lines of what the launchers of Debian and of Intel say.
  @Test(arguments: [
    ("mpiexec (OpenRTE) 4.1.4\n", HostList.Flavour.openMPI), ("mpiexec (Open MPI) 5.0.3\n", .openMPI), ("", .openMPI),
    ("HYDRA build details:\n    Version: 4.0.2\n", .hydra),
    ("Intel(R) MPI Library for Linux* OS, Version 2021.9 Build 20230307\n", .hydra),
  ])
  func `launchers are told apart`(version: String, flavour: HostList.Flavour) {
    #expect(HostList.Flavour(version: version) == flavour)
  }

  @Test func `ranks on other hosts are told of bounds, and nothing else`() {
    let environment = [
      "COBRE_COMM_SILENCE_LIMIT_MS": "5", "COBRE_COMM_BACKEND": "mpi", "COBRE_COMM_FAULT": "9:1:start:0",
      "COBRE_TCP_TOKEN": "secret", "PATH": "/bin", "AWS_SECRET": "x",
    ]
    #expect(
      RankLauncher.assignments(environment) == ["COBRE_COMM_FAULT=9:1:start:0", "COBRE_COMM_SILENCE_LIMIT_MS=5"])
  }
}
