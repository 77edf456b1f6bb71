internal import ArgumentParser
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// What this build can do, for the server, which does not link the same libraries.
  struct Capabilities: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints version, solvers and backends of this build, a line each.")

    func run() throws {
      var lines = ["version \(engineVersion)"]
      lines += SolverLibrary.built.map { "solver \($0.rawValue)" }
      lines += Self.backends.map { "backend \($0.rawValue)" }
      FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
    }

    static var backends: [Backend] {
      #if MPI
      [.local, .shm, .tcp, .mpi]
      #else
      [.local, .shm, .tcp]
      #endif
    }
  }
}
