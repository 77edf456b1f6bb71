internal import CobreBase
internal import CobreEngine

/// A run that has ended and whose training another run goes on with, as it was when the other one was created.
package struct ContinuedRun: Codable, Sendable, Equatable {
  package var run: String
  /// Its directory.
  package var path: String
  /// Iterations that it had completed.
  package var iteration: Int
  /// What the clock of its training showed, in s.
  package var elapsedSeconds: Double
  /// Whether LPs may start from where they ended there: solver and number of trajectories are the same.
  package var keepsStarts: Bool

  /// Copies the training into the database of the run that goes on, unless it is there already.
  ///
  /// - Throws: `RankFailure` where the other run is gone, `RunError` where it cannot be read.
  func takeOver(into store: RunStore) throws {
    guard try store.lastIteration() == nil else { return }
    let directory = RunDirectory(path: path)
    guard directory.exists else {
      throw RankFailure(
        rank: 0, kind: .invalidCase,
        message:
          "The run \(run) to go on from is no longer at \(path). Put it back and resume this run, or train from the "
          + "beginning.")
    }
    let source = try directory.openStore()
    // Reads the whole once more, so that nothing damaged is gone on from.
    guard let checkpoint = try source.latestCheckpoint() else { throw ContinuationSource.nothingDone(run) }
    try store.copyTraining(of: source, upTo: checkpoint.iteration)
    if checkpoint.iteration < iteration {
      try store.addEvent(
        level: "warning",
        message:
          "The run \(run) had completed \(iteration) iterations, of which the last is damaged: it goes on from iteration "
          + "\(checkpoint.iteration).",
        at: Clocks.wall())
    }
  }
}

/// A run that is asked for as the beginning of another one.
struct ContinuationSource {
  let directory: RunDirectory
  let manifest: RunManifest

  /// - Throws: `RunError` where there is no run.
  init(_ directory: RunDirectory) throws {
    guard directory.exists else { throw directory.absence(" to go on from") }
    self.directory = directory
    manifest = try RunManifest.read(from: directory.manifestPath)
  }

  static func nothingDone(_ run: String) -> RunError {
    RunError(
      .wrongState, "Run \(run) has completed no iteration to go on from. Train without it, from the beginning.")
  }

  /// Puts into the settings of a run what it takes over, once it is known that it can.
  ///
  /// - Throws: `RunError` with a sentence where state, case or options do not allow it.
  func complete(_ settings: inout RunSettings, _ request: RunRequest, _ input: CaseInput) throws {
    let run = manifest.runID
    if let policy = manifest.settings.policy {
      throw RunError(
        .invalidRequest, "Run \(run) has trained nothing: it simulates the policy of run \(policy.run). Name that run.")
    }
    let snapshot = try RunSnapshot.read(directory, logLines: 0)
    guard snapshot.state.isFinal else {
      throw RunError(
        .wrongState,
        "Run \(run) is \(snapshot.state.rawValue); only a run that has ended can be gone on from. Wait for its end or cancel it."
      )
    }
    guard let last = try directory.openStore().lastIteration() else { throw Self.nothingDone(run) }
    try checkCase(input)
    if let seed = request.seed, seed != manifest.settings.seed {
      throw RunError(
        .invalidRequest,
        "`seed` cannot change in a continued run: the cuts of run \(run) belong to its scenario tree. Leave it out, or train "
          + "from the beginning.")
    }
    settings.seed = manifest.settings.seed
    if request.forwardPasses == nil { settings.forwardPasses = manifest.settings.forwardPasses }
    settings.take(request, before: manifest.settings)
    if request.solver == nil { settings.solver = manifest.settings.solver ?? .clp }
    guard settings.iterations > last.iteration else {
      throw RunError(
        .invalidRequest,
        "Run \(run) has completed \(Figures.count(last.iteration, "iteration")), and `iterations`, which counts them too, is "
          + "\(settings.iterations)\(request.iterations == nil ? " in the case" : ""). Ask for more than \(last.iteration)."
      )
    }
    settings.continuation = ContinuedRun(
      run: run, path: FilePath.resolve(directory.path) ?? directory.path, iteration: last.iteration,
      elapsedSeconds: last.elapsedSeconds,
      keepsStarts: settings.forwardPasses == manifest.settings.forwardPasses
        && (settings.solver ?? .clp) == (manifest.settings.solver ?? .clp))
  }

  private func checkCase(_ input: CaseInput) throws {
    guard manifest.caseHash != input.hash.text else { return }
    guard let known = manifest.trainingHash, known == input.trainingHash.text else {
      throw RunError(
        .wrongState,
        "The files of the case are not those that run \(manifest.runID) was trained on, and its cuts may be wrong for them. Only "
          + "stopping rules, simulation and exports of config.json may differ. Put the files back, or train from the beginning; "
          + "`policy.mode` \"warm_start\" in config.json takes over cuts at your own risk.")
    }
  }
}
