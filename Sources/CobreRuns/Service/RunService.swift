internal import CobreBase
package import CobreCase
package import CobreCommunication
internal import CobreEngine
internal import Synchronization

/// Starts runs and reports on them.
///
/// All its answers are read from the runs directory.
///
/// Any number of services, in any number of processes, may work on one runs directory. All methods may be called from
/// any thread. They block for file and process work, `wait` up to its deadline.
package final class RunService: Sendable {
  package let runsDirectory: String
  package let workerExecutable: String
  package let limits: RunLimits
  /// Where the cases of runs may be.
  package let caseBounds: CaseBounds
  /// Whether nothing is started, changed or written, not even for reading.
  package let isReadOnly: Bool
  let prober: BackendProber
  /// Many calls at once ask for the same run.
  private let looks = CoalescedRead<RunSnapshot?>()
  private let watches = RunWatches()
  private let keptIndex: CachedIndex
  /// Runs of which this process knows that the index has them.
  private let known = Mutex<Set<String>>([])

  /// - Parameters:
  ///   - runsDirectory: created on first use, with mode 0700.
  ///   - workerExecutable: path of `cobre-worker`.
  ///   - limits: what this service grants. Other services on the same directory may grant other limits.
  ///   - caseBounds: where the cases of runs may be.
  ///   - isReadOnly: whether nothing is started, changed or written.
  package init(
    runsDirectory: String, workerExecutable: String, limits: RunLimits = RunLimits(),
    caseBounds: CaseBounds = .anywhere, isReadOnly: Bool = false
  ) {
    self.caseBounds = caseBounds
    self.isReadOnly = isReadOnly
    self.runsDirectory = runsDirectory
    self.workerExecutable = workerExecutable
    self.limits = limits
    prober = BackendProber(worker: workerExecutable)
    keptIndex = CachedIndex(path: RunsIndex.path(in: runsDirectory))
  }

  /// The run with that id, or the newest run.
  ///
  /// `nil` if there is none.
  ///
  /// Throws `RunError` for a malformed id, and if the run's files cannot be read.
  package func snapshot(runID: String?) throws -> RunSnapshot? {
    try looks(runID.map { "run \($0)" } ?? "newest") { try look(at: runID) }
  }

  private func look(at runID: String?) throws -> RunSnapshot? {
    let found = try runID.map { try existing($0) } ?? ids(limit: 1).first.map { directory($0) }
    guard let found else { return nil }
    let snapshot = try RunSnapshot.read(found)
    guard snapshot.state == .queued, !isReadOnly else { return snapshot }
    // A caller that reads a queued run also moves the queue.
    let obstacle = moveQueue()
    return try RunSnapshot.read(found).warning(obstacle)
  }

  /// All runs, newest first.
  ///
  /// A run whose files cannot be read is left out.
  ///
  /// - Parameters:
  ///   - limit: the most runs.
  ///   - report: called with a message for each existing run that is left out.
  /// - Returns: the others.
  /// - Throws: `RunError`.
  package func list(limit: Int = 100, report: (String) -> Void = { _ in }) throws -> [RunSnapshot] {
    for sentence in try strays() { report(sentence) }
    return try ids(limit: limit).compactMap { runID in
      let directory = directory(runID)
      do {
        return try RunSnapshot.read(directory, logLines: 0)
      } catch {
        // A missing run was deleted, in whatever way.
        if directory.exists {
          report("Run \(runID) is left out: \((error as? RunError)?.message ?? String(describing: error))")
        }
        return nil
      }
    }
  }

  /// The newest runs of a case, and those that go on; reads no other run.
  ///
  /// - Parameters:
  ///   - caseDirectory: resolved.
  ///   - limit: of runs that have ended.
  /// - Returns: the runs, newest first, those left out that cannot be read.
  /// - Throws: `RunError` where the index cannot be read.
  package func list(ofCase caseDirectory: String, limit: Int) throws -> [RunSnapshot] {
    try indexForLooking()?.runs(ofCase: caseDirectory, limit: limit).compactMap {
      try? RunSnapshot.read(directory($0), logLines: 0)
    } ?? []
  }

  /// The iterations after `iteration`, in order, at most `points` of them, evenly chosen.
  package func convergence(runID: String, since iteration: Int = 0, points: Int = .max) throws -> [ConvergenceRow] {
    try required(runID).openStore().convergence(since: iteration, points: points)
  }

  /// Waits until the run has ended, the deadline has passed or `isCancelled` returns true, whichever comes first.
  ///
  /// - Parameters:
  ///   - runID: the run.
  ///   - known: what the caller knows of it already.
  ///   - deadline: when to give up.
  ///   - isCancelled: asked several times a second.
  ///   - observe: called with a fresh snapshot whenever the run has made progress.
  /// - Returns: the last snapshot.
  /// - Throws: `RunError` for an unknown run, and if its files cannot be read.
  package func wait(
    runID: String, from known: RunSnapshot? = nil, until deadline: ContinuousClock.Instant,
    isCancelled: () -> Bool = { false }, observe: (RunSnapshot) -> Void = { _ in }
  ) throws -> RunSnapshot {
    let directory = try required(runID)
    return try watches.watch(over: directory).wait(
      from: known ?? RunSnapshot.read(directory), until: deadline, isCancelled: isCancelled,
      moveQueue: { self.moveQueue() }, observe: observe)
  }

  /// How long iterations are left to gather before one who follows a run gets them, in seconds.
  ///
  /// Iterations may take less time than reading what the run has stored, and the ranks need the processors.
  private static let gathering = 0.1

  /// What is new of a run, for a caller that follows it to its end by asking again and again.
  ///
  /// The run's database stays open meanwhile, so that following costs the ranks as little as waiting for the end.
  ///
  /// - Parameters:
  ///   - runID: the run.
  ///   - iteration: the last one that the caller knows. Where there are later ones already, those of a tenth of a
  ///     second
  ///     come together.
  ///   - deadline: when to answer though nothing is new.
  /// - Returns: the run and its iterations after that one, in order.
  /// - Throws: `RunError` for an unknown run, and if its files cannot be read.
  package func news(
    of runID: String, after iteration: Int, until deadline: ContinuousClock.Instant
  ) throws -> (snapshot: RunSnapshot, rows: [ConvergenceRow]) {
    let directory = try required(runID)
    let watch = try watches.keptWatch(over: directory)
    var isOver = true
    defer { if isOver { watches.release(directory) } else { watches.left(directory) } }
    let known = try watch.lastSeen ?? RunSnapshot.read(directory)
    let isKnown = known.iteration > iteration
    var isNew = isKnown
    let snapshot = try watch.wait(
      from: known, until: isKnown ? min(deadline, .now + .seconds(Self.gathering)) : deadline,
      isCancelled: { isNew && !isKnown }, moveQueue: { self.moveQueue() },
      observe: { isNew = $0.iteration > iteration })
    isOver = snapshot.state.isFinal
    return (snapshot, try watch.convergence(since: max(0, iteration)))
  }

  /// Ends the following of a run by `news`, whose database is closed again.
  ///
  /// Without it that happens at a later call of `news` or of this.
  ///
  /// - Parameter runID: the run, or nil for those alone that have not been asked for in a while.
  package func unfollow(_ runID: String?) {
    if let runID, let directory = try? required(runID) { watches.release(directory) }
    watches.releaseIdle()
  }

  /// Runs that are followed and whose databases are open for it.
  package var followedRuns: Int { watches.keptCount }

  /// Asks a run to stop at the end of its iteration.
  ///
  /// Returns at once. The policy of the run is kept. A run that has ended already is not changed.
  package func cancel(runID: String) throws -> RunSnapshot {
    try requireWriting()
    let directory = try required(runID)
    let snapshot = try RunSnapshot.read(directory)
    guard !snapshot.state.isFinal else { return snapshot }
    try directory.requestCancel()
    // A queued run has no process that could obey.
    if snapshot.state == .queued { try index().locked { try settleIfWaiting(directory) } }
    return try RunSnapshot.read(directory)
  }

  /// Backend for requests that say `auto`.
  ///
  /// Kept in the runs directory; `auto` where nothing may be written there.
  package func defaultBackend() throws -> RequestedBackend {
    guard !isReadOnly, let index = try indexForLooking(), let text = try index.setting("default_backend") else {
      return .auto
    }
    return RequestedBackend(rawValue: text) ?? .auto
  }

  package func setDefaultBackend(_ backend: RequestedBackend) throws {
    try requireWriting()
    try index().setSetting("default_backend", to: backend.rawValue)
  }
}

