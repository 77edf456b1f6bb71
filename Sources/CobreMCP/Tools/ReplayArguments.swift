internal import CobreBase
internal import CobreEngine
package import CobreRuns

/// The arguments that say which part of a run's simulation is walked through again.
package enum ReplayArguments {
  package static let parameters = [
    Parameter("stage", .integer(0...100_000), "Only this stage, from 0. Default: all."),
    Parameter("scenarios", .integer(1...5000), default: 200, "Scenarios at most."),
  ]

  package static func scope(_ arguments: Arguments) -> ReplayScope {
    ReplayScope(stage: arguments.integer("stage"), scenarios: arguments.integer("scenarios") ?? 200)
  }
}
