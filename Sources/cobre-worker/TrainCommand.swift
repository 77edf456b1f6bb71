internal import ArgumentParser
internal import CobreEngine
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

        RUN/run.sqlite then holds convergence, cuts and results. SIGTERM, SIGINT and SIGUSR1 stop the training at the \
        end of the iteration; what it has learnt is kept.
        """)

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Option(help: "The directory to write the run into; it must not hold one yet.")
    var output: String

    @Option(
      help: "Threads of each rank that share its work; by default COBRE_THREADS_PER_WORKER, else 1."
    )
    var threadsPerWorker: Int?

    @Option(help: "Iteration limit, in place of the one in config.json.")
    var iterations: Int?

    @Option(help: "Trajectories per iteration, in place of those in config.json.")
    var forwardPasses: Int?

    @Option(help: "Seed of the opening tree and of the samples.")
    var seed: Int64?

    @Option(name: .customLong("time-limit"), help: "Seconds after which training stops at the end of an iteration.")
    var timeLimitSeconds: Double?

    @Option(name: .customLong("simulate"), help: "Scenarios to simulate after training; 0 for none.")
    var simulateScenarios: Int?

    @Option(help: "Relative gap at which training stops, such as 0.01.")
    var targetGap: Double?

    @Option(
      help:
        "Relative distance from the bound of the upper end of a fresh simulation's interval at which training stops.")
    var statisticalGap: Double?

    @Option(help: "Who solves the stage problems: auto, clp or highs.")
    var solver: RequestedSolver?

    @Option(
      name: .customLong("keep"),
      help: "What to keep of the simulation beside statistics: statistics (nothing more), stages or blocks.",
      transform: {
        guard let detail = SimulationDetail(rawValue: $0) else {
          throw ValidationError("--keep must be statistics, stages or blocks.")
        }
        return detail
      })
    var simulationDetail: SimulationDetail?

    func run() throws {
      let request = RunRequest(
        caseDirectory: caseDirectory, iterations: iterations, forwardPasses: forwardPasses, seed: seed,
        timeLimitSeconds: timeLimitSeconds, simulateScenarios: simulateScenarios,
        simulationDetail: simulationDetail, targetGap: targetGap, threadsPerWorker: threadsPerWorker,
        solver: solver, statisticalGap: statisticalGap)
      let code = StandaloneRun(request: request, output: output)
        .run(connect: connectFromEnvironment, show: Self.show)
      throw ExitCode(code)
    }

    private static func show(_ report: IterationReport) {
      if report.iteration == 1 { write("iteration      lower bound      upper bound        +-        gap   seconds") }
      write(
        String(
          format: "%9d %16.6g %16.6g %9.2g %9.2f%% %9.2f", report.iteration, report.lowerBound, report.upperBound,
          report.upperBoundHalfWidth, report.gap * 100, report.elapsedSeconds))
    }

    private static func write(_ line: String) {
      FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
  }
}
