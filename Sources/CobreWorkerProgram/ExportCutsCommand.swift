internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// Writes the cuts of a policy for other programs.
  struct ExportCuts: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export-cuts",
      abstract: "Writes the cuts of a policy as JSON in the form that SDDP.jl reads (read_cuts_from_file).")

    @Argument(help: "A policy directory, such as RUN/policy, or a policy.sqlite or cuts.json.")
    var policy: String

    @OptionGroup var target: ExportTarget

    @Flag(help: "Leave out cuts that cut selection has dropped.")
    var onlyActive = false

    @OptionGroup var log: LogFlag

    func run() throws {
      try WorkLog.run(
        log.form,
        (
          "writes the cuts of \(policy) into \(target.output)",
          ["policy": .string(policy), "file": .string(target.output)]
        )
      ) { _ in
        try target.check()
        let stored = try PolicyFile.read(policy)
        guard !stored.stateNames.contains(where: { $0.hasPrefix("price[") }) else {
          throw PolicyMismatch(
            "The policy has price processes, whose cuts the form of SDDP.jl cannot say as it stands. `export --format policy` "
              + "writes them.")
        }
        let document = CutDocument.value(of: stored, onlyActive: onlyActive)
        try target.write(document.serialized() + [UInt8(ascii: "\n")])
        return ("", [:])
      }
    }
  }
}
