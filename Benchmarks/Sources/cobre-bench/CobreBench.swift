import ArgumentParser
import CobreCase
import CobreEngine

/// Measures the engine without server and processes around it.
@main
struct CobreBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cobre-bench", abstract: "Measures the engine in one process.",
    subcommands: [Training.self, Reading.self, Noise.self, Checkpoints.self, Tables.self])
}

/// Says what to do about a case that cannot be measured.
struct RefusedCase: Error, CustomStringConvertible {
  let description: String
}

func readCase(_ directory: String) throws -> StudyCase {
  let report = CaseReader.read(directory: directory)
  guard let study = report.study else {
    let reasons = report.errors.map(\.description).joined(separator: "\n")
    throw RefusedCase(description: "The case \(directory) cannot be used:\n\(reasons)")
  }
  return study
}
