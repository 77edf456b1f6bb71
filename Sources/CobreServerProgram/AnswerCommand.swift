internal import ArgumentParser
internal import CobreMCP
internal import Logging

/// Answers one tool call for a server, which has left it under a descriptor (see `OutsideCalls`).
struct AnswerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: OutsideCalls.command, abstract: "Answers a tool call of a server.", shouldDisplay: false)

  @OptionGroup var flags: ServerFlags

  func run() throws {
    throw ExitCode(OutsideCalls.serve(flags.serverOptions, Logger(label: "cobre-mcp")))
  }
}