extension RunService {
  func directory(_ runID: String) -> RunDirectory {
    var directory = RunDirectory(runsDirectory: runsDirectory, runID: runID)
    directory.isReadOnly = isReadOnly
    return directory
  }

  /// Throws where this service must not change anything.
  func requireWriting() throws {
    guard isReadOnly else { return }
    throw RunError(.limit, "This server was started with --read-only: it starts, changes and removes nothing.")
  }

  /// The index of the runs directory, which is created if it is missing.
  func index() throws -> RunsIndex {
    try Disk.createDirectory(runsDirectory)
    return try RunsIndex(runsDirectory: runsDirectory)
  }

  /// The index if there is a runs directory.
  ///
  /// Reading must not create one.
  func existingIndex() throws -> RunsIndex? {
    FilePath.resolve(runsDirectory) == nil ? nil : try RunsIndex(runsDirectory: runsDirectory)
  }

  /// The same for callers that only read.
  func indexForLooking() throws -> RunsIndex? {
    guard FilePath.resolve(runsDirectory) != nil else { return nil }
    return try keptIndex.index { try RunsIndex(runsDirectory: runsDirectory) }
  }

  /// Ids of the newest runs, newest first.
  package func ids(limit: Int) throws -> [String] {
    do {
      // Reading creates and repairs the index.
      if !isReadOnly {
        try adoptStrangers()
        return Array(try indexForLooking()?.runs().prefix(max(0, limit)) ?? [])
      }
    } catch let error as RunError where error.code == .storage {
      // On a full disk, for example, SQLite cannot even read. The runs themselves contain the same data.
    }
    return try RunsIndex.manifests(in: runsDirectory).reversed().prefix(max(0, limit)).map(\.runID)
  }

