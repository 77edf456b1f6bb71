internal import Glibc

/// A run of `cobre-worker train`: the ranks were started by hand or by `mpiexec` or `srun`, all with the same arguments.
package struct StandaloneRun {
  private let request: RunRequest
  private let output: String
  /// SIGTERM and SIGINT ask rank 0 to stop at the end of the iteration, as a batch system does before its time limit.
  private let signals: SignalInbox

  /// Threads of this rank, for launchers that cannot give each rank other arguments.
  private static let threadsVariable = "COBRE_THREADS_PER_WORKER"
  private let threadsAsked: String?

  /// To be made before any thread is started.
  package init(request: RunRequest, output: String) {
    self.request = request
    self.output = output
    threadsAsked = ChildProcess.currentEnvironment()[Self.threadsVariable]
    signals = SignalInbox([SIGTERM, SIGINT, SIGUSR1])
    ProcessSetup.adopt()
  }

  /// Computes this rank's part.
  ///
  /// - Parameters:
  ///   - connect: joins the other ranks, given a fingerprint of the problem.
  ///   - show: called on rank 0 after each iteration.
  /// - Returns: the exit code, as `RankMain` documents it.
  package func run(
    connect: (UInt64) throws -> any Communicator, show: @escaping (IterationReport) -> Void
  ) -> Int32 {
    do {
      let run = DirectRun(request: try completedRequest(), home: .directory(output))
      _ = try run.run(connect: connect) { report in
        show(report)
        if signals.next(milliseconds: 0) != nil { run.requestStop() }
        return true
      }
      return 0
    } catch {
      return RankMain.describe(error, rank: 0).kind.exitCode
    }
  }

  /// The request with what the environment adds.
  private func completedRequest() throws -> RunRequest {
    guard request.threadsPerWorker == nil, let threadsAsked, !threadsAsked.isEmpty else { return request }
    guard let threads = Int(threadsAsked), (1...1024).contains(threads) else {
      throw RunError(
        .invalidRequest,
        "\(Self.threadsVariable) must be from 1 to 1024; \"\(LogTail.sanitized(threadsAsked.utf8.prefix(80)))\" was given."
      )
    }
    var request = request
    request.threadsPerWorker = threads
    return request
  }
}
