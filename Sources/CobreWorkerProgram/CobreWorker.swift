package import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine

/// The program that computes: one supervisor per run, one process per rank.
///
/// Everything is synchronous, so that a rank's work and all its MPI calls stay on the main thread.
package struct CobreWorker: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "cobre-worker",
    abstract: "Computes the runs of Cobre: trains dispatch policies on one or several processes.",
    discussion: """
      Exit codes: 0 done, 3 stopped on request (resume goes on), 64 wrong arguments, 65 the case cannot be used, 70 the \
      computation failed, 71 too much memory, 74 the run directory cannot be written, 75 the supervisor is gone, 76 \
      communication failed.
      """,
    version: engineVersion,
    subcommands: [
      Validate.self, Describe.self, Train.self, Resume.self, Simulate.self, Status.self, Start.self, Openings.self,
      Inflow.self, Capabilities.self, Supervise.self, Rank.self, Launch.self,
      Conformance.self, ExportCuts.self, ExportModel.self, ImportModel.self, Export.self, Format.self, Options.self,
      Table.self,
      Query.self, Answer.self, Convert.self, FitMarkov.self, Diagnose.self, Compare.self, Edit.self, Copy.self,
      Show.self, ExplainPrice.self, ExplainCost.self, ExplainViolation.self, Report.self, Estimate.self,
    ])

  package init() {}

  /// Runs the command that the arguments of the process name.
  ///
  /// Whatever a command throws ends the process with a sentence and an exit code of the table in
  /// `Documentation/Runs.md`.
  package static func start() {
    do {
      var command = try parseAsRoot()
      try CommandFailure.reporting {
        do { try command.run() } catch let code as ExitCode where code == .success {}
        if let failure = ProgramOutput.failure { throw RunError(.storage, failure) }
      }
    } catch {
      exit(withError: error)
    }
  }
}
