import CobreBase
import CobreCase
import CobreCommunication
import CobreEngine
import CobreMCP
import Foundation
import Testing

@Suite struct InstallerTests {
  /// A user's directory of its own, gone with the value.
  private final class Home {
    let path = FileManager.default.temporaryDirectory.path + "/cobre-home-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ file: String, _ text: String) throws {
      let whole = path + "/" + file
      try FileManager.default.createDirectory(
        atPath: URL(filePath: whole).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try text.write(toFile: whole, atomically: false, encoding: .utf8)
    }

    func text(_ file: String) -> String? { try? String(contentsOfFile: path + "/" + file, encoding: .utf8) }

    var installer: Installer { Installer(home: path, environment: [:]) }
  }

  private let entry = ServerEntry(
    name: "cobre", command: "/opt/cobre/bin/cobre-mcp", arguments: ["--allow-dir", "/data/a \"b\""])

  @Test(arguments: [
    (ClientProgram.claudeCode, ".claude.json", "mcpServers"), (.cursor, ".cursor/mcp.json", "mcpServers"),
    (.claudeDesktop, ".config/Claude/claude_desktop_config.json", "mcpServers"),
    (.vscode, ".config/Code/User/mcp.json", "servers"),
  ])
  func jsonKeepsWhatIsThereAndIsUndone(client: ClientProgram, file: String, key: String) throws {
    let home = try Home()
    let before =
      "{\n  \"theme\": \"dark\",\n  \"\(key)\": {\n    \"other\": {\n      \"command\": \"x\"\n    }\n  },\n  \"n\": 1\n}\n"
    try home.write(file, before)
    #expect(home.installer.install(entry, for: client, isDryRun: false).state == .written)
    let document = try JSONParser.parse(try #require(home.text(file)))
    #expect(document["theme"] == "dark" && document["n"] == 1)
    #expect(document[key]?["other"]?["command"] == "x")
    #expect(document[key]?["cobre"]?["command"] == "/opt/cobre/bin/cobre-mcp")
    #expect(document[key]?["cobre"]?["args"] == ["--allow-dir", "/data/a \"b\""])
    #expect((document[key]?["cobre"]?["type"] == "stdio") == (client == .claudeCode || client == .vscode))
    #expect(home.installer.install(entry, for: client, isDryRun: false).state == .unchanged)
    #expect(home.installer.uninstall("cobre", for: client, isDryRun: false).state == .written)
    #expect(home.text(file) == before)
    #expect(home.installer.uninstall("cobre", for: client, isDryRun: false).state == .unchanged)
  }

  /// What the first entry made goes with it, and no more: directories with other files and the user's own stay.
  @Test func undoingLeavesNoDirectoriesBehind() throws {
    let home = try Home()
    for client in [ClientProgram.cursor, .claudeDesktop, .vscode, .codex] {
      #expect(home.installer.install(entry, for: client, isDryRun: false).state == .written)
      #expect(home.installer.uninstall("cobre", for: client, isDryRun: false).state == .removed)
      #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == [], "\(client)")
    }
    try home.write(".config/other.txt", "mine")
    #expect(home.installer.install(entry, for: .claudeDesktop, isDryRun: false).state == .written)
    #expect(home.installer.uninstall("cobre", for: .claudeDesktop, isDryRun: false).state == .removed)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path + "/.config") == ["other.txt"])
    let project = Installer(home: home.path, project: home.path + "/.config", environment: [:])
    #expect(project.install(entry, for: .cursor, isDryRun: false).state == .written)
    #expect(project.uninstall("cobre", for: .cursor, isDryRun: false).state == .removed)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path + "/.config") == ["other.txt"])
  }

  @Test func aMovedHomeIsTheUsers() {
    let options = ServerOptions(
      runsDirectory: nil, allowedDirectories: ["/tmp"], maximumWaitSeconds: 5, worker: nil,
      environment: ["HOME": "/moved"])
    #expect(options.runsDirectory == "/moved/.local/state/cobre/runs")
    #expect(ServerOptions.homeDirectory(["HOME": "moved"]) == NSHomeDirectory())
  }

  @Test func tomlKeepsWhatIsThereAndIsUndone() throws {
    let home = try Home()
    let before = "model = \"x\" # mine\n\n[mcp_servers.other]\ncommand = \"y\"\nargs = []\n"
    try home.write(".codex/config.toml", before)
    #expect(home.installer.install(entry, for: .codex, isDryRun: false).state == .written)
    let written = try #require(home.text(".codex/config.toml"))
    #expect(
      written == before
        + "\n[mcp_servers.cobre]\ncommand = \"/opt/cobre/bin/cobre-mcp\"\nargs = [\"--allow-dir\", \"/data/a \\\"b\\\"\"]\n"
    )
    // An older entry, with tables of its own, is replaced; tables of similar names stay.
    try home.write(
      ".codex/config.toml",
      "[mcp_servers.cobre]\ncommand = \"old\"\n[mcp_servers.cobre.env]\nA = \"1\"\n[mcp_servers.cobre2]\na = 1\n")
    _ = home.installer.install(entry, for: .codex, isDryRun: false)
    let replaced = try #require(home.text(".codex/config.toml"))
    #expect(
      !replaced.contains("old") && !replaced.contains("A = ") && replaced.hasPrefix("[mcp_servers.cobre2]\na = 1\n"))
    try home.write(".codex/config.toml", written)
    #expect(home.installer.uninstall("cobre", for: .codex, isDryRun: false).state == .written)
    #expect(home.text(".codex/config.toml") == before)
  }

  @Test(arguments: ClientProgram.allCases)
  func filesThatOnlyHoldTheServerComeAndGo(client: ClientProgram) throws {
    let home = try Home()
    guard case .planned(let text) = home.installer.install(entry, for: client, isDryRun: true).state else {
      Issue.record("no plan")
      return
    }
    let outcome = home.installer.install(entry, for: client, isDryRun: false)
    #expect(outcome.state == .written && outcome.path.hasPrefix(home.path))
    #expect(try String(contentsOfFile: outcome.path, encoding: .utf8) == text)
    #expect(home.installer.found.contains(client))
    #expect(home.installer.uninstall("cobre", for: client, isDryRun: false).state == .removed)
    #expect(!FileManager.default.fileExists(atPath: outcome.path))
  }

  /// Some clients allow comments in their files, which would be lost.
  @Test(arguments: ["{\n  // mine\n  \"servers\": {}\n}\n", "[1]", "{\"servers\": [1]}", "{"])
  func whatIsNoPlainObjectIsLeftAlone(text: String) throws {
    let home = try Home()
    try home.write(".config/Code/User/mcp.json", text)
    guard case .refused(let sentence) = home.installer.install(entry, for: .vscode, isDryRun: false).state else {
      Issue.record("it was written")
      return
    }
    #expect(!sentence.isEmpty)
    #expect(home.text(".config/Code/User/mcp.json") == text)
  }

  @Test func linksStayAndProjectsHaveFilesOfTheirOwn() throws {
    let home = try Home()
    try home.write("dotfiles/claude.json", "{}\n")
    try FileManager.default.createSymbolicLink(
      atPath: home.path + "/.claude.json", withDestinationPath: home.path + "/dotfiles/claude.json")
    _ = home.installer.install(entry, for: .claudeCode, isDryRun: false)
    #expect(home.text("dotfiles/claude.json")?.contains("cobre-mcp") == true)
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: home.path + "/.claude.json").hasSuffix("claude.json"))
    let project = Installer(home: home.path, project: home.path + "/work", environment: [:])
    #expect(project.found == [.claudeCode, .cursor, .vscode, .codex])
    for client in project.found { #expect(project.install(entry, for: client, isDryRun: false).state == .written) }
    #expect(home.text("work/.mcp.json")?.contains("mcpServers") == true)
    #expect(home.text("work/.codex/config.toml")?.hasPrefix("[mcp_servers.cobre]") == true)
  }
}

