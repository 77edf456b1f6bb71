internal import ArgumentParser
internal import CobreEngine
internal import CobreRuns

extension CobreWorker {
  /// One query of a client over the results of a run, in a process that the server can end.
  struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: QueryProcess.command, abstract: "Serves one query for a server.", shouldDisplay: false)

    func run() throws {
      throw ExitCode(QueryProcess.serve())
    }
  }

  /// One question of a client, in a process that the server can end.
  struct Answer: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: AnswerProcess.command, abstract: "Answers one question for a server.", shouldDisplay: false)

    func run() throws {
      throw ExitCode(AnswerProcess.serve())
    }
  }
}
