internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Foundation

extension RunService {
  /// Continues an interrupted, failed or cancelled run from its last completed iteration.
  ///
  /// - Parameters:
  ///   - text: id or name of the run.
  ///   - beforeChange: called when the case is known to be the same and nothing is written yet.
  /// - Returns: the run.
  /// - Throws: `RunError` if its state does not allow that, or if the case has changed since, and what `beforeChange`
  ///   throws.
  package func resume(runID text: String, beforeChange: () throws -> Void = {}) throws -> RunSnapshot {
    try requireWriting()
    let runID = try identify(text)
    let directory = try required(runID)
    var manifest = try RunManifest.read(from: directory.manifestPath)
    let (places, overflow) = manifest.workers.multipliedReportingOverflow(by: manifest.settings.threads)
    guard !overflow, places <= limits.workers else {
      throw RunError(
        .limit,
        "Run \(runID) was created with \(manifest.workers) workers of \(manifest.settings.threads) threads; this server "
          + "grants \(limits.workers) in all (--max-workers). Resume it from a server that grants more.")
    }
    let files = manifest.caseFiles(bounds: caseBounds)
    // A file that cannot be read is not known to have changed.
    if let (file, reason) = files.failures.min(by: { $0.key < $1.key }) {
      throw RunError(
        .invalidCase,
        "The case \(manifest.request.caseDirectory) of run \(runID) cannot be read by this server"
          + "\(file.isEmpty ? "" : " (\(file))"). \(reason) Put its files back, or start the server with --allow-dir for "
          + "its directory.")
    }
    guard CaseInput.hash(of: files).text == manifest.caseHash else {
      throw RunError(
        .wrongState,
        "The files of the case \(manifest.request.caseDirectory) have changed since run \(runID) was created. Put "
          + "them back, or start a new run.")
    }
    try beforeChange()
    let index = try index()
    try index.locked {
      let state = try RunSnapshot.read(directory, manifest: manifest, store: directory.openStore(), logLines: 0).state
      guard state == .interrupted || state == .failed || state == .cancelled else {
        throw RunError(.wrongState, Self.refusal(manifest, state))
      }
      // What ranks were started by hand for has no bounds of its own; here it gets those of this service.
      if manifest.settings.caseRoots == nil, let roots = caseBounds.roots {
        try bound(&manifest, by: roots)
        try manifest.write(to: directory.manifestPath)
      }
      unlink(directory.cancelPath)
      let store = try RunStore.open(directory.databasePath)
      if let supervisor = try store.record().supervisor { removeLeftovers(of: supervisor) }
      try store.enqueue(at: Clocks.wall())
      try index.adopt(manifest)
      try index.setActive(runID, true)
    }
    try startQueued()
    return try RunSnapshot.read(directory)
  }

  /// Gives a run the bounds of this service.
  ///
  /// - Throws: `RunError` where it reads another run that lies outside of them.
  private func bound(_ manifest: inout RunManifest, by roots: [String]) throws {
    let allowed = policyRoots ?? roots
    for path in [manifest.settings.policy?.path, manifest.settings.continuation?.path].compactMap({ $0 }) {
      guard let resolved = FilePath.resolve(path), allowed.contains(where: { resolved.hasPrefix($0 + "/") }) else {
        throw RunError(
          .limit,
          "Run \(manifest.runID) reads \(path), which is not there or which this server does not allow. Put it into the runs "
            + "directory, or start the server with --allow-dir for its directory.")
      }
    }
    manifest.settings.caseRoots = roots
    manifest.settings.policyRoots = policyRoots
  }

  /// Why a run in some state is not resumed, and what to do in its place.
  private static func refusal(_ manifest: RunManifest, _ state: RunState) -> String {
    let runID = manifest.runID
    guard state == .succeeded else {
      return "Run \(runID) is \(state.rawValue): it is computed already. Call `status` to follow it."
    }
    guard manifest.settings.policy == nil else {
      return "Run \(runID) has ended and there is nothing left to resume. To simulate other scenarios, call `simulate` "
        + "again."
    }
    return "Run \(runID) has ended and there is nothing left to resume. To train on, call `train` with `continue_from` "
      + "\"\(runID)\" and `iterations` above \(manifest.settings.iterations)."
  }
}
