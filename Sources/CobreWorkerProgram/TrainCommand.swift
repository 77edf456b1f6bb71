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

    @OptionGroup var flags: TrainingFlags

    func run() throws {
      let request = RunRequest(caseDirectory: caseDirectory, flags: [flags])
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
