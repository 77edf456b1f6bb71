import CobreCommunication
import CobreRuns
import CobreTestSupport
import Foundation
import Testing

/// Two network namespaces with a cable between them, which sockets cannot distinguish from hosts.
///
/// Needs root.
final class TwoHosts {
  private let names: [String]
  let addresses = ["10.203.77.1", "10.203.77.2"]
  static let tool = "/usr/sbin/ip"

  /// True if namespaces may be made.
  static let areAllowed: Bool = {
    let name = "cobretry\(getpid())"
    guard FileManager.default.isExecutableFile(atPath: tool), run(["netns", "add", name]) else { return false }
    return run(["netns", "del", name])
  }()

  init() throws {
    let unique = String(getpid() % 100_000)
    names = ["cobre-a\(unique)", "cobre-b\(unique)"]
    let cable = ["cba\(unique)", "cbb\(unique)"]
    for name in names { try #require(Self.run(["netns", "add", name])) }
    try #require(Self.run(["link", "add", cable[0], "type", "veth", "peer", "name", cable[1]]))
    for side in 0..<2 {
      try #require(Self.run(["link", "set", cable[side], "netns", names[side]]))
      try #require(Self.run(["-n", names[side], "link", "set", cable[side], "name", "cable"]))
      try #require(Self.run(["-n", names[side], "addr", "add", "\(addresses[side])/24", "dev", "cable"]))
      try #require(Self.run(["-n", names[side], "link", "set", "cable", "up"]))
      try #require(Self.run(["-n", names[side], "link", "set", "lo", "up"]))
    }
  }

  deinit {
    // Processes of a host that has vanished for its launcher know nothing of the end of the test.
    for name in names {
      _ = Self.run("/bin/sh", ["-c", "\(Self.tool) netns pids \(name) | xargs -r kill -9"])
      _ = Self.run(["netns", "del", name])
    }
  }

  /// Pulls the cable of one host.
  func cut(_ side: Int) { _ = Self.run(["-n", names[side], "link", "set", "cable", "down"]) }

  /// A group with one rank per host.
  func group(_ arguments: [String], silenceMilliseconds: Int = 60_000) throws -> WorkerGroup {
    try group { _ in
      ["conformance"] + arguments
    } silenceMilliseconds: {
      silenceMilliseconds
    }
  }

  /// A group with one rank per host, started as the documentation says, over `tcp`.
  func group(_ arguments: (Int) -> [String], silenceMilliseconds: () -> Int = { 60_000 }) throws -> WorkerGroup {
    let silenceMilliseconds = silenceMilliseconds()
    return try WorkerGroup(
      commands: (0..<2).map { rank in
        (
          Self.tool, ["netns", "exec", names[rank], WorkerGroup.worker.path] + arguments(rank),
          [
            CommunicationVariable.coordinator: addresses[0], CommunicationVariable.port: "29517",
            CommunicationVariable.rank: String(rank), CommunicationVariable.size: "2",
            CommunicationVariable.token: "two hosts", CommunicationVariable.backend: "tcp",
            CommunicationVariable.silenceLimit: String(silenceMilliseconds),
          ]
        )
      })
  }

  /// Two ranks on the first host and one on the second, which keep meeting with so many bytes of each.
  func three(bytes: Int) throws -> WorkerGroup {
    try WorkerGroup(
      commands: (0..<3).map { rank in
        (
          Self.tool,
          [
            "netns", "exec", names[rank / 2], WorkerGroup.worker.path, "conformance", "--check", "unequalCounts",
            "--barrier-seconds", "2", "--meeting-bytes", String(bytes),
          ],
          [
            CommunicationVariable.coordinator: addresses[0], CommunicationVariable.port: "29518",
            CommunicationVariable.rank: String(rank), CommunicationVariable.size: "3",
            CommunicationVariable.token: "two hosts", CommunicationVariable.backend: "tcp",
          ]
        )
      })
  }

  /// A program on the first host, with a remote shell for MPI that reaches the second.
  func launch(_ arguments: [String], shell: String, adding: [String: String] = [:]) throws -> WorkerGroup {
    // Called as `shell HOST COMMAND...`, where the words of the command are to be read by a shell, as ssh does.
    let script = """
      #!/bin/sh
      case $1 in
        \(addresses[0])) name=\(names[0]) ;;
        \(addresses[1])) name=\(names[1]) ;;
        *) echo "unknown host $1" >&2; exit 255 ;;
      esac
      shift
      exec \(Self.tool) netns exec $name env -i PATH="$PATH" HOME="$HOME" /bin/sh -c "$*"
      """
    try script.write(toFile: shell, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: shell)
    return try WorkerGroup(commands: [
      (
        Self.tool, ["netns", "exec", names[0], WorkerGroup.worker.path] + arguments,
        [
          "OMPI_MCA_plm_rsh_agent": shell, "OMPI_MCA_btl_tcp_if_include": "cable",
          "OMPI_MCA_oob_tcp_if_include": "cable",
        ].merging(adding) { $1 }
      )
    ])
  }

  private static func run(_ arguments: [String]) -> Bool { run(tool, arguments) }

  private static func run(_ program: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

@Suite(.serialized, .enabled(if: TwoHosts.areAllowed, "network namespaces need root and iproute2"))
struct TwoHostsTests {
  @Test func ranksOfTwoHostsAgree() throws {
    let hosts = try TwoHosts()
    let group = try hosts.group(ConformanceSize.arguments)
    for ended in try group.end(within: 60) { #expect(ended.code == 0, "\(ended.output)") }
  }

  /// Besides rank 0, each rank is connected to the next and the previous one, and large payloads go that way.
  @Test func neighboursOfSeveralHostsConnect() throws {
    let hosts = try TwoHosts()
    let group = try hosts.three(bytes: 400_000)
    try group.waitForSockets(1, count: 3)
    try group.waitForSockets(2, count: 3)
    for ended in try group.end(within: 30) {
      #expect(ended.code == 0, "\(ended.output)")
      #expect(!ended.output.contains("cannot connect directly"), "\(ended.output)")
    }
  }

  @Test func aHostThatVanishesIsNoticedByTheOther() throws {
    let hosts = try TwoHosts()
    let group = try hosts.group(FaultTests.meeting, silenceMilliseconds: 2000)
    for rank in 0..<2 { try group.waitForOutput(rank, "meets") }
    hosts.cut(1)
    for ended in try group.end(within: 15) {
      #expect(ended.code == 76, "\(ended.output)")
      #expect(ended.output.contains("peerSilent") || ended.output.contains("peerDied"), "\(ended.output)")
    }
  }

  private struct Bits: Equatable {
    var bounds: [UInt64?]
    var cuts: [[UInt64]]
    var costs: [UInt64?]

    init(_ directory: String) throws {
      let store = try RunStore.openForReading(directory + "/run.sqlite")
      bounds = try store.convergence(since: 0).flatMap { [$0.lowerBound?.bitPattern, $0.upperBound?.bitPattern] }
      cuts = try store.cuts().map { ($0.intercepts + $0.slopes).map(\.bitPattern) }
      costs = try store.simulatedCosts().map { $0?.bitPattern }
    }
  }

  private static let fourAreas = ReferenceCollection.packageRoot + "/examples/four-areas"
  private static let few = ["--iterations", "3", "--simulate", "4"]

  /// A directory that goes with the test.
  private final class Scratch {
    let path = FileManager.default.temporaryDirectory.path + "/cobre-hosts-" + UUID().uuidString
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  /// What one process alone computes.
  private static func alone(in scratch: Scratch) throws -> Bits {
    let output = scratch.path + "/alone"
    let group = try WorkerGroup(commands: [
      (WorkerGroup.worker.path, ["train", fourAreas, "--output", output] + few, [:])
    ])
    for ended in try group.end(within: 60) { try #require(ended.code == 0, "\(ended.output)") }
    return try Bits(output)
  }

  @Test func ranksOfTwoHostsTrainToTheSameBits() throws {
    let scratch = try Scratch()
    let hosts = try TwoHosts()
    let output = scratch.path + "/run"
    let group = try hosts.group { rank in
      ["train", Self.fourAreas, "--output", output, "--threads-per-worker", String(1 + rank)] + Self.few
    }
    for ended in try group.end(within: 90) { #expect(ended.code == 0, "\(ended.output)") }
    let store = try RunStore.openForReading(output + "/run.sqlite")
    #expect(try store.record().ranks.map(\.threads) == [1, 2])
    #expect(try store.record().ranks.allSatisfy { $0.solves > 0 })
    #expect(try Bits(output) == Self.alone(in: scratch))
  }

  /// Starts a run over MPI on both hosts, with a remote shell of the test's own.
  private func launchOverMPI(
    _ hosts: TwoHosts, _ scratch: Scratch, runs: String, _ more: [String], adding: [String: String] = [:]
  ) throws -> WorkerGroup {
    let command = ["start", Self.fourAreas, "--runs-dir", runs, "--backend", "mpi", "--wait", "90"]
    return try hosts.launch(
      command + ["--hosts", hosts.addresses.joined(separator: ",")] + more, shell: scratch.path + "/remote-shell",
      adding: adding)
  }

  /// The launcher starts a daemon on the second host, which sees nothing of this process's environment.
  @Test(.enabled(if: WorkerGroup.mpiexec != nil, "there is no mpiexec"))
  func anMPILauncherTrainsOnTwoHosts() throws {
    let scratch = try Scratch()
    let hosts = try TwoHosts()
    let runs = scratch.path + "/runs"
    let group = try launchOverMPI(hosts, scratch, runs: runs, ["--iterations", "3"])
    let ended = try #require(try group.end(within: 120).first)
    #expect(ended.output.contains("succeeded"), "\(ended.output)")
    let runID = try #require(ended.output.split(separator: " ").first.map(String.init))
    let run = runs + "/" + runID
    #expect(
      try String(contentsOfFile: run + "/hosts", encoding: .utf8)
        == hosts.addresses.map { "\($0) slots=1\n" }.joined())
    let alone = try Self.alone(in: scratch)
    let found = try Bits(run)
    #expect(found.bounds == alone.bounds && found.cuts == alone.cuts)
  }

  /// Over MPI nothing can be known of a rank of another host but that it is silent, for ten times the limit.
  @Test(.enabled(if: WorkerGroup.mpiexec != nil, "there is no mpiexec"))
  func aHostThatVanishesFailsTheRunOverMPI() throws {
    let scratch = try Scratch()
    let hosts = try TwoHosts()
    let runs = scratch.path + "/runs"
    let group = try launchOverMPI(
      hosts, scratch, runs: runs, ["--iterations", "100000", "--restarts", "0"],
      adding: [CommunicationVariable.silenceLimit: "300"])
    func run() -> String? {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []
      return names.first { $0.hasPrefix("run_") }.map { "\(runs)/\($0)" }
    }
    let end = Date().addingTimeInterval(60)
    while true {
      if let path = run(), let store = try? RunStore.openForReading(path + "/run.sqlite"),
        let found = try? store.convergence(since: 0), !found.isEmpty
      {
        break
      }
      try #require(Date() < end, "no iteration: \(group.output(0))")
      usleep(100_000)
    }
    hosts.cut(1)
    let began = Date()
    let ended = try #require(try group.end(within: 60).first)
    #expect(ended.output.contains("failed"), "\(ended.output)")
    #expect(Date().timeIntervalSince(began) < 30)
    let record = try RunStore.openForReading(try #require(run()) + "/run.sqlite").record()
    #expect(record.state == .failed)
    #expect(record.error?.contains("the network is gone") == true, "\(record.error ?? "")")
    #expect(record.error?.contains("Resume the run") == true, "\(record.error ?? "")")
  }
}
