internal import ArgumentParser
internal import CobreBase
internal import CobreMCP
internal import Foundation

/// Enters the server into the configuration of clients.
struct InstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Enters this server into the configuration of MCP clients, or takes it out again.",
    discussion: """
      Without --client all that seem to be in use are served. Everything else in their files stays as it is; a file that is \
      no plain JSON is left alone. --runs-dir, --allow-dir, --toolsets and --read-only are passed on to the server. Restart the \
      client afterwards.
      """)

  @ParentCommand var server: CobreMCPCommand

  @Option(help: "claude-code, claude-desktop, cursor, vscode or codex; repeatable (default: those in use here).")
  var client: [ClientProgram] = []

  @Option(help: "Directory of a project whose own configuration is written, in place of the user's.")
  var project: String?

  @Option(help: "Name under which the client knows the server.")
  var name = "cobre"

  @Option(help: "Program that the client starts (default: this one).")
  var command: String?

  @Flag(help: "Show the files as they would be, and write nothing.")
  var dryRun = false

  @Flag(help: "Take the server out again.")
  var undo = false

  func validate() throws {
    let isName =
      !name.isEmpty && name.utf8.count <= 64
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
    guard isName else { throw ValidationError("--name must be 1 to 64 letters, digits, - or _; you gave \(name).") }
  }

  func run() throws {
    let installer = Installer(home: ServerOptions.homeDirectory(), project: project.map { Self.absolute($0) })
    let clients = client.isEmpty ? installer.found : client
    guard !clients.isEmpty else {
      ProgramOutput.print(
        "None of the clients was found here. Name one by --client; this is the block for most of them:")
      ProgramOutput.print(entry.block)
      throw ExitCode(69)
    }
    var isRefused = false
    for client in clients {
      let outcome =
        undo
        ? installer.uninstall(name, for: client, isDryRun: dryRun)
        : installer.install(entry, for: client, isDryRun: dryRun)
      if case .refused = outcome.state { isRefused = true }
      show(outcome)
    }
    if isRefused { throw ExitCode(73) }
  }

  private func show(_ outcome: Installer.Outcome) {
    let place = "\(outcome.client.title): \(outcome.path)"
    switch outcome.state {
    case .written:
      ProgramOutput.print("\(place): \(undo ? "taken out" : "entered") as \"\(name)\". Restart the client.")
    case .removed: ProgramOutput.print("\(place): removed, since nothing else was in it.")
    case .unchanged: ProgramOutput.print("\(place): nothing to do.")
    case .planned(let text): ProgramOutput.print("\(place) would be:\n\(text)")
    case .refused(let sentence):
      ProgramOutput.print("\(place): \(sentence)")
      if !undo { ProgramOutput.print(entry.block(for: outcome.client)) }
    }
  }

  private var entry: ServerEntry {
    var arguments: [String] = []
    let flags = server.flags
    if let runsDir = flags.runsDir { arguments += ["--runs-dir", Self.absolute(runsDir)] }
    for directory in flags.allowDir { arguments += ["--allow-dir", Self.absolute(directory)] }
    if flags.toolsets != ServerFlags.defaultToolsets { arguments += ["--toolsets", flags.toolsets] }
    if flags.readOnly { arguments.append("--read-only") }
    return ServerEntry(name: name, command: command ?? Self.program, arguments: arguments)
  }

  /// This program by its path; where it runs inside another one, by its name.
  private static var program: String {
    let known = [
      try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"), CommandLine.arguments.first,
    ]
    let paths = known.compactMap { $0 }.filter { $0.hasSuffix("/cobre-mcp") }
    return paths.first.map { absolute($0) } ?? "cobre-mcp"
  }

  private static func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
}

extension ClientProgram: ExpressibleByArgument {}