@Suite struct DoctorTests {
  private func check(_ name: String, worker: String?, sharedMemory: String = "/dev/shm", runs: String? = nil) -> Doctor
    .Check?
  {
    let directory = FileManager.default.temporaryDirectory.path
    let options = ServerOptions(
      runsDirectory: runs ?? directory + "/runs-" + UUID().uuidString, allowedDirectories: [directory],
      maximumWaitSeconds: 1, worker: worker)
    return Doctor(options: options, sharedMemory: sharedMemory).checks().first { $0.name == name }
  }

  @Test func aSoundInstallationIsGood() throws {
    let worker = try #require(check("worker", worker: ServerFixture.builtWorker))
    #expect(worker.verdict == .good && worker.sentence.contains("simplex"))
    #expect(check("backend local", worker: ServerFixture.builtWorker)?.verdict == .good)
    #expect(check("cases", worker: nil)?.verdict == .good)
  }

  @Test func whatIsMissingIsNamedWithARemedy() throws {
    let missing = try #require(check("worker", worker: "/nonexistent/cobre-worker"))
    #expect(missing.verdict == .bad && missing.remedy?.contains("--worker") == true)
    let broken = try #require(check("worker", worker: "/bin/false"))
    #expect(broken.verdict == .bad)
    let memory = try #require(check("shared memory", worker: nil, sharedMemory: "/nonexistent"))
    #expect(memory.verdict == .hint && memory.remedy?.contains("tcp") == true)
    let runs = try #require(check("directories", worker: nil, runs: "/proc/nowhere"))
    #expect(runs.verdict == .bad && runs.sentence.contains("/proc"))
  }
}
