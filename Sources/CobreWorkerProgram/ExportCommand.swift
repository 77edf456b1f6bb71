internal import ArgumentParser
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// Writes what a run has found for other programs.
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the results of a run into a new directory.",
      discussion: """
        csv has a file for each table, sqlite is the run's database as one file. novomodelo has the tables of Novomodelo's \
        output directory as Parquet, one file each; those of the simulation need a run that has kept its figures \
        (--keep stages or --keep blocks of train).
        """)

    enum Form: String, ExpressibleByArgument, CaseIterable {
      case csv
      case sqlite
      case novomodelo
    }

    @Argument(help: ArgumentHelp("The directory of the run.", valueName: "run"))
    var runDirectory: String

    @Argument(help: "The directory to make; it must be new or empty.")
    var directory: String

    @Option(help: "csv, sqlite or novomodelo.")
    var format = Form.csv

    /// Bytes of all files, and seconds for reading, at most.
    private static let limits = (bytes: 1 << 40, seconds: 86_400.0)

    func run() throws {
      do {
        let files = try write()
        for file in files { print(file.rows.map { "\(file.name): \($0) rows" } ?? file.name) }
      } catch let error as RunError {
        throw fail(error.message, code: error.code == .storage ? 74 : 65)
      } catch let error as OutputDirectory.Failure {
        throw fail(error.sentence, code: 74)
      }
    }

    private func fail(_ sentence: String, code: Int32) -> ExitCode {
      FileHandle.standardError.write(Data((sentence + "\n").utf8))
      return ExitCode(code)
    }

    private func write() throws -> [RunExport.File] {
      let source = RunDirectory(path: runDirectory)
      let manifest = try RunManifest.read(from: source.manifestPath)
      let target = URL(filePath: directory).path
      var staged = try StagedDirectory(target, under: ["/"])
      var export = try RunExport(of: try source.openStore(), limit: Self.limits.bytes, seconds: Self.limits.seconds)
      var files: [RunExport.File]
      switch format {
      case .csv:
        files = try export.writeTables(
          to: staged, stateNames: CaseReader.read(directory: manifest.request.caseDirectory).study?.stateNames)
      case .sqlite: files = [try export.writeDatabase(to: staged)]
      case .novomodelo:
        files = try export.writeNovomodelo(
          to: staged, study: try manifest.study(), forwardPasses: manifest.settings.forwardPasses)
      }
      _ = try staged.publish()
      return files
    }
  }
}
