internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreRuns

/// One option of a run on the command line, with its value.
struct GivenOption: Sendable {
  let option: RunOption
  let value: JSONValue
}

extension Option where Value == GivenOption? {
  /// The flag of an option, checked by the option's own range.
  init(_ option: RunOption) {
    self.init(
      name: .customLong(option.flag), help: ArgumentHelp(stringLiteral: "\(option.flagHelp) (\(option.kind.allowed))")
    ) { text in
      guard let value = option.kind.value(of: text), option.kind.allows(value) else {
        throw ValidationError("--\(option.flag) must be \(option.kind.allowed); \"\(text)\" was given.")
      }
      return GivenOption(option: option, value: value)
    }
  }
}

/// The flags that `train` and `start` share: how a policy is trained.
struct TrainingFlags: ParsableArguments {
  @Option(.threadsPerWorker) var threadsPerWorker: GivenOption?
  @Option(.continueFrom) var continueFrom: GivenOption?
  @Option(.iterations) var iterations: GivenOption?
  @Option(.forwardPasses) var forwardPasses: GivenOption?
  @Option(.passesTogether) var passesTogether: GivenOption?
  @Option(.trialRegion) var trialRegion: GivenOption?
  @Option(.seed) var seed: GivenOption?
  @Option(.timeLimit) var timeLimit: GivenOption?
  @Option(.simulateScenarios) var simulateScenarios: GivenOption?
  @Option(.targetGap) var targetGap: GivenOption?
  @Option(.statisticalGap) var statisticalGap: GivenOption?
  @Option(.solver) var solver: GivenOption?
  @Option(.simulationDetail) var simulationDetail: GivenOption?
  @Option(.riskMeasure) var riskMeasure: GivenOption?
  @Option(.discountRate) var discountRate: GivenOption?
  @Option(.stages) var stages: GivenOption?
  @Option(.caseEdits) var caseEdits: GivenOption?
  @Option(.budgetSeconds) var budgetSeconds: GivenOption?
  @Option(.budgetMemory) var budgetMemory: GivenOption?
}

/// The flags of a supervised run: its processes and its name.
struct ProcessFlags: ParsableArguments {
  @Option(.backend) var backend: GivenOption?
  @Option(.workers) var workers: GivenOption?
  @Option(.hosts) var hosts: GivenOption?
  @Option(.restarts) var restarts: GivenOption?
  @Option(.runName) var runName: GivenOption?
}

extension RunRequest {
  /// A request with the options that flags give.
  init(caseDirectory: String, flags groups: [any ParsableArguments]) {
    self.init(caseDirectory: caseDirectory)
    // Each stored property of a group is one flag, so a new flag only needs a line in the group.
    for flag in groups.flatMap({ Mirror(reflecting: $0).children }) {
      guard let given = (flag.value as? Option<GivenOption?>)?.wrappedValue else { continue }
      given.option.set(&self, given.value)
    }
  }
}
