internal import CobreBase
internal import CobreCase
internal import CobreCommunication
internal import CobreEngine
internal import Glibc

/// Where the files of a direct run are, and what it computes by them.
extension DirectRun {
  /// What a run computes, before its ranks have met.
  struct Plan {
    var request: RunRequest
    var settings: RunSettings
    var input: CaseInput
  }

  /// What this rank is to compute: what was asked for, or what the run in the directory was made for.
  ///
  /// - Throws: `RunError`, `RankFailure` and `InvalidCaseError` for what is known to be impossible before anything is
  ///   begun.
  func plan() throws -> Plan {
    try request.check()
    if case .existing(let directory) = home { return try plan(goingOnIn: directory) }
    var request = try named(request)
    request.caseDirectory = FilePath.resolve(request.caseDirectory) ?? request.caseDirectory
    var budget: BudgetDecision?
    if request.hasBudget {
      // How many ranks there are is for their launcher to say.
      var one = request
      one.workers = one.workers ?? 1
      budget = try BudgetDecision(fitting: one, bounds: caseBounds)
    }
    let input = try CaseInput(request, budget: budget, bounds: caseBounds)
    try request.check(against: input.study)
    var settings = try settings(for: budget?.applied(to: request) ?? request, input)
    settings.budget = budget
    // No supervisor minds the limit here.
    if let cap = settings.serverLimitSeconds {
      settings.timeLimitSeconds = min(settings.timeLimitSeconds ?? cap, cap)
    }
    return Plan(request: request, settings: settings, input: input)
  }

  private func plan(goingOnIn directory: RunDirectory) throws -> Plan {
    guard directory.exists else { throw directory.absence(" to resume") }
    let manifest = try RunManifest.read(from: directory.manifestPath)
    var settings = manifest.settings
    if let threads = request.threadsPerWorker { settings.threadsPerWorker = threads }
    let place = manifest.request.caseDirectory
    let files = manifest.caseFiles(bounds: settings.caseRoots.map { CaseBounds(under: $0) } ?? .anywhere)
    if let reason = files.failures[""] {
      throw RankFailure(rank: 0, kind: .invalidCase, message: "The case \(place) cannot be read. \(reason)")
    }
    guard CaseInput.hash(of: files).text == manifest.caseHash else {
      throw RankFailure(
        rank: 0, kind: .invalidCase,
        message:
          "The files of the case \(place) have changed since the run was created. Put them back, or go on from it with "
          + "`train --from` where stopping rules and simulation alone have changed.")
    }
    return Plan(request: manifest.request, settings: settings, input: try CaseInput(files, directory: place))
  }

  private var caseBounds: CaseBounds {
    if case .service(let service) = home { service.caseBounds } else { .anywhere }
  }

  private func settings(for request: RunRequest, _ input: CaseInput) throws -> RunSettings {
    if case .service(let service) = home { return try service.settings(for: request, input) }
    var settings = RunSettings(request, configuration: input.study.configuration)
    if let source = request.continuedRun {
      try ContinuationSource(RunDirectory(path: source)).complete(&settings, request, input)
    }
    if let source = request.policyRun {
      settings.policy = try RunService.simulatedPolicy(in: RunDirectory(path: source), for: request, input)
      settings.iterations = 0
    }
    return settings
  }

  /// The request with the runs that it names: their ids in a runs directory, or the paths of their directories.
  private func named(_ asked: RunRequest) throws -> RunRequest {
    if case .service(let service) = home { return try service.continuing(asked) }
    var request = asked
    request.continuedRun = try asked.continuedRun.map { try RunDirectory(named: $0, " to go on from").path }
    request.policyRun = try asked.policyRun.map { try RunDirectory(named: $0, " to go on from").path }
    guard let source = request.continuedRun ?? request.policyRun else { return request }
    let manifest = try ContinuationSource(RunDirectory(path: source)).manifest
    if request.caseDirectory.isEmpty {
      request.caseDirectory = manifest.request.caseDirectory
      request.caseEdits = request.caseEdits ?? manifest.caseEdits
    }
    // The opening tree of a simulation is that of the policy.
    if request.policyRun != nil { request.seed = manifest.settings.seed }
    return request
  }

  /// Makes the directory of the run, or takes up the one that is there; on rank 0 alone.
  func enter(_ plan: Plan, _ group: any Communicator) throws -> (RunDirectory, runID: String) {
    if case .existing(let directory) = home { return (directory, try reopen(directory)) }
    let runID = RunIdentifier.make()
    var manifest = RunManifest(
      runID: runID, createdAt: Clocks.wall(), engineVersion: engineVersion, request: plan.request,
      caseHash: plan.input.hash.text, settings: plan.settings, backend: group.backend.rawValue,
      backendReason: "The ranks were started by hand, by a launcher or by a program that contains the engine.",
      workers: group.size, warnings: plan.input.warnings + (plan.settings.budget?.notes ?? []))
    manifest.bounds = BoundKind(plan.input.study)
    manifest.trainingHash = plan.input.trainingHash.text
    if case .service(let service) = home { return (try service.enter(manifest) { try fill($0, manifest) }, runID) }
    guard case .directory(let path) = home else { throw RunError(.storage, "The run has no directory.") }
    let directory = RunDirectory(path: path)
    guard !directory.exists else {
      throw RunError(
        .wrongState,
        "The directory \(directory.path) holds a run already. Name another one with --output, or let that run go on with "
          + "cobre-worker resume.")
    }
    try fill(directory, manifest)
    return (directory, runID)
  }

  /// Creates the files of a run that this process is computing already.
  private func fill(_ directory: RunDirectory, _ manifest: RunManifest) throws {
    try Disk.createDirectory(directory.path)
    unlink(directory.cancelPath)
    try hold(directory)
    let store = try RunStore.open(directory.databasePath)
    try store.transition(to: .queued, at: Clocks.wall())
    try store.beginAttempt(supervisor: ProcessTable.current(), at: Clocks.wall(), uptime: Clocks.uptime())
    try store.transition(to: .starting, at: Clocks.wall())
    // Last, since its presence makes the directory a run.
    try manifest.write(to: directory.manifestPath)
  }

  /// Takes up a run whose processes are gone, and returns its id.
  private func reopen(_ directory: RunDirectory) throws -> String {
    let run = try RunSnapshot.read(directory, logLines: 0)
    switch run.state {
    case .interrupted, .failed, .cancelled, .queued: break
    case .succeeded:
      throw RunError(
        .wrongState,
        "Run \(run.runID) has ended and there is nothing left to resume. To train on, use cobre-worker train --from "
          + "\(directory.path) with more iterations.")
    case .starting, .running, .cancelling:
      throw RunError(.wrongState, "Run \(run.runID) is \(run.state.rawValue): other processes compute it.")
    }
    try hold(directory)
    unlink(directory.cancelPath)
    let store = try RunStore.open(directory.databasePath)
    if let before = try store.record().supervisor, ProcessTable.isAlive(before) == false {
      SharedMemoryNames.remove(madeBy: before.pid, start: before.start)
    }
    try store.enqueue(at: Clocks.wall())
    try store.beginAttempt(supervisor: ProcessTable.current(), at: Clocks.wall(), uptime: Clocks.uptime())
    try store.transition(to: .starting, at: Clocks.wall())
    return run.runID
  }
}
