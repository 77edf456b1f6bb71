internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreMCP
internal import CobreRuns
internal import Foundation

/// Calls a tool from a terminal.
struct CallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call",
    abstract: "Calls one tool of the server and shows its answer.",
    discussion: """
      Example: cobre-mcp call plot '{"run_id": "north", "kind": "storage"}' --output storage.png. Takes the options of the server. \
      Exit codes: 0, or 65 with a sentence where the tool refuses.
      """)

  @ParentCommand var server: CobreMCPCommand

  @Argument(help: "Name of the tool.")
  var tool: String

  @Argument(help: "Its arguments, a JSON object.")
  var arguments = "{}"

  @Option(help: "File for the image of the answer; it must not be there yet.")
  var output: String?

  @Flag(help: "Write the answer as JSON.")
  var json = false

  func run() throws {
    do {
      guard let sent = try? JSONParser.parse(Array(arguments.utf8)).object else {
        throw ToolError("The arguments must be a JSON object, such as '{\"run_id\": \"north\"}'.")
      }
      let options = server.flags.serverOptions
      let runs = RunService(
        runsDirectory: options.runsDirectory, workerExecutable: options.workerExecutable, limits: options.limits,
        caseBounds: options.paths.caseBounds, isReadOnly: options.isReadOnly)
      let box = ToolBox.ofServer(
        runs: runs, paths: options.paths, maximumWait: options.maximumWaitSeconds, readOnly: options.isReadOnly)
      try show(box.answer(tool, with: sent))
    } catch {
      let text = ToolResult.failure(error)["content"]?.array?.first?["text"]?.string ?? "\(error)"
      ProgramOutput.complain(text)
      throw ExitCode(65)
    }
  }

  private func show(_ answer: ToolAnswer) throws {
    if let members = answer.structured {
      ProgramOutput.print(json ? JSONValue.object(members).text(.init(isIndented: true)) : AnswerText.text(members))
    }
    for block in answer.content {
      if let text = block["text"]?.string { ProgramOutput.print(text) }
      guard block["type"] == "image", let data = block["data"]?.string.flatMap({ Data(base64Encoded: $0) }) else {
        continue
      }
      guard let output else { throw ToolError("The answer is an image: name a file for it with --output.") }
      try data.write(to: URL(filePath: output), options: .withoutOverwriting)
    }
  }
}
