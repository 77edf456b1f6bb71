internal import Foundation

extension RunService {
  /// Continues an interrupted, failed or cancelled run from its last completed iteration.
  ///
  /// Throws `RunError` if its state does not allow that, or if the case has changed since.
  package func resume(runID text: String) throws -> RunSnapshot {
    try requireWriting()
    let runID = try identify(text)
    let directory = try required(runID)
    let manifest = try RunManifest.read(from: directory.manifestPath)
    let (places, overflow) = manifest.workers.multipliedReportingOverflow(by: manifest.settings.threads)
    guard !overflow, places <= limits.workers else {
      throw RunError(
        .limit,
        "Run \(runID) was created with \(manifest.workers) workers of \(manifest.settings.threads) threads; this server "
          + "grants \(limits.workers) in all (--max-workers). Resume it from a server that grants more.")
    }
    let files = CaseFiles(directory: manifest.request.caseDirectory, bounds: caseBounds)
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
    let index = try index()
    try index.locked {
      let state = try RunSnapshot.read(directory, manifest: manifest, store: directory.openStore(), logLines: 0).state
      guard state == .interrupted || state == .failed || state == .cancelled else {
        throw RunError(
          .wrongState,
          "Run \(runID) is \(state.rawValue). Runs that were interrupted, cancelled or have failed can be resumed.")
      }
      unlink(directory.cancelPath)
      let store = try RunStore.open(directory.databasePath)
      if let supervisor = try store.record().supervisor { removeLeftovers(of: supervisor) }
      try store.enqueue(at: Clocks.wall())
      try index.setActive(runID, true)
    }
    try startQueued()
    return try RunSnapshot.read(directory)
  }
}
