internal import ArgumentParser
internal import CobreBase
internal import CobreEngine
internal import CobreRuns
internal import Foundation

extension CobreWorker {
  /// Supervises one run.
  struct Supervise: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Starts the ranks of a run, looks after them and writes down how the run ended.")

    @Argument(help: "The run's directory, with run.json in it.")
    var runDirectory: String

    @Option(help: "Runs of the same directory that may compute at once; the next is started when this one has ended.")
    var runsAtOnce = RunLimits().runsAtOnce

    @Option(help: "Bytes of memory that a rank may use before it ends (default: no limit).")
    var rankMemory: Int?

    @Option(help: "Wall time in seconds after which the run is ended (default: no limit).")
    var wallSeconds: Double?

    func run() throws {
      let supervisor = Supervisor(
        directory: RunDirectory(path: FilePath.resolve(runDirectory) ?? runDirectory), program: ownPath(),
        limits: RunLimits(runsAtOnce: runsAtOnce, secondsPerRun: wallSeconds, rankMemoryBytes: rankMemory))
      let code: Int32
      do {
        code = try supervisor.run()
      } catch let error as RunError {
        complain("The supervisor gives up: \(error.message)")
        throw ExitCode(74)
      }
      throw ExitCode(code)
    }
  }

  /// One rank of a supervised run.
  struct Rank: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Computes one rank's part of a run; the environment tells which rank it is.")

    @Argument(help: "The run's directory, with run.json in it.")
    var runDirectory: String

    func run() throws {
      throw ExitCode(RankMain.run(directory: RunDirectory(path: runDirectory), connect: connectFromEnvironment))
    }
  }

  /// Runs a launcher that is not ours.
  struct Launch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Becomes another program that ends when the supervisor does.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough)
    var arguments: [String]

    func run() throws {
      throw ValidationError(SupervisorLink.replace(by: arguments))
    }
  }
}

/// Path of this program.
func ownPath() -> String {
  (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
}
