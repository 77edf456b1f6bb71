import CobreEngine
import Foundation
import Testing

/// Two network namespaces with a cable between them, which sockets cannot tell from hosts; needs root.
final class TwoHosts {
  private let names: [String]
  let addresses = ["10.203.77.1", "10.203.77.2"]
  static let tool = "/usr/sbin/ip"

  /// True where namespaces may be made.
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

  deinit { for name in names { _ = Self.run(["netns", "del", name]) } }

  /// Pulls the cable of one host.
  func cut(_ side: Int) { _ = Self.run(["-n", names[side], "link", "set", "cable", "down"]) }

  /// A group with one rank per host.
  func group(_ arguments: [String], silenceMilliseconds: Int = 60_000) throws -> WorkerGroup {
    try WorkerGroup(
      commands: (0..<2).map { rank in
        (
          Self.tool, ["netns", "exec", names[rank], WorkerGroup.worker.path, "conformance"] + arguments,
          [
            CommunicationVariable.coordinator: addresses[0], CommunicationVariable.port: "29517",
            CommunicationVariable.rank: String(rank), CommunicationVariable.size: "2",
            CommunicationVariable.token: "two hosts", CommunicationVariable.backend: "tcp",
            CommunicationVariable.silenceLimit: String(silenceMilliseconds),
          ]
        )
      })
  }

  private static func run(_ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
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
}
