package import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreMCP
internal import CobreRuns
internal import Glibc
internal import Logging

/// The program that speaks with clients.
package struct CobreMCPCommand: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "cobre-mcp",
    abstract: "Trains hydrothermal dispatch policies for MCP clients, over stdin and stdout.",
    discussion: """
      Clients start it by themselves: `cobre-mcp install` enters it into the configuration of Claude Code, Claude Desktop, \
      Cursor, VS Code or Codex, and `cobre-mcp doctor` looks whether all that runs need is here. Both take the options of the \
      server.
      """,
    version: engineVersion,
    subcommands: [InstallCommand.self, DoctorCommand.self, SkillsCommand.self, CallCommand.self, AnswerCommand.self])

  @OptionGroup var flags: ServerFlags

  package init() {}

  /// Reads the arguments of the process and serves its standard input and output; returns only for help and version.
  package static func main() {
    let descriptors = ProtocolDescriptors.take()
    do {
      var command = try parseAsRoot()
      guard let server = command as? CobreMCPCommand else {
        descriptors.giveBack()
        try command.run()
        return
      }
      server.serve(descriptors)
    } catch {
      // Help and version belong on stdout. No client is listening yet.
      descriptors.giveBack()
      exit(withError: error)
    }
  }

  private func serve(_ descriptors: ProtocolDescriptors) -> Never {
    let level = flags.logLevel
    LoggingSystem.bootstrap { label in
      var handler = ForbearingLogHandler(label: label)
      handler.logLevel = level
      return handler
    }
    let options = flags.serverOptions
    for problem in options.problems { ProgramOutput.complain("cobre-mcp: \(problem)") }
    if !options.problems.isEmpty { _exit(64) }
    if isatty(descriptors.input) != 0 {
      ProgramOutput.complain(
        "cobre-mcp waits for an MCP client on its standard input; `cobre-mcp install` sets one up, --help says more.")
    }
    // More than any database of a run takes, and little enough that what others are waiting for comes.
    RunStore.boundReading(seconds: 3)
    let outside = OutsideCalls(
      program: ServerOptions.executablePath(), options: Array(CommandLine.arguments.dropFirst()),
      seconds: flags.maxCallSeconds, writableRoots: options.paths.writableRoots)
    Server(options: options, outside: outside, logger: Logger(label: "cobre-mcp")).serve(
      input: descriptors.input, output: descriptors.output)
    // Threads may still wait for runs. Leaving without unwinding them is what the client expects, and fast.
    _exit(0)
  }
}
