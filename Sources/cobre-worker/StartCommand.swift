internal import ArgumentParser
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// Starts a supervised run, as the server does.
  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Starts a run in the background and prints its id; a server on the same runs directory sees it.")

    @Argument(help: "The directory of the case.")
    var caseDirectory: String

    @Option(help: "The directory of the runs.")
    var runsDir: String

    @Option(help: "auto, local, shm, tcp or mpi.")
    var backend = "auto"

    @Option(help: "Rank processes; by default one per physical core over the threads of each.")
    var workers: Int?

    @Option(help: "Threads of each rank process that share its work; by default 1.")
    var threadsPerWorker: Int?

    @Option(
      help: "Hosts for the rank processes, separated by commas; needs the backend mpi.",
      transform: { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) })
    var hosts: [String]?

    @Option(help: "Iteration limit, in place of the one in config.json.")
    var iterations: Int?

    @Option(help: "How often ranks that died are started again before the run counts as failed; 2 where none is given.")
    var restarts: Int?

    @Option(help: "Name that makes the command repeatable: the same name with the same request is the same run.")
    var runName: String?

    @Option(help: "Who solves the stage problems: auto, clp or highs.")
    var solver: RequestedSolver?

    @Option(help: "Seconds to wait for the end of the run.")
    var wait = 0.0

    func validate() throws {
      guard RequestedBackend(rawValue: backend) != nil else {
        throw ValidationError("--backend must be auto, local, shm, tcp or mpi; \"\(backend)\" was given.")
      }
      guard wait >= 0 && wait <= 31_536_000 else {
        throw ValidationError("--wait must be from 0 to 31536000 seconds; \(wait) was given.")
      }
    }

    func run() throws {
      let service = RunService(runsDirectory: runsDir, workerExecutable: ownPath())
      let request = RunRequest(
        caseDirectory: caseDirectory, backend: RequestedBackend(rawValue: backend) ?? .auto, workers: workers,
        iterations: iterations, restarts: restarts, runName: runName, threadsPerWorker: threadsPerWorker, hosts: hosts,
        solver: solver)
      do {
        let (started, created) = try service.start(request)
        let deadline = ContinuousClock.now + .seconds(wait)
        let snapshot = wait > 0 ? try service.wait(runID: started.runID, until: deadline) : started
        let line = "\(snapshot.runID) \(snapshot.state.rawValue) \(created ? "created" : "found")\n"
        FileHandle.standardOutput.write(Data(line.utf8))
      } catch let error as RunError {
        throw ValidationError(error.message)
      } catch let error as InvalidCaseError {
        let findings = error.findings.map { $0.description }.joined(separator: "\n")
        FileHandle.standardError.write(Data((findings + "\n").utf8))
        throw ExitCode(65)
      }
    }
  }
}

extension RequestedSolver: ExpressibleByArgument {}
