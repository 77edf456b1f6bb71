internal import CobreCase
package import CobreCommunication
package import CobreEngine
internal import Glibc

/// A run of the worker's commands `train`, `simulate` and `resume`: the ranks were started by hand, by
/// `mpiexec` or by `srun`, all with the same arguments.
package struct StandaloneRun {
  private let request: RunRequest
  private let home: DirectRun.Home
  /// SIGTERM and SIGINT ask rank 0 to stop at the end of the iteration, as a batch system does before its time limit.
  private let signals: SignalInbox

  /// Threads of this rank, for launchers that cannot give each rank other arguments.
  private static let threadsVariable = "COBRE_THREADS_PER_WORKER"
  private let threadsAsked: String?

  /// To be made before any thread is started.
  package init(request: RunRequest, home: DirectRun.Home) {
    self.request = request
    self.home = home
    threadsAsked = ChildProcess.currentEnvironment()[Self.threadsVariable]
    signals = SignalInbox([SIGTERM, SIGINT, SIGUSR1])
    ProcessSetup.adopt()
  }

  /// Whether this process is rank 0, as its launcher has it; true without one.
  package static var isFirstRank: Bool { RankMain.rankFromEnvironment() == 0 }

  /// Whether a launcher started this process.
  package static var hasLauncher: Bool {
    let environment = ChildProcess.currentEnvironment()
    return ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"].contains { environment[$0] != nil }
  }

  /// How this rank's part ended.
  package enum Ending {
    case ended(DirectRun.Outcome)
    case failed(any Error)

    /// Exit code for a training that was stopped on request.
    package static let stoppedCode: Int32 = 3
    /// Exit code for arguments that ask for what cannot be done.
    package static let usageCode: Int32 = 64

    package var exitCode: Int32 {
      switch self {
      case .ended(let outcome): outcome.stopReason == .cancelled ? Self.stoppedCode : 0
      case .failed(let error as RunError) where Self.usage.contains(error.code): Self.usageCode
      case .failed(let error): RankMain.describe(error, rank: 0).kind.exitCode
      }
    }

    private static let usage: Set<RunError.Code> = [
      .invalidRequest, .nameTaken, .unknownRun, .wrongState, .limit, .backend,
    ]
  }

  /// Computes this rank's part.
  ///
  /// - Parameters:
  ///   - connect: joins the other ranks, given a fingerprint of the problem.
  ///   - begun: called on rank 0 before the first iteration.
  ///   - show: called on rank 0 after each iteration.
  /// - Returns: how it ended.
  package func run(
    connect: (UInt64) throws -> any Communicator, begun: (DirectRun.Beginning) -> Void,
    show: @escaping (IterationReport) -> Void
  ) -> Ending {
    do {
      let run = DirectRun(request: try completedRequest(), home: home)
      return .ended(
        try run.run(connect: connect, begun: begun) { report in
          show(report)
          if signals.next(milliseconds: 0) != nil { run.requestStop() }
          return true
        })
    } catch {
      return .failed(error)
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
