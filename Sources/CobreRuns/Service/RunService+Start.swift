internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Glibc

extension RunService {
  /// Starts a run in its own processes, or finds the run that an equal request of the same name started.
  ///
  /// - Parameters:
  ///   - asked: what to compute.
  ///   - beforeChange: called when everything is known and nothing is written yet.
  /// - Returns: the run, and whether it is new.
  /// - Throws: `RunError`, and what `beforeChange` throws. A case that cannot be read throws `InvalidCaseError` (with
  ///   all findings), before anything is written and any process is started.
  package func start(
    _ asked: RunRequest, beforeChange: () throws -> Void = {}
  ) throws -> (snapshot: RunSnapshot, created: Bool) {
    try requireWriting()
    try asked.check()
    let asked = try continuing(asked)
    if let workers = asked.workers, workers > limits.workers {
      throw RunError(
        .limit, "`num_workers` may be at most \(limits.workers) on this server; \(workers) was given.")
    }
    let threads = asked.threadsPerWorker ?? 1
    let workers = asked.workers ?? asked.hosts.map(HostList.defaultWorkers) ?? 1
    if workers * threads > limits.workers {
      throw RunError(
        .limit,
        "`num_workers` times `threads_per_worker` may be at most \(limits.workers) on this server; "
          + "\(workers) × \(threads) was given.")
    }
    var request = asked
    request.caseDirectory = FilePath.resolve(asked.caseDirectory) ?? asked.caseDirectory
    if let existing = try existingRun(for: request) { return (existing, false) }

    let manifest = try manifest(for: request)
    let directory = directory(manifest.runID)
    try beforeChange()
    let holder = try index().enter(
      runID: manifest.runID, name: request.runName, createdAt: manifest.createdAt,
      caseDirectory: request.caseDirectory,
      create: { try Self.create(directory, manifest) })
    if holder != nil {
      // Another server was quicker with the same name.
      guard let existing = try existingRun(for: request) else {
        throw RunError(.storage, "The run named \(request.runName ?? "") vanished while it was looked at. Try again.")
      }
      return (existing, false)
    }
    try startQueued()
    try prune()
    return (try RunSnapshot.read(directory), true)
  }

  /// The run of the request's name, if there is one and it was started by an equal request.
  private func existingRun(for request: RunRequest) throws -> RunSnapshot? {
    guard let name = request.runName, let runID = try indexForLooking()?.run(named: name) else { return nil }
    let directory = directory(runID)
    let manifest = try RunManifest.read(from: directory.manifestPath)
    let differences = request.differences(from: manifest.request)
    guard differences.isEmpty else {
      throw RunError(
        .nameTaken,
        "The name \"\(name)\" belongs to run \(runID), whose request differs in \(differences.joined(separator: ", ")). "
          + "Choose another `run_name`, or repeat that request.")
    }
    return try RunSnapshot.read(directory)
  }

  /// Puts a run that the calling process computes itself into the runs directory.
  ///
  /// - Parameters:
  ///   - manifest: of the run.
  ///   - create: makes its files. The run must count as started when it returns, or a server would start it again.
  /// - Returns: its directory.
  /// - Throws: `RunError`, also where another run has its name.
  func enter(_ manifest: RunManifest, create: (RunDirectory) throws -> Void) throws -> RunDirectory {
    try requireWriting()
    let directory = directory(manifest.runID)
    let holder = try index().enter(
      runID: manifest.runID, name: manifest.request.runName, createdAt: manifest.createdAt,
      caseDirectory: manifest.request.caseDirectory,
      create: { try create(directory) })
    if let holder {
      throw RunError(
        .nameTaken,
        "The name \"\(manifest.request.runName ?? "")\" belongs to run \(holder). Choose another `run_name`.")
    }
    return directory
  }

  /// A request with the id of the run that it names, whose case it takes where it has none of its own.
  func continuing(_ asked: RunRequest) throws -> RunRequest {
    guard let named = asked.continuedRun else { return asked }
    var request = asked
    let source = try identify(named)
    request.continuedRun = source
    if request.caseDirectory.isEmpty {
      let before = try manifest(runID: source)
      request.caseDirectory = before.request.caseDirectory
      request.caseEdits = request.caseEdits ?? before.caseEdits
    }
    return request
  }

  /// Where policies that a case names may be: policies of other runs are allowed as well as policies next to the cases.
  var policyRoots: [String]? {
    caseBounds.roots.map { $0 + [FilePath.resolve(runsDirectory) ?? runsDirectory] }
  }

  /// What a request comes to on a case, with what this service adds.
  func settings(for request: RunRequest, _ input: CaseInput) throws -> RunSettings {
    var settings = RunSettings(request, configuration: input.study.configuration)
    settings.caseRoots = caseBounds.roots
    settings.policyRoots = policyRoots
    if let source = request.policyRun {
      settings.policy = try simulatedPolicy(of: source, for: request, input)
      // No training, so no iterations.
      settings.iterations = 0
    }
    settings.serverLimitSeconds = limits.secondsPerRun
    if let source = request.continuedRun {
      try ContinuationSource(try required(source)).complete(&settings, request, input)
    }
    return settings
  }

  private func manifest(for asked: RunRequest) throws -> RunManifest {
    let budget = asked.hasBudget ? try decide(asked) : nil
    let input = try CaseInput(asked, budget: budget, bounds: caseBounds)
    let request = budget?.applied(to: asked) ?? asked
    try request.check(against: input.study)
    var settings = try settings(for: request, input)
    settings.budget = budget
    let report = try select(
      backend: request.backend, workers: request.workers ?? request.hosts.map(HostList.defaultWorkers),
      threads: settings.threads,
      forwardPasses: request.policyRun == nil ? settings.forwardPasses : settings.simulateScenarios, thorough: false)
    guard let chosen = report.entries.first(where: { $0.chosen }), chosen.usable else {
      throw RunError(.backend, report.reason)
    }
    var manifest = RunManifest(
      runID: RunIdentifier.make(), createdAt: Clocks.wall(), engineVersion: engineVersion, request: asked,
      caseHash: input.hash.text, settings: settings, backend: report.chosen, backendReason: report.reason,
      workers: report.workers, warnings: input.warnings + (budget?.notes ?? []))
    manifest.bounds = BoundKind(input.study)
    manifest.trainingHash = input.trainingHash.text
    return manifest
  }

  /// Makes the files of a new run, whatever fails, no half a run remains.
  private static func create(_ directory: RunDirectory, _ manifest: RunManifest) throws {
    try Disk.createDirectory(directory.path)
    do {
      try RunStore.open(directory.databasePath).transition(to: .queued, at: Clocks.wall())
      // Last, since its presence makes the directory a run.
      try manifest.write(to: directory.manifestPath)
    } catch {
      // Files without a request are not a run. The error to report is why the run could not be created.
      try? directory.remove()
      throw error
    }
  }
}
