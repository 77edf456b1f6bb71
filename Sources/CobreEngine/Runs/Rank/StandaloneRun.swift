internal import Glibc
internal import Logging

/// A run without a supervisor: the ranks were started by hand or by `mpiexec` or `srun`, all with the same arguments.
///
/// Rank 0 makes the run directory and looks after it; its results are those that a supervised run would have.
package struct StandaloneRun {
  private let request: RunRequest
  private let directory: RunDirectory
  private let log = Logger(label: "cobre.run")
  /// SIGTERM and SIGINT ask rank 0 to stop at the end of the iteration, as a batch system does before its time limit.
  private let signals: SignalInbox

  /// Threads of this rank, for launchers that cannot give each rank other arguments.
  private static let threadsVariable = "COBRE_THREADS_PER_WORKER"
  private let threadsAsked: String?

  /// To be made before any thread is started.
  package init(request: RunRequest, output: String) {
    self.request = request
    threadsAsked = ChildProcess.currentEnvironment()[Self.threadsVariable]
    directory = RunDirectory(path: output)
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
    var communicator: (any Communicator)?
    var ownsDirectory = false
    let began = Clocks.uptime()
    do {
      let request = try completedRequest()
      try request.check()
      let input = try CaseInput(directory: RunDirectory.resolve(request.caseDirectory) ?? request.caseDirectory)
      let settings = RunSettings(request, configuration: input.study.configuration)
      var fingerprint = input.hash
      // Hosts of different size may have different numbers of threads.
      var common = settings
      common.threadsPerWorker = nil
      fingerprint.combine(String(describing: common).utf8)
      let group = try connect(fingerprint.shortValue)
      communicator = group
      if group.rank == 0 {
        try create(request, settings, input, group)
        ownsDirectory = true
      }
      let reason = try RankProgram(
        directory: directory, settings: settings, study: input.study, communicator: group,
        show: { report in
          show(report)
          if signals.next(milliseconds: 0) != nil { stop() }
        }
      ).run()
      if group.rank == 0 { try finish(reason == .cancelled ? .cancelled : .succeeded, began: began) }
      try group.finalize()
      return 0
    } catch {
      let code = RankMain.fail(error, communicator: communicator, directory: ownsDirectory ? directory : nil)
      if ownsDirectory {
        do {
          try finish(.failed, error: RankMain.describe(error, rank: 0).message, began: began)
        } catch {
          log.error("The end of the run cannot be written down: \(error)")
        }
      }
      return code
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

  private func stop() {
    do {
      try directory.requestCancel()
    } catch {
      log.error("The training cannot be stopped: \(error)")
    }
  }

  private func create(_ request: RunRequest, _ settings: RunSettings, _ input: CaseInput, _ group: any Communicator)
    throws
  {
    guard !directory.exists else {
      throw RunError(
        .storage, "The directory \(directory.path) holds a run already; name another one with --output.")
    }
    var resolved = request
    resolved.caseDirectory = RunDirectory.resolve(request.caseDirectory) ?? request.caseDirectory
    let manifest = RunManifest(
      runID: RunIdentifier.make(), createdAt: Clocks.wall(), engineVersion: engineVersion, request: resolved,
      caseHash: input.hash.text, settings: settings, backend: group.backend.rawValue,
      backendReason: "The ranks were started by hand or by a launcher.", workers: group.size,
      warnings: input.warnings)
    try RunDirectory.create(directory.path)
    unlink(directory.cancelPath)
    let store = try RunStore.open(directory.databasePath)
    try store.transition(to: .queued, at: Clocks.wall())
    try store.beginAttempt(supervisor: ProcessTable.current(), at: Clocks.wall(), uptime: Clocks.uptime())
    try store.transition(to: .starting, at: Clocks.wall())
    try manifest.write(to: directory.manifestPath)
  }

  private func finish(_ state: RunState, error: String? = nil, began: Double) throws {
    let store = try RunStore.open(directory.databasePath)
    try store.settleRanks(in: ["starting", "running"], to: error == nil ? "finished" : "lost", at: Clocks.wall())
    try store.finish(state, error: error, elapsed: Clocks.uptime() - began, at: Clocks.wall())
  }
}
