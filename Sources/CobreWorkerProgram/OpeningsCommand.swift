internal import ArgumentParser
internal import CobreBase
internal import CobreEngine

extension CobreWorker {
  /// The noise of the opening tree as a table.
  struct Openings: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the noise of a case's opening tree to stdout.",
      discussion: """
        The table has the form of scenarios/noise_openings.csv, correlation included: a case that holds it trains on the \
        same openings whatever its seed. What the command says of its work goes to stderr.
        """)

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Option(help: "Seed of the opening tree, in place of the one in config.json.")
    var seed: Int64?

    @OptionGroup var log: LogFlag

    func run() throws {
      try WorkLog.run(
        log.form, ownsOutput: false,
        ("writes the openings of \(caseDirectory) to stdout", ["case_dir": .string(caseDirectory)])
      ) { _ in
        let study = try study(of: caseDirectory)
        let seed = seed ?? TrainingOptions(study: study).treeSeed
        let noise = OpeningNoise(study: study, seed: seed)
        guard !noise.values.isEmpty else {
          throw RunError(.invalidCase, "The case gives its openings as values, so they have no noise.")
        }
        noise.writeTable { ProgramOutput.write($0) }
        let count = noise.values.reduce(0) { $0 + $1.count }
        return ("\(count) values of seed \(seed)", ["values": .int(Int64(count)), "seed": .int(seed)])
      }
    }
  }
}
