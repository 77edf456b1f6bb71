internal import ArgumentParser
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// The noise of the opening tree as a table.
  struct Openings: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the noise of a case's opening tree to stdout.",
      discussion: """
        The table has the form of scenarios/noise_openings.csv, correlation included: a case that holds it trains on the \
        same openings whatever its seed.
        """)

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Option(help: "Seed of the opening tree, in place of the one in config.json.")
    var seed: Int64?

    func run() throws {
      let report = CaseReader.read(directory: caseDirectory)
      guard let study = report.study else {
        let lines = report.errors.prefix(10).map(\.description).joined(separator: "\n")
        FileHandle.standardError.write(Data("The case has errors:\n\(lines)\n".utf8))
        throw ExitCode(65)
      }
      let noise = OpeningNoise(study: study, seed: seed ?? TrainingOptions(study: study).treeSeed)
      guard !noise.values.isEmpty else {
        FileHandle.standardError.write(Data("The case gives its openings as values, so they have no noise.\n".utf8))
        throw ExitCode(65)
      }
      noise.writeTable { FileHandle.standardOutput.write(Data($0.utf8)) }
    }
  }
}
