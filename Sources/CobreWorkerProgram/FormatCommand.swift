internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine

extension CobreWorker {
  /// Writes the documentation of the case format.
  struct Format: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the case format as Markdown to stdout: every file with its keys or columns.",
      discussion: "Documentation/CaseFormat.md is the output of this command.")

    func run() { ProgramOutput.print(FormatDocument.whole(), terminator: "") }
  }
}
