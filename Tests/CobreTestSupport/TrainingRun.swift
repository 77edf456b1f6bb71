package import CobreCase
import CobreCommunication
package import CobreEngine

/// A training on one rank, with everything it reported.
package struct TrainingRun {
  package let reports: [IterationReport]
  package let result: TrainingResult
  package let policy: Policy

  /// Trains a case with the options of its configuration.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - iterations: limit instead of the case's.
  ///   - given: options instead of the case's.
  ///   - stop: ends training early. Called after every iteration.
  /// - Throws: what training throws.
  package init(
    _ study: StudyCase, iterations: Int? = nil, options given: TrainingOptions? = nil,
    until stop: (IterationReport) -> Bool = { _ in false }
  ) throws {
    var options = given ?? TrainingOptions(study: study)
    if let iterations { options.iterationLimit = iterations }
    let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
    var reports: [IterationReport] = []
    result = try trainer.train { report in
      reports.append(report)
      return !stop(report)
    }
    self.reports = reports
    policy = trainer.policy
  }

  /// The last lower bound.
  package var lowerBound: Double { result.lastReport.lowerBound }

  /// The largest fall of the lower bound from one iteration to the next, relative to the bound.
  package var largestFall: Double {
    zip(reports, reports.dropFirst()).map {
      ($0.lowerBound - $1.lowerBound) / max(1, abs($0.lowerBound))
    }.max() ?? 0
  }
}

extension TrainingOptions {
  /// The options of a case, with changes.
  package static func adjusted(_ study: StudyCase, _ adjust: (inout TrainingOptions) -> Void) -> TrainingOptions {
    var options = TrainingOptions(study: study)
    adjust(&options)
    return options
  }
}
