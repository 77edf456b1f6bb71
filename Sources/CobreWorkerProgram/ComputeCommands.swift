internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreRuns
internal import Foundation

extension CobreWorker {
  /// A run without a server, on one process or under `mpiexec` or `srun`.
  struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Trains a case, alone or as one of the ranks that mpiexec or srun started.",
      discussion: """
        Examples:
          cobre-worker train CASE --output RUN
          cobre-worker train CASE --output RUN --threads-per-worker 4
          mpiexec -n 8 cobre-worker train CASE --output RUN --iterations 200
          srun cobre-worker train CASE --output RUN
          cobre-worker train --from RUN --output NEW --iterations 400

        RUN/run.sqlite then holds convergence, cuts and results. SIGTERM, SIGINT and SIGUSR1 stop the training at the \
        end of the iteration; what it has learnt is kept.
        """)

    @Argument(help: "The directory of the case; with --from it may be left out.")
    var caseDirectory: String?

    @Option(help: "The directory to write the run into; it must not hold one yet.")
    var output: String

    @OptionGroup var flags: TrainingFlags
    @OptionGroup var log: LogFlag

    func run() throws {
      let request = RunRequest(caseDirectory: caseDirectory ?? "", flags: [flags])
      throw StandaloneRun(request: request, home: .directory(output)).exit(log.form, verb: "trains")
    }
  }

  /// Lets a run go on whose processes were killed or stopped.
  struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Goes on with a run that was interrupted, stopped or has failed, in its own directory.",
      discussion: """
        It ends with the bits of a run that nothing had interrupted, whatever number of ranks goes on with it:
          cobre-worker resume RUN
          mpiexec -n 8 cobre-worker resume RUN
        """)

    @Argument(help: .run)
    var runDirectory: String

    @Option(.threadsPerWorker) var threadsPerWorker: GivenOption?
    @OptionGroup var log: LogFlag

    func run() throws {
      var request = RunRequest(caseDirectory: ".")
      if let threadsPerWorker { threadsPerWorker.option.set(&request, threadsPerWorker.value) }
      // Where there is none, the ranks say so together.
      let directory = (try? RunDirectory(named: runDirectory)) ?? RunDirectory(path: runDirectory)
      throw StandaloneRun(request: request, home: .existing(directory)).exit(log.form, verb: "goes on with")
    }
  }

  /// Tries the policy of a run on scenarios.
  struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Simulates the policy of a run on other scenarios, in a run of its own.",
      discussion: """
        Example: cobre-worker simulate RUN --output NEW --scenarios 2000 --keep stages. The opening tree is that of the run.
        """)

    @Argument(help: ArgumentHelp("The run whose policy is simulated: its directory, or RUNS/NAME.", valueName: "run"))
    var runDirectory: String

    @Option(help: "The directory to write the simulation into; it must not hold a run yet.")
    var output: String

    @Option(help: "Scenarios to simulate, 1 to 1000000.")
    var scenarios: Int

    @Option(name: .customLong("case"), help: "Another case with the same reservoirs and lags.")
    var caseDirectory: String?

    @Option(.scenarioScheme) var scheme: GivenOption?
    @Option(.scenarioSeed) var scenarioSeed: GivenOption?
    @Option(.simulationDetail) var simulationDetail: GivenOption?
    @Option(.threadsPerWorker) var threadsPerWorker: GivenOption?
    @Option(.discountRate) var discountRate: GivenOption?
    @Option(.caseEdits) var caseEdits: GivenOption?
    @OptionGroup var log: LogFlag

    func validate() throws {
      guard (1...1_000_000).contains(scenarios) else {
        throw ValidationError("--scenarios must be from 1 to 1000000; \(scenarios) was given.")
      }
    }

    func run() throws {
      var request = RunRequest(
        caseDirectory: caseDirectory ?? "", simulateScenarios: scenarios, policyRun: runDirectory)
      for given in [scheme, scenarioSeed, simulationDetail, threadsPerWorker, discountRate, caseEdits].compactMap({ $0 }
      ) {
        given.option.set(&request, given.value)
      }
      throw StandaloneRun(request: request, home: .directory(output)).exit(log.form, verb: "simulates")
    }
  }
}

extension StandaloneRun {
  /// Computes, tells of it in a form and returns the exit code.
  func exit(_ form: LogForm, verb: String) -> ExitCode {
    let log = RunLog(form, verb: verb)
    return ExitCode(log.end(run(connect: connectFromEnvironment, begun: log.begin, show: log.show)))
  }
}
