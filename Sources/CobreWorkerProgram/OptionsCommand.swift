internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreRuns

extension CobreWorker {
  /// Writes the documentation of the options of a run.
  struct Options: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the options of a run as Markdown to stdout.",
      discussion: "Documentation/RunOptions.md is the output of this command.")

    func run() { ProgramOutput.print(RunOptionsDocument.text, terminator: "") }
  }
}