  /// The directory of a run.
  ///
  /// `nil` if there is none with that id.
  private func existing(_ runID: String) throws -> RunDirectory? {
    guard RunIdentifier.isValid(runID) else { return directory(try identify(runID)) }
    let directory = directory(runID)
    guard directory.exists else { return nil }
    try admit(directory, runID)
    return directory
  }

  func isKnown(_ runID: String) -> Bool { known.withLock { $0.contains(runID) } }

  func remember(_ runID: String) { known.withLock { _ = $0.insert(runID) } }

  /// The id of the run that a caller names by its id or by its name.
  ///
  /// - Throws: `RunError` if the text is no id and no run has that name.
  package func identify(_ text: String) throws -> String {
    if RunIdentifier.isValid(text) { return text }
    if RunIdentifier.isValidName(text) {
      if !isReadOnly, let found = try? indexForLooking()?.run(named: text) { return found }
      // The requests of the runs contain the same data as an index that cannot be read.
      let found = try RunsIndex.manifests(in: runsDirectory).last { $0.request.runName == text }
      if let found, directory(found.runID).exists { return found.runID }
    }
    if RunIdentifier.isValidName(text),
      let manifest = try? RunManifest.read(from: runsDirectory + "/" + text + "/run.json"),
      let reason = misplacement(of: manifest, in: text)
    {
      throw RunError(.wrongState, reason)
    }
    let names = try RunsIndex.manifests(in: runsDirectory).reversed().compactMap(\.request.runName).prefix(10)
    throw RunError(
      .unknownRun,
      "No run has the id or the name \(quoted(text)). An id is written run_ and 26 letters or digits, as `train` returned it; "
        + (names.isEmpty ? "no run has a name." : "names of runs are \(names.joined(separator: ", "))."))
  }

  func required(_ runID: String) throws -> RunDirectory {
    guard let directory = try existing(runID) else {
      throw RunError(.unknownRun, "There is no run \(runID) in \(runsDirectory). `list_runs` shows those there are.")
    }
    return directory
  }

  /// Text from a caller, made safe for a message.
  func quoted(_ text: String) -> String { "\"" + LogTail.sanitized(text.utf8.prefix(80)) + "\"" }
}
