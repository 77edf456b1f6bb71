internal import CobreBase
package import CobreCase
package import CobreCommunication
package import CobreEngine
internal import Glibc
internal import Logging
internal import Synchronization

/// A run without a supervisor: its ranks were started by hand, by a launcher or by the program that contains the
/// engine, all with the same request.
///
/// Rank 0 makes the run directory and keeps it up to date, so the results are those of a supervised run. A `DirectRun`
/// is used once. `run` belongs to one thread, `requestStop` may be called from any.
package final class DirectRun: Sendable {
  /// Where the run directory is made.
  package enum Home: Sendable {
    /// Its own directory, which must not contain a run yet.
    case directory(String)
    /// The runs directory of a service, where servers list the run with the others.
    case service(RunService)
    /// A run that is there and whose processes are gone: it goes on as it was asked for when it was made.
    case existing(RunDirectory)
  }

  /// What is known when the ranks have met and the run directory is there.
  package struct Beginning: Sendable {
    package var runID: String
    package var directory: String
    package var caseDirectory: String
    package var size: Int
    package var backend: Backend
    package var settings: RunSettings
    /// Sentences of the reader of the case.
    package var warnings: [String]
    /// Iterations that were completed before.
    package var iteration: Int
  }

  /// How one rank's part ended.
  package struct Outcome: Sendable {
    package var runID: String
    package var directory: String
    package var rank: Int
    package var size: Int
    package var backend: Backend
    package var stopReason: StopReason
    /// The last iteration of this training, or nil if none was computed.
    package var lastReport: IterationReport?
    /// The run as others see it, on rank 0.
    package var snapshot: RunSnapshot?
  }

  /// What rank 0 shares about the run directory, on every rank.
  private struct Location: Sendable {
    var directory: RunDirectory
    var runID: String
    /// Whether this rank has made the directory and writes down how the run ends.
    var isOwned: Bool
  }

  let request: RunRequest
  let home: Home
  private let location = Mutex<Location?>(nil)
  private let lock = Mutex<RunLock?>(nil)
  private let isStopRequested = Atomic<Bool>(false)
  private let log = Logger(label: "cobre.run")

  /// - Parameters:
  ///   - request: what to compute; for a run that is there only the threads of this rank count.
  ///   - home: where its directory is.
  package init(request: RunRequest, home: Home) {
    self.request = request
    self.home = home
  }

  /// Asks the training to stop at the end of its iteration, and a simulation to end.
  ///
  /// What was learnt is kept.
  ///
  /// The ranks that share the run directory stop together, whichever of them is asked.
  package func requestStop() {
    isStopRequested.store(true, ordering: .relaxed)
    if let directory = location.withLock({ $0?.directory }) { leaveRequest(in: directory) }
  }

  private func leaveRequest(in directory: RunDirectory) {
    do {
      try directory.requestCancel()
    } catch {
      log.error("The run cannot be stopped: \(error)")
    }
  }

  /// Computes this rank's part.
  ///
  /// - Parameters:
  ///   - connect: joins the other ranks, given a fingerprint of the problem.
  ///   - begun: called on rank 0 before the first iteration.
  ///   - observe: called on rank 0 after each iteration; `false` stops the training.
  /// - Returns: how this rank's part ended.
  /// - Throws: what the parts throw, once the other ranks, the run directory and the log know of it.
  package func run(
    connect: (UInt64) throws -> any Communicator, begun: (Beginning) -> Void = { _ in },
    observe: @escaping (IterationReport) -> Bool
  ) throws -> Outcome {
    let began = Clocks.uptime()
    defer { lock.withLock { $0?.release() } }
    var group: (any Communicator)?
    do {
      let plan = try plan()
      let joined = try connect(fingerprint(plan))
      group = joined
      let found = try locate(plan, joined)
      location.withLock { $0 = found }
      unlink(found.directory.failurePath(joined.rank))
      if isStopRequested.load(ordering: .relaxed) { leaveRequest(in: found.directory) }
      if joined.rank == 0 { begun(try beginning(plan, found, joined)) }
      let result = try RankProgram(
        directory: found.directory, settings: plan.settings, study: plan.input.study, communicator: joined,
        observe: observe
      ).run()
      if found.isOwned {
        try finish(found.directory, result.stopReason == .cancelled ? .cancelled : .succeeded, began: began)
      }
      let snapshot = found.isOwned ? try RunSnapshot.read(found.directory, logLines: 0) : nil
      try joined.finalize()
      return Outcome(
        runID: found.runID, directory: found.directory.path, rank: joined.rank, size: joined.size,
        backend: joined.backend, stopReason: result.stopReason, lastReport: result.lastReport, snapshot: snapshot)
    } catch {
      settle(error, group, began: began)
      throw error
    }
  }

  private func beginning(_ plan: Plan, _ found: Location, _ group: any Communicator) throws -> Beginning {
    Beginning(
      runID: found.runID, directory: found.directory.path, caseDirectory: plan.request.caseDirectory, size: group.size,
      backend: group.backend, settings: plan.settings, warnings: plan.input.warnings,
      iteration: try found.directory.openStore().lastIteration()?.iteration ?? plan.settings.continuation?.iteration
        ?? 0)
  }

  /// Marks the run as computed by this process until `run` returns.
  func hold(_ directory: RunDirectory) throws {
    let made = try RunLock(directory)
    lock.withLock { $0 = made }
  }

  private func fingerprint(_ plan: Plan) -> UInt64 {
    var fingerprint = plan.input.hash
    // Hosts of different size may have different numbers of threads.
    var common = plan.settings
    common.threadsPerWorker = nil
    fingerprint.combine(String(describing: common).utf8)
    return fingerprint.shortValue
  }

  /// Reports to the other ranks, the run directory and the log that this rank has failed.
  ///
  /// In a process with a service of runs, a library, the caller gets the failure as an error, and stderr is not ours.
  private func settle(_ error: any Error, _ group: (any Communicator)?, began: Double) {
    let failure = RankMain.describe(error, rank: group?.rank ?? RankMain.rankFromEnvironment())
    if case .service = home {} else { log.error("\(failure.message)") }
    let found = location.withLock { $0 }
    if let found {
      do {
        // Written before the others are informed, so that the first failure is on disk before any that follows from it.
        try failure.write(to: found.directory.failurePath(failure.rank))
      } catch {
        log.error("The reason cannot be written down: \(error)")
      }
    }
    if failure.kind != .communication { group?.abort(failure.message) }
    guard let found, found.isOwned else { return }
    do {
      try finish(found.directory, .failed, error: failure.message, began: began)
    } catch {
      log.error("The end of the run cannot be written down: \(error)")
    }
  }

  private func finish(_ directory: RunDirectory, _ state: RunState, error: String? = nil, began: Double) throws {
    let store = try RunStore.open(directory.databasePath)
    try store.settleRanks(in: ["starting", "running"], to: error == nil ? "finished" : "lost", at: Clocks.wall())
    try store.finish(state, error: error, elapsed: Clocks.uptime() - began, at: Clocks.wall())
  }
}

// MARK: The run directory

extension DirectRun {
  /// Makes the run directory on rank 0 and tells all ranks where it is.
  private func locate(_ plan: Plan, _ group: any Communicator) throws -> Location {
    var text: [UInt8] = []
    if group.rank == 0 {
      let (directory, runID) = try enter(plan, group)
      text = Array("\(runID) \(directory.path)".utf8)
    }
    var count = [Int64(text.count)]
    try group.broadcast(&count, root: 0)
    if group.rank != 0 { text = [UInt8](repeating: 0, count: max(0, Int(count[0]))) }
    try group.broadcast(&text, root: 0)
    let words = String(decoding: text, as: UTF8.self).split(separator: " ", maxSplits: 1)
    guard words.count == 2 else {
      throw RunError(.storage, "Rank 0 has not said where the run directory is.")
    }
    return Location(
      directory: RunDirectory(path: String(words[1])), runID: String(words[0]), isOwned: group.rank == 0)
  }
}
