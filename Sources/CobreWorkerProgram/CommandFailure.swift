internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreCommunication
internal import CobreEngine
internal import CobreParquet
internal import CobreRuns
internal import Foundation

/// Why a command has not done what it was asked for: sentences for stderr, and one of the exit codes of
/// `Documentation/Runs.md`.
struct CommandFailure {
  let sentences: [String]
  let code: Int32

  /// Nil for the parser's own errors, which say themselves what is wrong with the arguments.
  init?(_ error: any Error) {
    switch error {
    case is ExitCode, is ValidationError, is CleanExit: return nil
    // A request for help, which is a command of the parser's own.
    case _ where CobreWorker.exitCode(for: error) == .success: return nil
    case let error as InvalidCaseError: (sentences, code) = (error.findings.prefix(100).map(\.description), 65)
    case let error as RunError where error.code == .invalidCase: (sentences, code) = ([error.message], 65)
    case let error as RunError: (sentences, code) = ([error.message], StandaloneRun.Ending.failed(error).exitCode)
    case let error as CaseEditFailure: (sentences, code) = (error.problems, 65)
    case let error as OutputDirectory.Failure: (sentences, code) = ([error.sentence], 74)
    case let error as ParquetError: (sentences, code) = ([error.description], error.kind == .fileSystem ? 74 : 65)
    case let error as CommunicationError: (sentences, code) = (["\(error.code): \(error)"], 76)
    case let error as ConformanceFailure: (sentences, code) = (["\(error)"], 70)
    case let error as PolicyMismatch: (sentences, code) = ([error.description], 65)
    // What Foundation throws here concerns files.
    case _ where error is CocoaError || error is POSIXError || type(of: error) == NSError.self:
      (sentences, code) = ([error.localizedDescription], 74)
    // Errors of the engine say what is wrong when they are written down.
    default: (sentences, code) = ([String(describing: error)], 70)
    }
  }

  /// Carries out a command, and turns what it throws into sentences and an exit code.
  static func reporting(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      guard let failure = CommandFailure(error) else { throw error }
      for sentence in failure.sentences { complain(sentence) }
      throw ExitCode(failure.code)
    }
  }
}

/// The case that an argument names.
///
/// - Throws: `InvalidCaseError` with everything that is wrong with it.
func study(of directory: String) throws -> StudyCase {
  let report = CaseReader.read(directory: directory)
  guard let study = report.study else {
    throw InvalidCaseError(caseDirectory: directory, findings: report.errors)
  }
  return study
}

extension ArgumentHelp {
  /// Of an argument that names a run.
  static let run = ArgumentHelp("The run: its directory, or RUNS/NAME with its name.", valueName: "run")
}
