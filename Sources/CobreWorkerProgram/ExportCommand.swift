internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreRuns
internal import Foundation

extension CobreWorker {
  /// Writes what a run has found for other programs.
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the results of a run into a new directory.",
      discussion: """
        csv has a file for each table, sqlite is the run's database as one file. novomodelo has the tables of Novomodelo's \
        output directory as Parquet, one file each; those of the simulation need a run that has kept its figures \
        (--keep stages or --keep blocks of train). policy has cuts with names, dates and units, and water values with \
        the states at which they hold, each as CSV and Parquet.
        """)

    enum Form: String, ExpressibleByArgument, CaseIterable {
      case csv
      case sqlite
      case novomodelo
      case policy
    }

    @Argument(help: .run)
    var runDirectory: String

    @Argument(help: "The directory to make; it must be new or empty.")
    var directory: String

    @Option(help: "csv, sqlite, novomodelo or policy.")
    var format = Form.csv

    @OptionGroup var log: LogFlag

    /// Bytes of all files, and seconds for reading, at most.
    private static let limits = (bytes: 1 << 40, seconds: 86_400.0)

    func run() throws {
      let target = URL(filePath: directory).path
      try WorkLog.run(
        log.form,
        (
          "exports \(runDirectory) to \(target) as \(format.rawValue)",
          ["run": .string(runDirectory), "directory": .string(target), "format": .string(format.rawValue)]
        ), columns: ["file", "rows"]
      ) { log in
        let files = try write(to: target)
        for file in files {
          log.part(
            file.rows.map { "\(file.name): \($0) rows" } ?? file.name,
            ["file": .string(file.name), "rows": file.rows.map { .int(Int64($0)) } ?? .null])
        }
        return ("\(files.count) files", ["files": .int(Int64(files.count))])
      }
    }

    private func write(to target: String) throws -> [RunExport.File] {
      let source = try RunDirectory(named: runDirectory)
      let manifest = try RunManifest.read(from: source.manifestPath)
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
          to: staged, study: try manifest.study(), settings: manifest.settings)
      case .policy:
        let policy = try RunPolicy(manifest: manifest, store: try source.openStore(), bounds: .anywhere)
        files = try export.writePolicy(policy, to: staged)
      }
      _ = try staged.publish()
      return files
    }
  }
}
