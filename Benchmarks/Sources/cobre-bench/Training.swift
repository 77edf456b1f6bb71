import ArgumentParser
internal import CobreCase
import CobreCommunication
import CobreEngine
import CobreRuns
import Foundation

/// Trains one case on one rank and prints what it took as one line of JSON.
struct Training: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Train a case on one rank.")

  @Argument(help: "Directory of the case.") var caseDirectory: String
  @Option(help: "Iterations; default: those of the case.") var iterations: Int?
  @Option(help: "Forward passes per iteration; default: those of the case.") var forwardPasses: Int?

  func run() throws {
    let clock = ContinuousClock()
    let begin = clock.now
    let study = try readCase(caseDirectory)
    var options = TrainingOptions(study: study)
    if let iterations { options.iterationLimit = iterations }
    if let forwardPasses { options.forwardPasses = forwardPasses }
    let read = clock.now
    let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
    let built = clock.now
    let cpuBefore = cpuSeconds()
    var total = Figures()
    let result = try trainer.train { report in
      total.forwardSeconds += report.forwardSeconds
      total.backwardSeconds += report.backwardSeconds
      total.solves += report.solves
      return true
    }
    // A stage LP is one (stage, trajectory) forward or (stage, trajectory, opening) backward, whatever the number
    // of programs that adding violated cuts took.
    let stages = study.stages.count
    let openings = (1..<stages).reduce(0) { $0 + study.stages[$1].openings }
    total.iterations = result.lastReport.iteration
    total.forwardProblems = total.iterations * options.forwardPasses * stages
    total.backwardProblems = total.iterations * (options.forwardPasses * openings + study.stages[0].openings)
    total.trainingSeconds = result.lastReport.elapsedSeconds
    total.readSeconds = seconds(read - begin)
    total.buildSeconds = seconds(built - read)
    total.cpuSeconds = cpuSeconds() - cpuBefore
    total.lowerBound = result.lastReport.lowerBound
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(total), as: UTF8.self))
  }

  /// Processor time of the process so far: what a busy machine does not change.
  private func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
  }

  /// What one training took.
  struct Figures: Encodable {
    var iterations = 0
    var trainingSeconds = 0.0
    var cpuSeconds = 0.0
    var forwardSeconds = 0.0
    var backwardSeconds = 0.0
    var readSeconds = 0.0
    var buildSeconds = 0.0
    /// Linear programs, those that only followed added cuts included.
    var solves = 0
    var forwardProblems = 0
    var backwardProblems = 0
    var lowerBound = 0.0
  }
}
