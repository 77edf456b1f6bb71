internal import ArgumentParser
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// The inflow model of a case as tables.
  struct Inflow: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the inflow model of a case, given or estimated from its history, as CSV tables.",
      discussion: """
        inflow_seasonal_stats.csv, inflow_ar_coefficients.csv and inflow_annual_component.csv have the form of the case \
        format: a case that holds them in scenarios/ in place of the history has the same model.
        """)

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Argument(help: "Where to write the tables; the directory is created.")
    var directory: String

    func run() throws {
      let report = CaseReader.read(directory: caseDirectory)
      guard let study = report.study else {
        let lines = report.errors.prefix(10).map(\.description).joined(separator: "\n")
        FileHandle.standardError.write(Data("The case has errors:\n\(lines)\n".utf8))
        throw ExitCode(65)
      }
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      for file in InflowModelTables(study: study).files {
        try Data(file.text.utf8).write(to: URL(fileURLWithPath: directory).appendingPathComponent(file.name))
      }
    }
  }
}
