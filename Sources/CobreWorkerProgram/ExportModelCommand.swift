internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// Writes a case as a model for other programs.
  struct ExportModel: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export-model",
      abstract: "Writes the policy graph of a case with its stage LPs as StochOptFormat 1.0 (.sof.json).",
      discussion: """
        Nodes and states are named as in the cuts of export-cuts. Cases with risk measures, with cuts after the last stage or \
        with inflows that are truncated at 0 are refused. Exit code 65: the case is not valid or is refused.
        """)

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @OptionGroup var target: ExportTarget

    @Option(help: "Seed of the opening tree, in place of the one in config.json.")
    var seed: Int64?

    @OptionGroup var log: LogFlag

    func run() throws {
      try WorkLog.run(
        log.form,
        (
          "writes the model of \(caseDirectory) into \(target.output)",
          ["case_dir": .string(caseDirectory), "file": .string(target.output)]
        )
      ) { _ in
        try target.check()
        let study = try study(of: caseDirectory)
        let tree = OpeningTree(study: study, seed: seed ?? TrainingOptions(study: study).treeSeed)
        let document: StochOptDocument
        do throws(StochOptDocument.Failure) {
          document = try StochOptDocument(study: study, tree: tree, states: study.stateNames)
        } catch {
          throw RunError(.invalidCase, "The case cannot be written as StochOptFormat: \(error.sentence).")
        }
        try target.write(document.value.serialized() + [UInt8(ascii: "\n")])
        return ("\(study.stages.count) nodes", ["nodes": .int(Int64(study.stages.count))])
      }
    }
  }
}
