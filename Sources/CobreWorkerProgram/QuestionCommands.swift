internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreRuns
internal import Foundation

/// How the commands that answer questions write their answer.
struct AnswerForm: ParsableArguments {
  @Flag(help: "Write the answer as JSON.")
  var json = false

  /// Writes the answer, or on stderr why there is none, with the exit codes of the program.
  func show(_ answer: () throws -> JSONObject) throws {
    let found = try answer()
    let text = json ? JSONValue.object(found).text(.init(isIndented: true)) : AnswerText.text(found)
    ProgramOutput.print(text)
  }
}

/// A run that a command names by its directory.
struct RunPath: ParsableArguments {
  @Argument(help: .run)
  var path: String

  func evidence() throws -> RunEvidence { try RunEvidence(RunDirectory(named: path)) }
}

/// Which part of a run's simulation a command looks at, for at most a day.
struct ReplayOptions: ParsableArguments {
  @Option(help: "Only this stage, from 0 (default: all, or the first for a price).")
  var stage: Int?

  @Option(help: "Scenarios at most.")
  var scenarios = 200

  var scope: ReplayScope { ReplayScope(stage: stage, scenarios: scenarios, seconds: 86_400) }

  func validate() throws {
    guard (1...100_000).contains(scenarios) else { throw ValidationError("--scenarios must be from 1 to 100000.") }
  }
}

/// A command that answers a question about one run.
protocol QuestionCommand: ParsableCommand {
  var source: RunPath { get }
  var form: AnswerForm { get }
  var question: Question { get }
}

extension QuestionCommand {
  func run() throws { try form.show { try question.answer([source.evidence()]) } }
}

extension CobreWorker {
  /// Why a run is slow, and whether it has converged.
  struct Diagnose: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says where the time of a run went, what would make it faster, and whether it has converged.")

    @OptionGroup var source: RunPath
    @OptionGroup var form: AnswerForm

    func run() throws { try form.show { try RunDiagnosis(source.evidence(), looksAround: true).json } }
  }

  /// In what runs differ.
  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compares runs with the first one: options, entries of the cases, costs, prices, storages, deficits.")

    @Argument(help: ArgumentHelp("The directories of two or more runs.", valueName: "run"))
    var paths: [String]

    @OptionGroup var form: AnswerForm

    func validate() throws {
      guard paths.count >= 2 else { throw ValidationError("Name at least two runs.") }
    }

    func run() throws {
      try form.show {
        let runs = try paths.map { try RunEvidence(RunDirectory(named: $0)) }
        return try RunComparison(runs).json
      }
    }
  }

  /// What sets a price.
  struct ExplainPrice: QuestionCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Says what sets the price at a bus in a stage: shares of scenarios by cause, and the price as a sum of parts.")

    @OptionGroup var source: RunPath

    @Option(help: "Id or name of the bus (default: the first).")
    var bus: String?

    @Option(help: "A month or day in place of the stage, such as 2027-05.")
    var date: String?

    @Option(help: "The block, from 0 (default: all, by their hours).")
    var block: Int?

    @OptionGroup var part: ReplayOptions
    @OptionGroup var form: AnswerForm

    var question: Question {
      .price(
        .init(
          bus: bus, stage: part.stage, date: date, block: block, scenarios: part.scenarios,
          seconds: part.scope.seconds))
    }
  }

  /// Who pays what.
  struct ExplainCost: QuestionCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says who pays what in the simulation of a run: costs by category, element and period.")

    @OptionGroup var source: RunPath
    @OptionGroup var part: ReplayOptions
    @OptionGroup var form: AnswerForm

    var question: Question { .cost(part.scope) }
  }

  /// Why something is missed.
  struct ExplainViolation: QuestionCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says why the worst deficit or missed limit of a run could not be avoided, or that it was a choice.")

    @OptionGroup var source: RunPath
    @OptionGroup var part: ReplayOptions
    @OptionGroup var form: AnswerForm

    var question: Question { .violation(part.scope) }
  }

  /// A run, or several side by side, as one HTML file.
  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a report of a run, or of several compared with the first, as one HTML file.")

    @Argument(help: ArgumentHelp("The runs: their directories, or RUNS/NAME with their names.", valueName: "run"))
    var paths: [String]

    @Option(help: "The file to write; it must not be there yet.")
    var output: String

    func validate() throws {
      guard !paths.isEmpty else { throw ValidationError("Name at least one run.") }
    }

    func run() throws {
      let runs = try paths.map { try RunEvidence(RunDirectory(named: $0)) }
      let page = RunReport.html(try Question.report.answer(runs))
      let target = URL(filePath: output)
      let directory = try OutputDirectory(target.deletingLastPathComponent().path, under: ["/"])
      _ = try directory.write(target.lastPathComponent) { try $0(Array(page.utf8)) }
    }
  }

  /// How long a training will take.
  struct Estimate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Estimates how long a training will take, its memory and disk, by training a little.")

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Option(.workers) var workers: GivenOption?
    @Option(.threadsPerWorker) var threadsPerWorker: GivenOption?
    @Option(.iterations) var iterations: GivenOption?
    @Option(.forwardPasses) var forwardPasses: GivenOption?
    @Option(.solver) var solver: GivenOption?

    @Option(name: .customLong("run"), help: ArgumentHelp("A run to compare with.", valueName: "run"))
    var compared: String?

    @OptionGroup var form: AnswerForm

    func run() throws {
      try form.show {
        var request = RunRequest(caseDirectory: caseDirectory)
        for given in [workers, threadsPerWorker, iterations, forwardPasses, solver].compactMap({ $0 }) {
          given.option.set(&request, given.value)
        }
        let known = try compared.map { try RunEvidence(RunDirectory(named: $0)) }
        return try Question.estimate(request).answer(known.map { [$0] } ?? [])
      }
    }
  }
}
