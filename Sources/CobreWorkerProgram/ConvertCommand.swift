internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreRuns
internal import Foundation

extension CobreWorker {
  /// Makes a case of a deck of another program.
  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Converts a deck of NEWAVE or DECOMP into a case directory.",
      discussion: """
        The work is done by novomodelo-bridge, a program of its own that has to be installed. \
        \(DeckConversion.installation) Cut files of a DECOMP deck are left out. The case that comes out is read and its \
        findings are shown. Exit codes: 65 the deck cannot be converted or the case is not valid, 69 the program is not \
        installed, 70 it gave no answer, 74 the directory cannot be written.
        """)

    enum Model: String, ExpressibleByArgument, CaseIterable {
      case newave
      case decomp
    }

    @Argument(help: "newave or decomp.")
    var model: Model

    @Argument(help: "The directory of the deck.")
    var deck: String

    @Argument(help: "The directory to make for the case; it must be new or empty.")
    var directory: String

    @Option(help: "Seconds after which the conversion is ended.")
    var timeLimit = 3600.0

    /// Findings of the case that are shown.
    private static let maximumFindings = 50

    func validate() throws {
      guard timeLimit > 0, timeLimit.isFinite else { throw ValidationError("--time-limit must be above 0.") }
    }

    func run() throws {
      do {
        try convert()
      } catch let failure as DeckConversion.Failure {
        throw fail(failure.sentence, code: failure.kind == .notInstalled ? 69 : 70)
      }
    }

    private func convert() throws {
      let conversion = try DeckConversion()
      guard let source = FilePath.resolve(deck), let kind = DeckConversion.Model(rawValue: model.rawValue) else {
        throw fail("There is no directory \(deck).", code: 65)
      }
      var staged = try StagedDirectory(URL(filePath: directory).path, under: ["/"])
      let outcome = try conversion.convert(source, kind, into: staged.stagingPath, seconds: timeLimit)
      for message in outcome.messages { show(message) }
      guard outcome.isConverted else { throw fail("The deck was not converted.", code: 65) }
      let place = try staged.publish()
      ProgramOutput.print(outcome.counts.map { "\($0.number) \($0.kind)" }.joined(separator: ", "))
      let report = CaseReader.read(directory: place)
      for finding in report.findings.prefix(Self.maximumFindings) { complain(finding.description) }
      if report.findings.count > Self.maximumFindings {
        complain("… and \(report.findings.count - Self.maximumFindings) more.")
      }
      guard report.study != nil else {
        throw fail("\(place) is written, but \(report.errors.count) errors keep it from being trained.", code: 65)
      }
      ProgramOutput.print("\(place) is a valid case with \(report.warnings.count) warnings.")
    }

    private func show(_ message: DeckConversion.Message) {
      complain("\(message.severity) \(message.code): \(message.sentence)")
      for line in message.notes { complain("  \(line)") }
      if let remedy = message.remedy { complain("  → \(remedy)") }
    }

    private func fail(_ sentence: String, code: Int32) -> ExitCode {
      complain(sentence)
      return ExitCode(code)
    }
  }
}
