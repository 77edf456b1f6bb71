import ArgumentParser
internal import CobreBase
import CobreCase
import CobreCommunication
import CobreEngine
import CobreRuns
import Foundation

/// Reads one case, builds its stage LPs and prints what that took as one line of JSON.
struct Reading: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Read a case and build its stage LPs.")

  @Argument(help: "Directory of the case.") var caseDirectory: String

  func run() throws {
    let clock = ContinuousClock()
    let begin = clock.now
    let report = CaseReader.read(directory: caseDirectory)
    var figures = Figures()
    figures.readSeconds = (clock.now - begin).seconds
    figures.readPeakMegabytes = Self.peakMegabytes()
    figures.errors = report.errors.map(\.description)
    figures.warnings = report.warnings.count
    if let study = report.study {
      // Reading fits the inflow model, too; this is what it took.
      let fitted = clock.now
      var given = GivenCase(study)
      if given.resolved().inflowEstimate != nil { figures.fitSeconds = (clock.now - fitted).seconds }
      let built = clock.now
      let trainer = try Trainer(
        study: study, options: TrainingOptions(study: study), communicator: LocalCommunicator())
      figures.buildSeconds = (clock.now - built).seconds
      figures.rankPeakMegabytes = Self.peakMegabytes()
      let sizes = trainer.templates.map { StageLPSize($0.model) }
      figures.columns = Self.range(sizes.map(\.columns))
      figures.rows = Self.range(sizes.map(\.rows))
      figures.nonzeros = Self.range(sizes.map(\.nonzeros))
      figures.smallestCoefficient = sizes.map(\.smallestCoefficient).min() ?? 0
      figures.largestCoefficient = sizes.map(\.largestCoefficient).max() ?? 0
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(figures), as: UTF8.self))
  }

  private static func range(_ values: [Int]) -> [Int] { [values.min() ?? 0, values.max() ?? 0] }

  /// The most memory that the process has held, in 10⁶ bytes.
  private static func peakMegabytes() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) * 1024 / 1e6
  }

  struct Figures: Encodable {
    var readSeconds = 0.0
    var readPeakMegabytes = 0.0
    var errors: [String] = []
    var warnings = 0
    /// Fitting the inflow model of a case that leaves it to its history.
    var fitSeconds: Double?
    var buildSeconds = 0.0
    var rankPeakMegabytes = 0.0
    /// Least and greatest over the stages.
    var columns: [Int] = []
    var rows: [Int] = []
    var nonzeros: [Int] = []
    var smallestCoefficient = 0.0
    var largestCoefficient = 0.0
  }
}
