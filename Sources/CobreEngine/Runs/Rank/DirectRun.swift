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
  }

  /// What rank 0 shares about the run directory, on every rank.
  private struct Location: Sendable {
    var directory: RunDirectory
    var runID: String
    /// Whether this rank has made the directory and writes down how the run ends.
    var isOwned: Bool
  }

  private let request: RunRequest
  private let home: Home
  private let location = Mutex<Location?>(nil)
  private let isStopRequested = Atomic<Bool>(false)
  private let log = Logger(label: "cobre.run")

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
  ///   - observe: called on rank 0 after each iteration. `false` stops the training.
  /// - Returns: how this rank's part ended.
  /// - Throws: what the parts throw, once the other ranks, the run directory and the log know of it.
  package func run(
    connect: (UInt64) throws -> any Communicator, observe: @escaping (IterationReport) -> Bool
  ) throws -> Outcome {
    let began = Clocks.uptime()
    var group: (any Communicator)?
    do {
      var request = request
      try request.check()
      request.caseDirectory = RunDirectory.resolve(request.caseDirectory) ?? request.caseDirectory
      let input = try CaseInput(directory: request.caseDirectory, bounds: caseBounds)
      try request.check(against: input.study)
      var settings = try settings(for: request, input)
      // No supervisor minds the limit here.
      if let cap = settings.serverLimitSeconds {
        settings.timeLimitSeconds = min(settings.timeLimitSeconds ?? cap, cap)
      }
      let joined = try connect(fingerprint(settings, input))
      group = joined
      let found = try locate(request, settings, input, joined)
      location.withLock { $0 = found }
      if isStopRequested.load(ordering: .relaxed) { leaveRequest(in: found.directory) }
      let result = try RankProgram(
        directory: found.directory, settings: settings, study: input.study, communicator: joined, observe: observe
      ).run()
      if found.isOwned {
        try finish(found.directory, result.stopReason == .cancelled ? .cancelled : .succeeded, began: began)
      }
      try joined.finalize()
      return Outcome(
        runID: found.runID, directory: found.directory.path, rank: joined.rank, size: joined.size,
        backend: joined.backend, stopReason: result.stopReason, lastReport: result.lastReport)
    } catch {
      settle(error, group, began: began)
      throw error
    }
  }

  private var caseBounds: CaseBounds {
    if case .service(let service) = home { service.caseBounds } else { .anywhere }
  }

  private func settings(for request: RunRequest, _ input: CaseInput) throws -> RunSettings {
    switch home {
    case .directory: RunSettings(request, configuration: input.study.configuration)
    case .service(let service): try service.settings(for: request, input)
    }
  }

  private func fingerprint(_ settings: RunSettings, _ input: CaseInput) -> UInt64 {
    var fingerprint = input.hash
    // Hosts of different size may have different numbers of threads.
    var common = settings
    common.threadsPerWorker = nil
    fingerprint.combine(String(describing: common).utf8)
    return fingerprint.shortValue
  }

  /// Reports to the other ranks, the run directory and the log that this rank has failed.
  private func settle(_ error: any Error, _ group: (any Communicator)?, began: Double) {
    let failure = RankMain.describe(error, rank: group?.rank ?? RankMain.rankFromEnvironment())
    log.error("\(failure.message)")
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
  /// Makes the run directory on rank 0 and sends all ranks its path.
  private func locate(
    _ request: RunRequest, _ settings: RunSettings, _ input: CaseInput, _ group: any Communicator
  ) throws -> Location {
    var text: [UInt8] = []
    if group.rank == 0 {
      let runID = RunIdentifier.make()
      var manifest = RunManifest(
        runID: runID, createdAt: Clocks.wall(), engineVersion: engineVersion, request: request,
        caseHash: input.hash.text, settings: settings, backend: group.backend.rawValue,
        backendReason: "The ranks were started by hand, by a launcher or by a program that contains the engine.",
        workers: group.size, warnings: input.warnings)
      manifest.bounds = BoundKind(input.study)
      text = Array("\(runID) \(try create(manifest).path)".utf8)
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

  private func create(_ manifest: RunManifest) throws -> RunDirectory {
    switch home {
    case .directory(let path):
      let directory = RunDirectory(path: path)
      guard !directory.exists else {
        throw RunError(
          .storage, "The directory \(directory.path) holds a run already; name another one with --output.")
      }
      try Self.fill(directory, manifest)
      return directory
    case .service(let service):
      return try service.enter(manifest) { try Self.fill($0, manifest) }
    }
  }

  /// Makes the files of a run that computes already, in this process.
  private static func fill(_ directory: RunDirectory, _ manifest: RunManifest) throws {
    try RunDirectory.create(directory.path)
    unlink(directory.cancelPath)
    let store = try RunStore.open(directory.databasePath)
    try store.transition(to: .queued, at: Clocks.wall())
    try store.beginAttempt(supervisor: ProcessTable.current(), at: Clocks.wall(), uptime: Clocks.uptime())
    try store.transition(to: .starting, at: Clocks.wall())
    // Last, since its presence makes the directory a run.
    try manifest.write(to: directory.manifestPath)
  }
}
