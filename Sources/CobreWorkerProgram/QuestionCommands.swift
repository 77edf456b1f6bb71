internal import ArgumentParser
internal import CobreEngine
internal import Foundation

/// How the commands that answer questions write their answer.
struct AnswerForm: ParsableArguments {
  @Flag(help: "Write the answer as JSON.")
  var json = false

  /// Writes the answer, or on stderr why there is none, with the exit codes of the program.
  func show(_ answer: () throws -> JSONObject) throws {
    do {
      let found = try answer()
      let text = json ? JSONValue.object(found).text(.init(isIndented: true)) : AnswerText.text(found)
      FileHandle.standardOutput.write(Data((text + "\n").utf8))
    } catch let error as RunError {
      FileHandle.standardError.write(Data((error.message + "\n").utf8))
      throw ExitCode(error.code == .storage ? 74 : 65)
    } catch let error as InvalidCaseError {
      let findings = error.findings.map { $0.description }.joined(separator: "\n")
      FileHandle.standardError.write(Data((findings + "\n").utf8))
      throw ExitCode(65)
    }
  }
}

/// A run that a command names by its directory.
struct RunPath: ParsableArguments {
  @Argument(help: ArgumentHelp("The directory of the run.", valueName: "run"))
  var path: String

  func evidence() throws -> RunEvidence { try RunEvidence(RunDirectory(path: RunDirectory.resolve(path) ?? path)) }
}

extension CobreWorker {
  /// Why a run is slow, and whether it has converged.
  struct Diagnose: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says where the time of a run went, what would make it faster, and whether it has converged.")

    @OptionGroup var source: RunPath
    @OptionGroup var form: AnswerForm

    func run() throws { try form.show { try RunDiagnosis(source.evidence()).json } }
  }

  /// In what runs differ.
  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compares runs with the first one: options, entries of the cases, costs, prices, storages, deficits.")

    @Argument(help: ArgumentHelp("The directories of two or more runs.", valueName: "run"))
    var paths: [String]

    @OptionGroup var form: AnswerForm

    func validate() throws {
      guard paths.count >= 2 else { throw ValidationError("Name at least two runs.") }
    }

    func run() throws {
      try form.show {
        let runs = try paths.map { try RunEvidence(RunDirectory(path: RunDirectory.resolve($0) ?? $0)) }
        return try RunComparison(runs).json
      }
    }
  }
}
