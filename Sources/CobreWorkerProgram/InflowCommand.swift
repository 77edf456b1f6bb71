internal import ArgumentParser
internal import CobreBase
internal import CobreCase
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

    @Flag(help: "Replace tables that are there.")
    var overwrite = false

    @OptionGroup var log: LogFlag

    func run() throws {
      try WorkLog.run(
        log.form,
        (
          "writes the inflow model of \(caseDirectory) into \(directory)",
          ["case_dir": .string(caseDirectory), "directory": .string(directory)]
        ), columns: ["file", "rows"]
      ) { log in
        let study = try study(of: caseDirectory)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let files = InflowModelTables(study: study).files
        func path(_ name: String) -> String { URL(filePath: directory).appending(path: name).path }
        if !overwrite, let old = files.first(where: { FileManager.default.fileExists(atPath: path($0.name)) }) {
          throw RunError(
            .storage,
            "\(path(old.name)) is there already. Choose another directory, or replace its tables with --overwrite.")
        }
        for file in files {
          try AtomicFile.write(Array(file.text.utf8), to: path(file.name), mode: 0o644, replaces: overwrite)
          let rows = max(0, file.text.utf8.count { $0 == UInt8(ascii: "\n") } - 1)
          log.part("\(file.name): \(rows) rows", ["file": .string(file.name), "rows": .int(Int64(rows))])
        }
        return ("\(files.count) files", ["files": .int(Int64(files.count))])
      }
    }
  }
}
