internal import ArgumentParser
internal import CobreBase
internal import CobreCommunication
internal import CobreEngine
internal import CobreMPI
internal import Foundation

extension CobreWorker {
  /// What this program can do here, for the server, which opens no MPI library.
  struct Capabilities: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints version, solvers and backends, and the MPI library in use or why there is none, a line each.")

    func run() throws {
      var lines = ["version \(engineVersion)"]
      lines += SolverLibrary.built.map { "solver \($0.rawValue)" }
      lines += [Backend.local, .shm, .tcp].map { "backend \($0.rawValue)" }
      // Opening the library says more than looking for its file.
      do {
        let library = try MPILibrary.load(environment: ProcessInfo.processInfo.environment)
        lines += ["backend mpi", "mpi \(library)"]
      } catch { lines.append("mpi \(error.message)") }
      ProgramOutput.print(lines.joined(separator: "\n"))
    }
  }
}
